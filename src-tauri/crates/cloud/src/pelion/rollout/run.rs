//! One run of a rollout: who takes part, and what is known.

use std::future::Future;

use firmdrop_core::{DeliveryEvents, Note, NoteKind};
use firmdrop_net::retry::{Idempotency, RetryVerdict};
use tokio::time::Duration;
use tokio_util::sync::CancellationToken;

use super::{RolloutError, RolloutFact, RolloutRecord, RolloutRemote, RolloutState};
use crate::pelion::settle::{CheckTimes, Unanswered};
use crate::pelion::{Campaign, Page, Pelion, PelionError, changed_name};
use crate::session::{Ended, Failure as _, Session};

/// Pages that are read at most: a list that has no end must not occupy us for ever.
pub(super) const PAGES: usize = 40;

pub(super) struct Run<'a> {
    pub(super) pelion: &'a Pelion,
    pub(super) events: &'a dyn DeliveryEvents,
    pub(super) state: RolloutState,
    record: &'a dyn RolloutRecord,
    session: Session<'a>,
}

/// What became of a request that must not happen twice.
pub(super) enum Sent<T> {
    /// The service answered.
    Answered(T),
    /// Whether it was carried out is not known, or it surely was not. The service is asked as often
    /// as these say before it is sent again.
    NotKnown(CheckTimes),
    /// The service answered that it created it, in words that cannot be read. It is looked for as often as
    /// these say, and never sent again.
    Unreadable(CheckTimes, PelionError),
}

impl<'a> Run<'a> {
    pub(super) fn new(
        pelion: &'a Pelion,
        record: &'a dyn RolloutRecord,
        events: &'a dyn DeliveryEvents,
        cancel: &'a CancellationToken,
        state: RolloutState,
    ) -> Self {
        Self {
            pelion,
            events,
            state,
            record,
            session: Session::new(pelion.retry, cancel.clone(), Some(events)),
        }
    }

    /// Writes a fact down and takes it over.
    pub(super) async fn learn(&mut self, fact: &RolloutFact) -> Result<(), RolloutError> {
        let written = self.record.rollout(fact).await;
        written.map_err(|source| RolloutError::Record {
            source,
            held: self.held(),
        })?;
        self.state.learn(fact);
        Ok(())
    }

    /// What the service holds, as far as it is known.
    pub(super) fn held(&self) -> RolloutRemote {
        RolloutRemote::of(&self.state)
    }

    pub(super) fn note(&self, kind: NoteKind, text: impl Into<String>, detail: impl Into<String>) {
        self.events.note(Note::new(kind, text).detail(detail));
    }

    /// Waits for `work` unless a user stops it; then the work is dropped.
    pub(super) async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<T, RolloutError> {
        let done = self.session.unless_stopped(work).await;
        done.ok_or_else(|| self.stopped())
    }

    pub(super) async fn rest(&self, pause: Duration) -> Result<(), RolloutError> {
        self.unless_stopped(tokio::time::sleep(pause)).await
    }

