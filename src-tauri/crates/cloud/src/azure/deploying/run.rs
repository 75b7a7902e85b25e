//! One run of a deployment: count, start, watch.

use firmdrop_core::{DeliveryEvents, Note, NoteKind, Outcome};
use firmdrop_net::retry::{Idempotency, RetryVerdict};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::judge::{Reported, judge};
use super::reach::reach;
use super::{DeployError, DeployFact, DeployRecord, DeployRequest, DeployState, phases};
use crate::azure::{AzureError, DeploymentStatus, DeviceUpdate, NewDeployment};
use crate::session::{Ended, Failure as _, Session};

/// Deploys the update, or continues what an earlier run began.
///
/// Starts nothing unless exactly the confirmed number of devices matches. Ends *Verified* when every
/// device reported success. `cancel` ends the watching; the deployment itself continues.
#[expect(
    clippy::too_many_arguments,
    reason = "whom, what, from where, and three who watch: a struct would only hide them"
)]
pub async fn deploy(
    service: &DeviceUpdate,
    request: &DeployRequest,
    state: DeployState,
    record: &dyn DeployRecord,
    events: &dyn DeliveryEvents,
    cancel: &CancellationToken,
) -> Result<Outcome, DeployError> {
    let mut run = Run {
        service,
        request,
        state,
        record,
        events,
        session: Session::new(service.retry, cancel.clone(), Some(events)),
    };
    if !run.state.started {
        run.events.phase(phases::COUNT);
        if !(run.state.starting && run.is_there().await?) {
            run.count().await?;
            run.start().await?;
        }
        run.fact(DeployFact::Started).await?;
    }
    run.watch().await
}

/// Since when the service does not know something that it has or is given soon.
#[derive(Debug, Default)]
struct NotFoundSince(Option<Instant>);

struct Run<'a> {
    service: &'a DeviceUpdate,
    request: &'a DeployRequest,
    state: DeployState,
    record: &'a dyn DeployRecord,
    events: &'a dyn DeliveryEvents,
    session: Session<'a>,
}

