//! Waits until a reader accepted its first bytes, or refused them.
//!
//! A job that was not accepted in time is cancelled: nobody who hears of it as failed finds it done later.

use std::time::Duration;

use firmdrop_core::{Code, Diagnosis, Progress, Remedy};
use firmdrop_engine::{Change, ConfirmationAbout, Engine, JobId, JobState, Plan};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout, timeout_at};

use super::Firmdrop;
use super::load_firmware::{CheckedLoad, in_use};
use crate::{LoadBegun, LoadMessage, LoadRefusal};

/// How long a load that was cancelled at its deadline may take to stop, before its state is said to be unknown.
/// A loader stops between two requests, and a request is given up after some seconds.
const STOPS_WITHIN: Duration = Duration::from_secs(5);

/// What is known of a load before it is accepted.
enum Answer {
    Accepted,
    Refused(Diagnosis),
    /// A user stopped it elsewhere.
    Stopped(String),
    Open,
}

impl Firmdrop {
    /// The second half of [`Firmdrop::load_firmware`]: begins the load and waits until the reader accepted its
    /// first bytes. What of the plan has to be confirmed must be in `confirmed`.
    ///
    /// Dropping the future cancels a load that was not accepted yet.
    pub async fn begin_load(
        &self,
        checked: CheckedLoad,
        confirmed: &[ConfirmationAbout],
    ) -> Result<LoadBegun, LoadRefusal> {
        let missing = checked.unconfirmed(confirmed);
        if let Some(first) = missing.first() {
            let diagnosis = super::confirmations::not_confirmed(&checked.plan, first);
            return Err(LoadRefusal::unconfirmed(diagnosis, missing));
        }
        let end = Instant::now() + checked.left;
        let CheckedLoad {
            device,
            plan,
            received,
            ..
        } = checked;
        let engine = &self.inner.engine;
        let mut changes = engine.watch();
        let job = engine.submit(&plan).await.map_err(LoadRefusal::of)?;
        let mut unless_accepted = CancelOnDrop(Some((engine.clone(), job.clone())));
        let answered = timeout_at(end, self.answer(&job, &plan, &mut changes)).await;
        let answer = match answered {
            Ok(answer) => answer,
            Err(_) => self.give_up(&job, &plan).await,
        };
        unless_accepted.0 = None;
        let is_needed = match &answer {
            Answer::Accepted => true,
            Answer::Refused(_) | Answer::Stopped(_) => self.can_resume(&job),
            Answer::Open => false,
        };
        if let Some(received) = received.filter(|_| is_needed) {
            received.into_path();
        }
        match answer {
            Answer::Accepted => Ok(LoadBegun {
                job,
                device,
                destination: plan.destination.to_string(),
                risks: plan.risks,
            }),
            Answer::Refused(diagnosis) => {
                Err(LoadRefusal::of_reader(message(&diagnosis), diagnosis).with_job(&job))
            }
            Answer::Stopped(state_now) => {
                let refusal = LoadRefusal::called(LoadMessage::Failed, stopped(state_now));
                Err(refusal.with_job(&job))
            }
            Answer::Open => {
                let refusal = LoadRefusal::called(LoadMessage::Failed, unknown());
                Err(refusal.with_job(&job))
            }
        }
    }

    /// Watches a job until it is known whether the reader accepts.
    async fn answer(&self, job: &JobId, plan: &Plan, changes: &mut Receiver<Change>) -> Answer {
        loop {
            let answer = match changes.recv().await {
                Ok(Change::Job(summary)) if summary.id == *job => {
                    let known = judge(&summary.state, plan);
                    accepts(summary.progress).unwrap_or(known)
                }
                Ok(Change::Progress { id, progress, .. }) if id == *job => {
                    accepts(progress).unwrap_or(Answer::Open)
                }
                Ok(_) => Answer::Open,
                Err(RecvError::Lagged(_) | RecvError::Closed) => match self.job(job).await {
                    Ok(job) => judge(&job.summary.state, plan),
                    Err(diagnosis) => Answer::Refused(diagnosis),
                },
            };
            if !matches!(answer, Answer::Open) {
                return answer;
            }
        }
    }

