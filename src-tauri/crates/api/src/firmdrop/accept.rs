//! Waits until a reader accepted its first bytes, or refused them.
//!
//! A job that was not accepted in time is cancelled: nobody who hears of it as failed finds it done later.

use std::time::Duration;

use firmdrop_core::{Diagnosis, Progress};
use firmdrop_engine::{
    Change, ConfirmationAbout, Engine, JobId, JobState, JobSummary, Plan, task_died,
};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout, timeout_at};

use super::Firmdrop;
use super::load_firmware::CheckedLoad;
use super::not_accepted::{self, GiveUpReason};
use crate::{LoadBegun, LoadMessage, LoadRefusal};

/// How long a load that was cancelled at its deadline may take to stop, before its state is said to be unknown.
/// A loader stops between two requests, and a request is given up after some seconds.
const STOPS_WITHIN: Duration = Duration::from_secs(5);

/// What is known of a load before it is accepted.
enum Answer {
    Accepted,
    Refused(Diagnosis),
    /// A user stopped it.
    Stopped(String),
    /// It is being cancelled, and nobody can say yet how it ends.
    Unknown(Diagnosis),
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
        let never = std::future::pending();
        self.begin_load_until(checked, confirmed, never).await
    }

    /// The same for a caller that may stop it: a load that was not accepted yet when `stopped` ends is cancelled,
    /// and the answer says what the reader was left with, within five seconds.
    pub async fn begin_load_until(
        &self,
        checked: CheckedLoad,
        confirmed: &[ConfirmationAbout],
        stopped: impl Future<Output = ()>,
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
        let mut changes = self.inner.engine.watch();
        let (job, mut unless_answered) = self.submit_load(&plan, end).await?;
        let watched = tokio::select! {
            biased;
            watched = timeout_at(end, self.answer(&job, &plan, &mut changes)) => match watched {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(unreadable)) => Err(GiveUpReason::Unreadable(unreadable)),
                Err(_) => Err(GiveUpReason::Deadline),
            },
            () = stopped => Err(GiveUpReason::Stopped),
        };
        let answer = match watched {
            Ok(answer) => answer,
            Err(why) => self.give_up(&job, &plan, &why).await,
        };
        if !matches!(answer, Answer::Unknown(_)) {
            unless_answered.0 = None;
        }
        let is_needed = match &answer {
            Answer::Accepted => true,
            Answer::Refused(_) | Answer::Stopped(_) => self.can_resume(&job),
            Answer::Unknown(_) => false,
        };
        if let Some(received) = received.filter(|_| is_needed) {
            received.into_path();
        }
        let refusal = match answer {
            Answer::Accepted => {
                return Ok(LoadBegun {
                    job,
                    device,
                    destination: plan.destination.to_string(),
                    risks: plan.risks,
                });
            }
            Answer::Refused(diagnosis) => LoadRefusal::of_reader(message(&diagnosis), diagnosis),
            Answer::Stopped(state_now) => {
                LoadRefusal::called(LoadMessage::Failed, not_accepted::stopped(state_now))
            }
            Answer::Unknown(diagnosis) => LoadRefusal::called(LoadMessage::Failed, diagnosis),
        };
        Err(refusal.with_job(&job))
    }

    /// Writes the job down, in a task of its own: when nobody waits for it any more, it is cancelled as soon as it
    /// is written.
    async fn submit_load(
        &self,
        plan: &Plan,
        end: Instant,
    ) -> Result<(JobId, CancelOnDrop), LoadRefusal> {
        let (engine, plan) = (self.inner.engine.clone(), plan.clone());
        let submitting = tokio::spawn(async move {
            let job = engine.submit(&plan).await?;
            Ok((job.clone(), CancelOnDrop(Some((engine, job)))))
        });
        match timeout_at(end, submitting).await {
            Ok(Ok(submitted)) => submitted.map_err(LoadRefusal::of),
            Ok(Err(died)) => Err(LoadRefusal::of(task_died(&died))),
            Err(_) => {
                let diagnosis = not_accepted::not_written();
                Err(LoadRefusal::called(LoadMessage::Failed, diagnosis))
            }
        }
    }

    /// Watches a job until it is known whether the reader accepts.
    ///
    /// Fails when how the job stands cannot be read.
    async fn answer(
        &self,
        job: &JobId,
        plan: &Plan,
        changes: &mut Receiver<Change>,
    ) -> Result<Answer, Diagnosis> {
        loop {
            let answer = match changes.recv().await {
                Ok(Change::Job(summary)) if summary.id == *job => judge(&summary, plan),
                Ok(Change::Progress { id, progress, .. }) if id == *job => accepts(progress),
                Ok(_) => None,
                Err(RecvError::Lagged(_) | RecvError::Closed) => {
                    judge(&self.job(job).await?.summary, plan)
                }
            };
            if let Some(answer) = answer {
                return Ok(answer);
            }
        }
    }

    /// Cancels a load, and answers what came of it.
    async fn give_up(&self, job: &JobId, plan: &Plan, why: &GiveUpReason) -> Answer {
        let engine = &self.inner.engine;
        // Progress is reported some times a second: what was confirmed just before the deadline counts.
        let live = engine.progress(job).map(|(progress, _)| progress);
        if matches!(why, GiveUpReason::Deadline)
            && let Some(accepted) = live.and_then(accepts)
        {
            return accepted;
        }
        let stopping = async {
            // One that has ended meanwhile needs no cancel.
            let _ = engine.cancel(job).await;
            engine.settled(job).await
        };
        let ended = match timeout(STOPS_WITHIN, stopping).await {
            Ok(Ok(ended)) => ended,
            Ok(Err(unreadable)) => return Answer::Unknown(not_accepted::end_unknown(&unreadable)),
            Err(_) => return Answer::Unknown(not_accepted::still_stopping(why)),
        };
        let JobState::Cancelled { state_now } = ended.state else {
            let unwritten = || Answer::Unknown(not_accepted::end_unwritten());
            return judge(&ended, plan).unwrap_or_else(unwritten);
        };
        match why {
            GiveUpReason::Stopped => Answer::Stopped(state_now),
            GiveUpReason::Unreadable(cause) => {
                Answer::Refused(not_accepted::unreadable(cause, state_now))
            }
            // A phase began, so it had its turn.
            GiveUpReason::Deadline if ended.phase_title.is_some() => {
                let confirmed_bytes = ended.progress.confirmed_bytes;
                Answer::Refused(not_accepted::not_accepted(state_now, confirmed_bytes))
            }
            GiveUpReason::Deadline => {
                let asking = engine.is_in_use(&plan.destination, plan.simulated);
                match timeout(STOPS_WITHIN, asking).await {
                    Ok(Ok(true)) => Answer::Refused(not_accepted::in_use()),
                    _ => Answer::Refused(not_accepted::no_turn()),
                }
            }
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

/// What a job says, once it says anything. A reader that held the image already gets no bytes: it accepted when a later phase began.
fn judge(job: &JobSummary, plan: &Plan) -> Option<Answer> {
    accepts(job.progress).or_else(|| match &job.state {
        JobState::Finished { .. } => Some(Answer::Accepted),
        JobState::Running { phase } if is_past_the_transfer(phase, plan) => Some(Answer::Accepted),
        JobState::Failed { diagnosis, .. } => Some(Answer::Refused((**diagnosis).clone())),
        JobState::Cancelled { state_now } => Some(Answer::Stopped(state_now.clone())),
        JobState::Paused => Some(Answer::Stopped(String::new())),
        JobState::Queued
        | JobState::Running { .. }
        | JobState::Cancelling
        | JobState::Interrupted { .. } => None,
    })
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
