//! One run of a rollout: who takes part, what is known, and how patient it is.

use std::future::Future;

use firmdrop_core::{DeliveryEvents, Note, NoteKind};
use firmdrop_net::retry::{Decision, Idempotency, Patience};
use tokio::time::Duration;
use tokio_util::sync::CancellationToken;

use super::{RolloutError, RolloutFact, RolloutKept, RolloutRecord, RolloutState};
use crate::pelion::{Campaign, Pelion, PelionError};

pub(super) struct Conversation<'a> {
    pub(super) pelion: &'a Pelion,
    pub(super) events: &'a dyn DeliveryEvents,
    pub(super) state: RolloutState,
    record: &'a dyn RolloutRecord,
    cancel: &'a CancellationToken,
    patience: Patience,
}

impl<'a> Conversation<'a> {
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
            cancel,
            patience: Patience::new(pelion.retry),
        }
    }

    /// Writes a fact down and takes it over.
    pub(super) fn learn(&mut self, fact: &RolloutFact) -> Result<(), RolloutError> {
        let written = self.record.rollout(fact);
        written.map_err(|source| RolloutError::Record {
            source,
            kept: self.kept(),
        })?;
        self.state.learn(fact);
        Ok(())
    }

    /// What the service holds, as far as it is known.
    pub(super) fn kept(&self) -> RolloutKept {
        RolloutKept::of(&self.state)
    }

    pub(super) fn note(&self, kind: NoteKind, text: impl Into<String>, detail: impl Into<String>) {
        self.events.note(Note::new(kind, text).detail(detail));
    }

    /// Waits for `work` unless a person stops it; then the work is dropped.
    pub(super) async fn unless_stopped<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<T, RolloutError> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(RolloutError::Stopped { kept: self.kept() }),
            done = work => Ok(done),
        }
    }

    pub(super) async fn rest(&self, pause: Duration) -> Result<(), RolloutError> {
        self.unless_stopped(tokio::time::sleep(pause)).await
    }

    /// Asks something that does no harm when asked twice, until there is an answer, a final
    /// refusal or no patience left.
    pub(super) async fn ask<T, F, Answer>(&mut self, question: F) -> Result<T, RolloutError>
    where
        F: Fn(&'a Pelion) -> Answer,
        Answer: Future<Output = Result<T, PelionError>>,
    {
        loop {
            match self.unless_stopped(question(self.pelion)).await? {
                Ok(answer) => {
                    self.patience.progressed();
                    return Ok(answer);
                }
                Err(error) => match error.decision(Idempotency::Repeatable) {
                    Decision::Again | Decision::AskFirst => self.pause(error).await?,
                    Decision::Final => return Err(self.failed(error)),
                },
            }
        }
    }

    /// Asks once for something that must not happen twice. `None`: whether it happened is not
    /// known, or it surely did not; the service has to be asked before it is tried again.
    pub(super) async fn ask_once<T>(
        &mut self,
        question: impl Future<Output = Result<T, PelionError>>,
    ) -> Result<Option<T>, RolloutError> {
        match self.unless_stopped(question).await? {
            Ok(answer) => {
                self.patience.progressed();
                Ok(Some(answer))
            }
            Err(error) => match error.decision(Idempotency::Once) {
                Decision::Again | Decision::AskFirst => self.pause(error).await.map(|()| None),
                Decision::Final => {
                    if matches!(error.status(), Some(400..=499)) {
                        self.learn(&RolloutFact::Refused)?;
                    }
                    Err(self.failed(error))
                }
            },
        }
    }

    /// Our campaign as it is now.
    pub(super) async fn campaign(&mut self, id: &str) -> Result<Campaign, RolloutError> {
        let asked = self.ask(|pelion| {
            let id = id.to_owned();
            async move { pelion.update_campaign(&id).await }
        });
        match asked.await {
            Err(RolloutError::Service { source, kept }) if source.status() == Some(404) => {
                Err(RolloutError::CampaignGone { source, kept })
            }
            answer => answer,
        }
    }

    /// Waits as long as the retry policy says, or fails when its time is over.
    pub(super) async fn pause(&mut self, error: PelionError) -> Result<(), RolloutError> {
        let failures = self.patience.failures();
        let Some(wait) = self.patience.next_wait(error.retry_after()) else {
            return Err(self.failed(error));
        };
        // The first, second, fourth, eighth … failure is worth a line.
        if (failures + 1).is_power_of_two() {
            let text = "Waiting before the next try";
            self.note(NoteKind::Retry, text, format!("{error}."));
        }
        self.rest(wait).await
    }

    pub(super) fn failed(&self, source: PelionError) -> RolloutError {
        RolloutError::Service {
            source: Box::new(source),
            kept: self.kept(),
        }
    }
}