    /// Cancels a load whose deadline has passed.
    async fn give_up(&self, job: &JobId, plan: &Plan) -> Answer {
        let engine = &self.inner.engine;
        let was_queued = self
            .job(job)
            .await
            .is_ok_and(|job| job.summary.state == JobState::Queued);
        // One that has ended meanwhile needs no cancel.
        let _ = engine.cancel(job).await;
        let Ok(Ok(ended)) = timeout(STOPS_WITHIN, engine.settled(job)).await else {
            return Answer::Open;
        };
        match judge(&ended.state, plan) {
            Answer::Stopped(_) if was_queued => Answer::Refused(in_use()),
            Answer::Stopped(state_now) => Answer::Refused(not_accepted(state_now)),
            answer => answer,
        }
    }

    fn can_resume(&self, job: &JobId) -> bool {
        let job = self.inner.engine.job(job);
        job.is_ok_and(|job| job.summary.state.can_resume())
    }
}

/// Whether the reader confirmed bytes of the image.
fn accepts(progress: Progress) -> Option<Answer> {
    (progress.confirmed_bytes > 0).then_some(Answer::Accepted)
}

/// What the state of a job says. A reader that held the image already gets no bytes: it accepted when a later
/// phase began.
fn judge(state: &JobState, plan: &Plan) -> Answer {
    match state {
        JobState::Finished { .. } => Answer::Accepted,
        JobState::Running { phase } if is_past_the_transfer(phase, plan) => Answer::Accepted,
        JobState::Failed { diagnosis, .. } => Answer::Refused((**diagnosis).clone()),
        JobState::Cancelled { state_now } => Answer::Stopped(state_now.clone()),
        JobState::Paused => Answer::Stopped(String::new()),
        JobState::Queued
        | JobState::Running { .. }
        | JobState::Cancelling
        | JobState::Interrupted { .. } => Answer::Open,
    }
}

fn is_past_the_transfer(phase: &str, plan: &Plan) -> bool {
    let transfer = plan.phases.iter().rposition(|phase| phase.bytes > 0);
    let present = plan.phases.iter().position(|each| each.key == phase);
    present > transfer && transfer.is_some()
}

/// What the failure of a job that was not accepted is called: the file may be what failed.
fn message(diagnosis: &Diagnosis) -> LoadMessage {
    LoadMessage::of(diagnosis).unwrap_or(LoadMessage::Failed)
}

fn not_accepted(state_now: String) -> Diagnosis {
    Diagnosis::new(
        Code::StepOverdue,
        "The load was cancelled.",
        "The reader accepted nothing within the deadline.",
    )
    .titled("The reader did not accept the upgrade in time")
    .state(state_now)
    .remedy(Remedy::Advice {
        text:
            "Try again, with a longer deadline: some readers erase their flash before they answer."
                .into(),
    })
}

fn stopped(state_now: String) -> Diagnosis {
    Diagnosis::new(
        Code::WriteStopped,
        "The load was stopped.",
        "A user stopped its job.",
    )
    .state(state_now)
}

fn unknown() -> Diagnosis {
    Diagnosis::new(
        Code::StepOverdue,
        "The load is being cancelled.",
        "The reader accepted nothing within the deadline, and the request to it has not ended yet.",
    )
    .state("What the reader holds is not known yet; the job will say.")
}

/// Cancels a job unless it was taken out.
struct CancelOnDrop(Option<(Engine, JobId)>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        let Some((engine, job)) = self.0.take() else {
            return;
        };
        // Without a runtime the process ends, and the next one finds the job interrupted.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { engine.cancel(&job).await });
        }
    }
}
