//! One task for each job: waits for its turn, walks the plan, writes the end down.

use std::sync::Arc;
use std::time::Duration;

use firmdrop_core::{Code, Diagnose as _, Diagnosis, Note, NoteKind, Outcome, Remedy};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle};

use super::control::Control;
use super::engine::{Running, Shared};
use super::events::JobEvents;
use super::kept::what_is_kept;
use super::{load_reader, pelion_upload};
use crate::journal::{Event, RemoteFact, StopRequest};
use crate::ledger::{Chain, Delivered, DeliveredResult};
use crate::{Destination, JobId, JobState, PhaseResult, Plan, lock};

/// How often a running job looks for stop requests of other processes and for a stall.
const LOOK_FOR_STOP_REQUESTS: Duration = Duration::from_millis(500);

/// Whether a job begins or is resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    New,
    Again,
}

/// How carrying a plan out ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// To its end.
    Done(Outcome),
    /// Because of a stop request; with the state of the other side.
    Stopped(String),
    /// Its task was taken away: the process is ending.
    Vanished,
    /// In a failure.
    Failed(Box<Diagnosis>),
}

/// Everything a step of a delivery may use.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) shared: Arc<Shared>,
    pub(super) id: JobId,
    pub(super) plan: Plan,
    pub(super) control: Control,
    pub(super) events: Arc<JobEvents>,
}

/// Begins to carry a job out; `held` is its lock and is let go when it ends.
pub(super) fn start(shared: &Arc<Shared>, id: &JobId, plan: &Plan, held: lock::Held, start: Start) {
    let control = Control::new();
    let events = Arc::new(JobEvents::new(
        Arc::clone(shared),
        id.clone(),
        plan.clone(),
        control.clone(),
    ));
    let (ended, watch_ended) = watch::channel(false);
    let running = Running {
        control: control.clone(),
        events: Arc::clone(&events),
        ended: watch_ended,
    };
    shared.running().insert(id.clone(), running);
    shared.tell_job(id);
    let run = Arc::new(Run {
        shared: Arc::clone(shared),
        id: id.clone(),
        plan: plan.clone(),
        control,
        events,
    });
    let work = tokio::spawn({
        let run = Arc::clone(&run);
        async move { run.carry_out(start).await }
    });
    tokio::spawn(supervise(run, work, held, ended));
}

/// Writes the end of a job down, whatever becomes of the task that carries it out.
async fn supervise(
    run: Arc<Run>,
    work: JoinHandle<Ended>,
    held: lock::Held,
    ended: watch::Sender<bool>,
) {
    let mut released = Released(Some(Arc::clone(&run)));
    let end = match work.await {
        Ok(end) => end,
        Err(error) if error.is_panic() => run.panicked(&error),
        Err(_) => Ended::Vanished,
    };
    run.write_end(end);
    run.leave(held);
    // From here on it may be carried out again.
    released.0 = None;
    run.shared.tell_job(&run.id);
    ended.send_replace(true);
}

/// Dropping it takes the job out of those that this process carries out, even when its end could
/// not be written.
struct Released(Option<Arc<Run>>);

impl Drop for Released {
    fn drop(&mut self) {
        if let Some(run) = &self.0 {
            run.shared.running().remove(&run.id);
        }
    }
}

impl Run {
    async fn carry_out(&self, start: Start) -> Ended {
        if start == Start::Again {
            let kept = self.kept();
            let note = Note::new(NoteKind::Resumed, "Goes on").detail(kept);
            let queued = Event::State {
                state: JobState::Queued,
            };
            let lines = [Event::Resumed, Event::Note { note }, queued];
            if self.events.write(&lines).is_err() {
                return self.broken();
            }
        }
        // Stop requests are looked for while it waits for its turn, too.
        tokio::select! {
            ended = self.deliver() => ended,
            () = self.look_for_stop_requests() => unreachable_end(),
        }
    }

    async fn deliver(&self) -> Ended {
        let stop = self.control.stop();
        let turn = match self
            .shared
            .queues
            .turn(&self.shared.home, &self.plan.destination, stop)
            .await
        {
            Ok(Some(turn)) => turn,
            Ok(None) => return Ended::Stopped(self.kept()),
            Err(diagnosis) => return Ended::Failed(Box::new(diagnosis)),
        };
        let ended = match &self.plan.destination {
            Destination::Pelion { account } => Box::pin(pelion_upload::run(self, account)).await,
            Destination::Reader { protocol, link } => {
                Box::pin(load_reader::run(self, *protocol, link)).await
            }
        };
        drop(turn);
        ended
    }

    /// Looks for stop requests of other processes, for ever.
    async fn look_for_stop_requests(&self) {
        let mut every = tokio::time::interval(LOOK_FOR_STOP_REQUESTS);
        loop {
            every.tick().await;
            if let Ok(Some(wish)) = self.shared.journal.take_stop_request(&self.id) {
                self.control.request(wish);
            }
            if self.control.requested() == Some(StopRequest::Cancel) {
                self.tell_cancelling();
            }
            self.events.tick();
        }
    }

    fn tell_cancelling(&self) {
        let cancelling = |state: &JobState| *state == JobState::Cancelling;
        if self
            .shared
            .row(&self.id)
            .is_ok_and(|row| !cancelling(&row.state))
        {
            let _ = self.events.write(&[Event::State {
                state: JobState::Cancelling,
            }]);
        }
    }