impl Run<'_> {
    /// Whether the service has the deployment that an earlier run may have started. It may show it only a
    /// little later, so that a 404 counts when it is repeated.
    async fn is_there(&mut self) -> Result<bool, DeployError> {
        let (service, request) = (self.service, self.request);
        let mut shown = NotFoundSince::default();
        loop {
            let asked = self.session.repeat(|| async move {
                service
                    .deployment(&request.group, &request.deployment_id)
                    .await
            });
            match asked.await {
                Ok(deployment) => {
                    let subject = deployment.subject();
                    return Ok(subject.is_some_and(|update| update.is_same(&request.update.id)));
                }
                Err(Ended::Failed(error)) if error.is_not_found() => {
                    if !self.is_expected(&mut shown).await? {
                        self.fact(DeployFact::Refused).await?;
                        return Ok(false);
                    }
                }
                Err(ended) => return Err(self.ended(ended)),
            }
        }
    }

    /// Waits for the next look at something that the service does not know yet. False when it had time
    /// enough to show it.
    async fn is_expected(&self, shown: &mut NotFoundSince) -> Result<bool, DeployError> {
        let waits = self.request.waits;
        let since = shown.0.get_or_insert_with(Instant::now);
        if since.elapsed() >= waits.appears_within {
            return Ok(false);
        }
        let wait = tokio::time::sleep(waits.look.min(waits.appears_within / 8));
        let waited = self.session.unless_stopped(wait).await;
        waited.ok_or_else(|| self.stopped())?;
        Ok(true)
    }

    /// Refuses any other number of devices than the confirmed one.
    async fn count(&mut self) -> Result<(), DeployError> {
        let request = self.request;
        // One question of many does not end it: each is repeated, and all of them after a longer outage.
        let service = self.service.clone().alone();
        let now = loop {
            let counting = reach(&service, &request.group, &request.update);
            match self.session.unless_stopped(Box::pin(counting)).await {
                None => return Err(self.stopped()),
                Some(Ok(reached)) => break reached.matching(),
                Some(Err(DeployError::Service { source, .. })) if source.may_pass_later() => {
                    let paused = self.session.pause(*source).await;
                    paused.map_err(|ended| self.ended(ended))?;
                }
                Some(Err(error)) => return Err(error),
            }
        };
        if now == 0 {
            return Err(DeployError::NoDevices {
                group: request.group.clone(),
            });
        }
        if now != request.expected_devices {
            return Err(DeployError::CountChanged {
                now,
                confirmed: request.expected_devices,
            });
        }
        Ok(())
    }

    async fn start(&mut self) -> Result<(), DeployError> {
        self.events.phase(phases::START);
        let request = self.request;
        let new = NewDeployment {
            id: request.deployment_id.clone(),
            group: request.group.clone(),
            update: request.update.id.clone(),
            start: request.start.clone(),
            download_security: request.download_security,
            rollback: None,
        };
        let deployment_id = request.deployment_id.clone();
        self.fact(DeployFact::Starting { deployment_id }).await?;
        let mut shown = NotFoundSince::default();
        loop {
            // The id is ours: sent twice, it is one deployment.
            let sent = self
                .session
                .unless_stopped(self.service.put_deployment(&new))
                .await;
            let error = match sent {
                None => return Err(self.stopped()),
                Some(Ok(_)) => return Ok(()),
                Some(Err(error)) => error,
            };
            // An update that was imported a moment ago, or a group, is not known everywhere yet.
            if error.is_not_found() && self.is_expected(&mut shown).await? {
                continue;
            }
            match error.verdict(Idempotency::Repeatable) {
                RetryVerdict::Final => {
                    if error.is_answer() {
                        self.fact(DeployFact::Refused).await?;
                    }
                    return Err(self.failed(error));
                }
                RetryVerdict::Again | RetryVerdict::AskFirst => {
                    let paused = self.session.pause(error).await;
                    paused.map_err(|ended| self.ended(ended))?;
                }
            }
        }
    }

    async fn watch(&mut self) -> Result<Outcome, DeployError> {
        self.events.phase(phases::WATCH);
        let (service, request) = (self.service, self.request);
        let begin = Instant::now();
        let mut last: Option<DeploymentStatus> = None;
        let mut shown = NotFoundSince::default();
        loop {
            let asked = self.session.repeat(|| async move {
                service
                    .deployment_status(&request.group, &request.deployment_id)
                    .await
            });
            let status = match asked.await {
                Ok(status) => status,
                // It was started: one that is not shown is not shown yet, until that is repeated.
                Err(Ended::Failed(error)) if error.is_not_found() => {
                    if self.is_expected(&mut shown).await? {
                        continue;
                    }
                    return Err(self.failed(error));
                }
                Err(ended) => return Err(self.ended(ended)),
            };
            shown = NotFoundSince::default();
            self.session.progressed();
            if let Some(outcome) = judge(&status, request.expected_devices) {
                return Ok(outcome);
            }
            self.announce(last.as_ref(), &status);
            if begin.elapsed() >= request.waits.watch_within {
                return Err(DeployError::NotOver {
                    reported: Reported::of(&status).map(|reported| reported.in_words()),
                    left: self.left(),
                });
            }
            last = Some(status);
            let look = tokio::time::sleep(request.waits.look);
            let slept = self.session.unless_stopped(look).await;
            slept.ok_or_else(|| self.stopped())?;
        }
    }

    /// A line when the service's words or numbers changed.
    fn announce(&self, last: Option<&DeploymentStatus>, now: &DeploymentStatus) {
        let words = |status: &DeploymentStatus| {
            let reported = Reported::of(status).map(|reported| reported.in_words());
            (status.deployment_state.clone(), reported)
        };
        let (state, reported) = words(now);
        if last.map(words) == Some((state.clone(), reported.clone())) {
            return;
        }
        let reported = reported.unwrap_or_else(|| "devices are not counted".to_owned());
        let note = Note::new(NoteKind::Step, format!("The deployment is {state}"));
        self.events.note(note.detail(format!("{reported}.")));
    }

    async fn fact(&mut self, fact: DeployFact) -> Result<(), DeployError> {
        self.state.learn(&fact);
        let written = self.record.fact(fact).await;
        written.map_err(|source| DeployError::Record {
            source,
            left: self.left(),
        })
    }

    fn ended(&self, ended: Ended<AzureError>) -> DeployError {
        match ended {
            Ended::Stopped => self.stopped(),
            Ended::Failed(error) => self.failed(error),
        }
    }

    fn failed(&self, source: AzureError) -> DeployError {
        DeployError::Service {
            source: Box::new(source),
            left: self.left(),
            resumable: self.state.starting || self.state.started,
        }
    }

    fn stopped(&self) -> DeployError {
        DeployError::Stopped { left: self.left() }
    }

    fn left(&self) -> String {
        self.state.sentence(&self.request.deployment_id)
    }
}