    /// Repeats a request that changes nothing until it is answered, finally refused, or out of time.
    pub(super) async fn query<T, F, Exchange>(&mut self, request: F) -> Result<T, RolloutError>
    where
        F: Fn(&'a Pelion) -> Exchange,
        Exchange: Future<Output = Result<T, PelionError>>,
    {
        let pelion = self.pelion;
        match self.session.repeat(|| request(pelion)).await {
            Ok(answer) => {
                self.session.progressed();
                Ok(answer)
            }
            Err(ended) => Err(self.ended(ended)),
        }
    }

    /// Sends once what must not happen twice.
    pub(super) async fn send_once<T>(
        &mut self,
        request: impl Future<Output = Result<T, PelionError>>,
    ) -> Result<Sent<T>, RolloutError> {
        let error = match self.unless_stopped(request).await? {
            Ok(answer) => {
                self.session.progressed();
                return Ok(Sent::Answered(answer));
            }
            Err(error) if error.is_unreadable_receipt() => {
                let checks = self.pelion.settling.after(&error, 0);
                return Ok(Sent::Unreadable(checks, error));
            }
            Err(error) => error,
        };
        let verdict = error.verdict(Idempotency::Once);
        let checks = match verdict {
            RetryVerdict::Again => self.pelion.settling.left(None),
            RetryVerdict::AskFirst => self.pelion.settling.after(&error, 0),
            RetryVerdict::Final => {
                // A conflict may be with what went out before and was carried out after all.
                if matches!(error.status(), Some(400..=408 | 410..=499)) {
                    self.learn(&RolloutFact::Refused).await?;
                }
                return Err(self.failed(error));
            }
        };
        let is_answer = error.is_answer();
        let paused = self.session.pause(error).await;
        if paused.is_err() && is_answer && verdict == RetryVerdict::Again {
            // It was turned away before anything was done, and does not go out again.
            self.learn(&RolloutFact::Refused).await?;
        }
        paused.map_err(|ended| self.ended(ended))?;
        Ok(Sent::NotKnown(checks))
    }

    /// When to check for what may still be on its way; one check when nothing is.
    pub(super) fn checks_for(&self, attempted: bool) -> CheckTimes {
        let left = attempted.then_some(Unanswered {
            length_bytes: 0,
            ago: self.state.ago,
        });
        self.pelion.settling.left(left)
    }

    /// When to check for something whose id came from the service, after a first 404.
    pub(super) fn checks_for_named(&self) -> CheckTimes {
        self.pelion.settling.shown()
    }

    /// Waits for the next check. False when the last one was at the end of the time.
    pub(super) async fn wait_for_next_check(
        &self,
        checks: &mut CheckTimes,
    ) -> Result<bool, RolloutError> {
        let Some(wait) = checks.next_wait() else {
            return Ok(false);
        };
        if checks.is_first_wait() {
            let text = "Waiting for what the service may still be storing";
            self.note(NoteKind::Retry, text, "");
        }
        self.rest(wait).await.map(|()| true)
    }

    /// Repeats a request for something whose id came from the service. It may show it a little later only, so a 404
    /// counts once it has been repeated for some seconds.
    pub(super) async fn query_named<T, F, Exchange>(
        &mut self,
        request: F,
    ) -> Result<T, RolloutError>
    where
        F: Fn(&'a Pelion) -> Exchange,
        Exchange: Future<Output = Result<T, PelionError>>,
    {
        let mut checks = self.checks_for_named();
        loop {
            match self.query(&request).await {
                Err(RolloutError::Service { source, held }) if source.is_not_known() => {
                    if !self.wait_for_next_check(&mut checks).await? {
                        return Err(RolloutError::Service { source, held });
                    }
                }
                answer => return answer,
            }
        }
    }

    /// Our campaign as it is now.
    pub(super) async fn campaign(&mut self, id: &str) -> Result<Campaign, RolloutError> {
        let asked = self.query_named(|pelion| {
            let id = id.to_owned();
            async move { pelion.update_campaign(&id).await }
        });
        match asked.await {
            Err(RolloutError::Service { source, held }) if source.is_not_known() => {
                Err(RolloutError::CampaignGone { source, held })
            }
            answer => answer,
        }
    }

    /// Fails when the list has this name in an entry that cannot be read: it may be what we made.
    pub(super) fn readable<T>(
        &self,
        page: &Page<T>,
        name: &str,
        request: &str,
    ) -> Result<(), RolloutError> {
        if !page.hides(name) {
            return Ok(());
        }
        let why = format!("it lists \"{name}\" without an id that can be used");
        Err(self.failed(self.pelion.other_shape(request, why)))
    }

    /// Says under which name the service has what it was given under ours.
    pub(super) fn note_name(&self, ours: &str, theirs: &str) {
        if let Some(note) = changed_name::note(theirs, ours) {
            self.events.note(note);
        }
    }

    fn stopped(&self) -> RolloutError {
        RolloutError::Stopped { held: self.held() }
    }

    fn ended(&self, ended: Ended<PelionError>) -> RolloutError {
        match ended {
            Ended::Stopped => self.stopped(),
            Ended::Failed(error) => self.failed(error),
        }
    }

    pub(super) fn failed(&self, source: PelionError) -> RolloutError {
        RolloutError::Service {
            source: Box::new(source),
            held: self.held(),
        }
    }
}