    pub(super) fn write_end(&self, ended: Ended) {
        // A cancel that came while it stopped for a pause is still a cancel.
        if let Ok(Some(wish)) = self.shared.journal.take_stop_request(&self.id) {
            self.control.request(wish);
        }
        let ended = match self.events.take_broken() {
            // Once it can be written again, the job goes on from what was written.
            Some(error) => Ended::Failed(Box::new(error.diagnose().remedy(Remedy::Resume))),
            None => self.obeyed(ended),
        };
        let (phase, state, result) = match ended {
            // Its last line stands; the next start finds it interrupted, and by what.
            Ended::Vanished => return,
            Ended::Done(outcome) => (
                PhaseResult::Done,
                JobState::Finished {
                    outcome: outcome.clone(),
                },
                Some(DeliveredResult::Finished(outcome)),
            ),
            Ended::Stopped(_) if self.control.requested() == Some(StopRequest::Pause) => {
                (PhaseResult::Waiting, JobState::Paused, None)
            }
            Ended::Stopped(state_now) => (
                PhaseResult::Waiting,
                JobState::Cancelled {
                    state_now: state_now.clone(),
                },
                Some(DeliveredResult::Cancelled { state_now }),
            ),
            Ended::Failed(diagnosis) => {
                let result = DeliveredResult::Failed {
                    code: diagnosis.code,
                    state_now: diagnosis.state_now.clone(),
                };
                (
                    PhaseResult::Failed,
                    JobState::Failed { diagnosis },
                    Some(result),
                )
            }
        };
        let mut lines: Vec<Event> = self.events.end_phase(phase).into_iter().collect();
        lines.push(Event::State { state });
        let now = self.shared.clock.now();
        // When the journal still refuses, the job stays as it was written last, its lock is let go
        // and the next start finds it interrupted.
        let _ = match result {
            None => self.shared.journal.append(&self.id, now, &lines),
            Some(result) => {
                let history = self.shared.journal.history(&self.id).unwrap_or_default();
                let entry = delivered(&self.shared, &self.id, &self.plan, &history, result);
                self.shared.journal.end(&self.id, now, &lines, &entry)
            }
        };
    }

    /// A job that was cancelled while it failed does not wait to be resumed.
    fn obeyed(&self, ended: Ended) -> Ended {
        let Ended::Failed(diagnosis) = ended else {
            return ended;
        };
        if self.control.requested() != Some(StopRequest::Cancel)
            || !diagnosis.remedies.contains(&Remedy::Resume)
        {
            return Ended::Failed(diagnosis);
        }
        let note = Note::new(NoteKind::Warning, "Failed while it was being cancelled")
            .detail(diagnosis.to_string());
        // What cannot be written is told by the end, which is written next.
        let _ = self.events.write(&[Event::Note { note }]);
        Ended::Stopped(self.kept())
    }

    /// A step of the job has a fault of its own. The other side is as the journal says.
    fn panicked(&self, error: &JoinError) -> Ended {
        let diagnosis = task_died(error).state(self.kept()).remedy(Remedy::Resume);
        Ended::Failed(Box::new(diagnosis))
    }

    /// What the other side holds of this job, as far as it was confirmed.
    pub(super) fn kept(&self) -> String {
        let history = self.shared.journal.history(&self.id).unwrap_or_default();
        what_is_kept(&self.plan, &history)
    }

    fn broken(&self) -> Ended {
        let diagnosis = self.events.take_broken().map_or_else(
            || {
                Diagnosis::new(
                    Code::Internal,
                    "The journal refused.",
                    "Nothing more is known.",
                )
            },
            |error| error.diagnose(),
        );
        Ended::Failed(Box::new(diagnosis))
    }
}

/// A task that computes something ended without an answer: it panicked.
pub(super) fn task_died(error: &tokio::task::JoinError) -> Diagnosis {
    Diagnosis::new(
        Code::Internal,
        "A part of Firmdrop stopped working.",
        error.to_string(),
    )
}

/// [`Run::look_for_stop_requests`] never ends; this says so to the compiler without a panic.
fn unreachable_end() -> Ended {
    Ended::Failed(Box::new(Diagnosis::new(
        Code::Internal,
        "A watch ended that never ends.",
        "",
    )))
}

pub(super) fn delivered(
    shared: &Shared,
    id: &JobId,
    plan: &Plan,
    history: &[(firmdrop_core::Moment, Event)],
    result: DeliveredResult,
) -> Delivered {
    let remote_id = history.iter().rev().find_map(|(_, event)| match event {
        Event::Remote {
            fact: RemoteFact::FirmwareImage { id } | RemoteFact::UploadJob { id },
        } => Some(id.clone()),
        _ => None,
    });
    Delivered {
        at: shared.clock.now(),
        job: id.clone(),
        file_name: plan.image.file_name.clone(),
        size_bytes: plan.image.expected.size_bytes,
        sha256: plan.image.expected.sha256,
        destination: plan.destination.to_string(),
        remote_id,
        chain: if plan.simulated {
            Chain::Demo
        } else {
            Chain::Deliveries
        },
        result,
    }
}
