//! One task for each job: waits for its turn, walks the plan, writes the end down.

use std::sync::Arc;
use std::time::Duration;

use firmdrop_core::{Code, Diagnose as _, Diagnosis, Note, NoteKind};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle};

use super::control::Control;
use super::engine::{Running, Shared};
use super::events::JobEvents;
use crate::journal::{Event, StopRequest};
use crate::ledger::{Chain, Delivered, DeliveredResult};
use crate::{Ended, History, JobContext, JobId, JobState, PhaseResult, Plan, lock};

/// How often a running job looks for stop requests of other processes and for a stall.
const LOOK_FOR_STOP_REQUESTS: Duration = Duration::from_millis(500);

/// Whether a job begins or is resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    New,
    Again,
}

/// A job that this process carries out.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: JobId,
    pub(crate) plan: Plan,
    pub(crate) control: Control,
    pub(crate) events: Arc<JobEvents>,
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
        Ok(end) => Some(end),
        Err(error) if error.is_panic() => Some(run.panicked(&error)),
        // Its task was taken away: the process is ending, and the next one finds it interrupted.
        Err(_) => None,
    };
    if let Some(end) = end {
        run.write_end(end);
    }
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
            let note = Note::new(NoteKind::Resumed, "Resumed").detail(self.state_now());
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
        let backend = match self.shared.backends.of(&self.plan.destination) {
            Ok(backend) => backend,
            Err(diagnosis) => return Ended::failed(diagnosis),
        };
        let place = backend
            .place(&self.plan.destination, &self.shared.accounts)
            .await;
        let turn = match self
            .shared
            .queues
            .turn(&self.shared.home, &place, stop)
            .await
        {
            Ok(Some(turn)) => turn,
            Ok(None) => {
                return Ended::Stopped {
                    state_now: self.state_now(),
                };
            }
            Err(diagnosis) => return Ended::resumable(diagnosis),
        };
        let context = JobContext::new(self, turn);
        backend.run(&context).await
    }

    /// Looks for stop requests of other processes, for ever.
    async fn look_for_stop_requests(&self) {
        let mut every = tokio::time::interval(LOOK_FOR_STOP_REQUESTS);
        loop {
            every.tick().await;
            if let Ok(Some(request)) = self.shared.journal.take_stop_request(&self.id) {
                self.control.request(request);
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
        if let Ok(Some(request)) = self.shared.journal.take_stop_request(&self.id) {
            self.control.request(request);
        }
        let ended = match self.events.take_broken() {
            // Once it can be written again, the job goes on from what was written.
            Some(error) => Ended::resumable(error),
            None => self.obeyed(ended),
        };
        let (phase, state, result) = match ended {
            // Its last line stands; the next start finds it interrupted, and by what.
            Ended::Done(outcome) => (
                PhaseResult::Done,
                JobState::Finished {
                    outcome: outcome.clone(),
                },
                Some(DeliveredResult::Finished(outcome)),
            ),
            Ended::Stopped { .. } if self.control.requested() == Some(StopRequest::Pause) => {
                (PhaseResult::Waiting, JobState::Paused, None)
            }
            Ended::Stopped { state_now } => (
                PhaseResult::Waiting,
                JobState::Cancelled {
                    state_now: state_now.clone(),
                },
                Some(DeliveredResult::Cancelled { state_now }),
            ),
            Ended::Failed {
                diagnosis,
                resumable,
            } => {
                let result = DeliveredResult::Failed {
                    code: diagnosis.code,
                    state_now: diagnosis.state_now.clone(),
                };
                (
                    PhaseResult::Failed,
                    JobState::Failed {
                        diagnosis,
                        resumable: Some(resumable),
                    },
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
                let history = self.shared.history(&self.id);
                let entry = delivered(&self.shared, &self.id, &self.plan, &history, result);
                self.shared.journal.end(&self.id, now, &lines, &entry)
            }
        };
    }

    /// A job that was cancelled while it failed does not wait to be resumed.
    fn obeyed(&self, ended: Ended) -> Ended {
        let Ended::Failed {
            diagnosis,
            resumable: true,
        } = &ended
        else {
            return ended;
        };
        if self.control.requested() != Some(StopRequest::Cancel) {
            return ended;
        }
        let note = Note::new(NoteKind::Warning, "Failed while it was being cancelled")
            .detail(diagnosis.to_string());
        // What cannot be written is told by the end, which is written next.
        let _ = self.events.write(&[Event::Note { note }]);
        Ended::Stopped {
            state_now: self.state_now(),
        }
    }

    /// A step of the job has a fault of its own. The other side is as the journal says.
    fn panicked(&self, error: &JoinError) -> Ended {
        Ended::resumable(task_died(error).state(self.state_now()))
    }

    /// What the other side holds of this job, as far as it was confirmed.
    fn state_now(&self) -> String {
        let history = self.shared.history(&self.id);
        self.shared.remote_state(&self.plan, &history).sentence
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
        Ended::resumable(diagnosis)
    }
}

/// A task that computes something ended without an answer: it panicked.
pub(crate) fn task_died(error: &tokio::task::JoinError) -> Diagnosis {
    Diagnosis::new(
        Code::Internal,
        "A part of Firmdrop stopped working.",
        error.to_string(),
    )
}

/// [`Run::look_for_stop_requests`] never ends; this says so to the compiler without a panic.
fn unreachable_end() -> Ended {
    Ended::resumable(Diagnosis::new(
        Code::Internal,
        "A watch ended that never ends.",
        "",
    ))
}

pub(super) fn delivered(
    shared: &Shared,
    id: &JobId,
    plan: &Plan,
    history: &History,
    result: DeliveredResult,
) -> Delivered {
    let image = plan.image();
    Delivered {
        at: shared.clock.now(),
        job: id.clone(),
        file_name: image.file_name.clone(),
        size_bytes: image.expected.size_bytes,
        sha256: image.expected.sha256,
        destination: plan.destination.to_string(),
        remote_id: shared.remote_state(plan, history).remote_id,
        chain: if plan.simulated {
            Chain::Demo
        } else {
            Chain::Deliveries
        },
        result,
    }
}
