//! One supervised task for each job: waits for its turn and carries the plan out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use firmdrop_core::{Code, Diagnosis, Note, NoteKind};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::check_file::CHECK_FILE;
use super::control::Control;
use super::events::JobEvents;
use super::log::JobLog;
use super::observed::until_unobserved;
use super::queue::{PlaceRequest, Turn};
use super::shared::{Place, Running, Shared};
use crate::journal::{Event, StopRequest};
use crate::{Ended, JobContext, JobId, JobState, Plan, lock};

pub(crate) use crate::blocking::task_died;

/// How often a running job looks for stop requests of other processes, for a stall and for a
/// deadline.
const LOOK: Duration = Duration::from_millis(500);
/// How long a step that is past its deadline may take to stop before it is abandoned.
const GRACE: Duration = Duration::from_mins(1);

/// How long what a cancelled job left may take to be removed.
const GIVE_UP_WITHIN: Duration = Duration::from_mins(1);

/// Whether a job begins, is resumed, or is cancelled while it does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    New,
    Again,
    GiveUp,
}

/// A job that this process carries out.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) shared: Arc<Shared>,
    pub(super) id: JobId,
    pub(super) plan: Plan,
    pub(super) control: Control,
    pub(super) events: Arc<JobEvents>,
    place: Arc<Place>,
    /// Its turn at the destination, until its end is written or its backend releases it.
    turn: Arc<Mutex<Option<Turn>>>,
}

/// Begins to carry a job out; `held` is its lock and is released when it ends.
pub(super) fn start(shared: &Arc<Shared>, id: &JobId, plan: &Plan, held: lock::Held, start: Start) {
    let (run, ended) = Run::new(shared, id, plan);
    shared.publish_job(id);
    let run = Arc::new(run);
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
        Err(error) if error.is_panic() => Some(run.panicked(&error).await),
        // Its task was taken away: the process is ending, and the next one finds it interrupted.
        Err(_) => None,
    };
    if let Some(end) = end {
        run.write_end(end).await;
    }
    run.turn().take();
    run.leave(held).await;
    // From here on it may be carried out again.
    released.0 = None;
    run.shared.publish_job(&run.id);
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
    /// A job that this process carries out from now on; the sender is to say when it no longer does.
    pub(super) fn new(
        shared: &Arc<Shared>,
        id: &JobId,
        plan: &Plan,
    ) -> (Self, watch::Sender<bool>) {
        let control = Control::new();
        let events = Arc::new(JobEvents::new(JobLog::new(
            Arc::clone(&shared.journal),
            shared.changes.clone(),
            Arc::clone(&shared.clock),
            id.clone(),
            plan.clone(),
            control.clone(),
        )));
        let (ended, watch_ended) = watch::channel(false);
        let place = Arc::new(Place::of(&plan.destination));
        let running = Running {
            place: Arc::clone(&place),
            control: control.clone(),
            events: Arc::clone(&events),
            ended: watch_ended,
        };
        shared.unwritten().remove(id);
        shared.running().insert(id.clone(), running);
        let run = Self {
            shared: Arc::clone(shared),
            id: id.clone(),
            plan: plan.clone(),
            control,
            events,
            place,
            turn: Arc::default(),
        };
        (run, ended)
    }

    async fn carry_out(&self, start: Start) -> Ended {
        if start == Start::Again {
            let note = Note::new(NoteKind::Resumed, "Resumed").detail(self.state_now().await);
            let queued = Event::State {
                state: JobState::Queued,
            };
            self.events
                .give(&[Event::Resumed, Event::Note { note }, queued]);
        }
        if start == Start::GiveUp {
            self.control.request(StopRequest::Cancel);
            self.show_cancelling();
            let state_now = self.state_now().await;
            return self.given_up(Ended::Stopped { state_now }).await;
        }
        // Stop requests are looked for while it waits for its turn, too.
        tokio::select! {
            ended = self.deliver() => ended,
            ended = self.watch_over() => ended,
        }
    }

    async fn deliver(&self) -> Ended {
        let ended = self.try_to_deliver().await;
        self.not_begun(ended).await
    }

    async fn try_to_deliver(&self) -> Ended {
        let (stop, shared) = (self.control.stop(), &self.shared);
        let backend = match shared.backends.of(&self.plan.destination) {
            Ok(backend) => backend,
            Err(diagnosis) => return Ended::failed(diagnosis),
        };
        let place = match self.place.keys(shared).await {
            Ok(place) => place,
            Err(diagnosis) => return Ended::failed(diagnosis),
        };
        let place = PlaceRequest {
            home: &shared.home,
            keys: place,
            simulated: self.plan.simulated,
        };
        let turn = shared.queues.turn(&place, stop, || {
            let text = "Another Firmdrop is delivering there";
            let note = Note::new(NoteKind::Step, text);
            let note = note.detail("This delivery begins when that one has ended.");
            self.events.give(&[Event::Note { note }]);
        });
        match turn.await {
            Ok(Some(turn)) => *self.turn() = Some(turn),
            Ok(None) => {
                return Ended::Stopped {
                    state_now: self.state_now().await,
                };
            }
            Err(diagnosis) => return Ended::resumable(diagnosis),
        }
        until_unobserved(&place).await;
        if let Err(ended) = self.ensure_same_service(&**backend).await {
            return ended;
        }
        let ended = backend.run(&self.context(stop.clone())).await;
        self.given_up(ended).await
    }

    /// A run that could not begin: its file is away, its key is locked. It asked nobody for anything, but
    /// what an earlier one left is still there, and is resumed once that is mended.
    async fn not_begun(&self, ended: Ended) -> Ended {
        let Ended::Failed {
            diagnosis,
            resumable,
        } = &ended
        else {
            return ended;
        };
        self.events.settled().await;
        let history = self.shared.history(&self.id);
        let is_resumed = |(_, event): &(_, Event)| matches!(event, Event::Resumed);
        if !history.lines().iter().any(is_resumed) {
            return ended;
        }
        let is_about_the_file = matches!(
            diagnosis.code,
            Code::FileNotFound
                | Code::FileNotReadable
                | Code::NotAFile
                | Code::FileChanged
                | Code::ReadFailed
        ) && history.phases_begun().last() == Some(CHECK_FILE);
        if !is_about_the_file && diagnosis.state_now != Diagnosis::NOTHING_SENT {
            return ended;
        }
        let state = format!("Nothing further was sent. {}", self.state_now().await);
        let diagnosis = (**diagnosis).clone().state(state);
        // The file, the key or the account may be there again later.
        let may_return = is_about_the_file
            || matches!(
                diagnosis.code,
                Code::KeyMissing | Code::KeyStoreFailed | Code::AccountNotFound
            );
        if *resumable || may_return {
            Ended::resumable(diagnosis)
        } else {
            Ended::failed(diagnosis)
        }
    }

    /// What the backend is given; `stop` ends what it does.
    fn context(&self, stop: CancellationToken) -> JobContext {
        let shared = &self.shared;
        JobContext {
            id: self.id.clone(),
            plan: self.plan.clone(),
            journal: Arc::clone(&shared.journal),
            accounts: shared.accounts.clone(),
            home: shared.home.clone(),
            clock: Arc::clone(&shared.clock),
            events: Arc::clone(&self.events),
            stop,
            turn: Arc::clone(&self.turn),
        }
    }

    /// Lets the backend remove what a cancelled job left, and says what is there afterwards.
    async fn given_up(&self, ended: Ended) -> Ended {
        let is_cancelled = self.control.requested() == Some(StopRequest::Cancel);
        let stopped = matches!(ended, Ended::Stopped { .. });
        let Ok(backend) = self.shared.backends.of(&self.plan.destination) else {
            return ended;
        };
        self.events.settled().await;
        let history = self.shared.history(&self.id);
        let leaves = backend.leaves_something(&self.plan, &history);
        if !(is_cancelled && stopped && leaves && self.may_remove(&**backend, &history)) {
            return ended;
        }
        let stop = CancellationToken::new();
        let context = self.context(stop.clone());
        let removal = backend.give_up(&context);
        if tokio::time::timeout(GIVE_UP_WITHIN, removal).await.is_err() {
            stop.cancel();
        }
        Ended::Stopped {
            state_now: self.state_now().await,
        }
    }

    fn turn(&self) -> std::sync::MutexGuard<'_, Option<Turn>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks for stop requests of other processes, for stalls and for deadlines. Ends only when a step
    /// neither ended nor stopped long after its deadline.
    async fn watch_over(&self) -> Ended {
        let mut every = tokio::time::interval(LOOK);
        let mut overdue: Option<(Instant, Diagnosis)> = None;
        loop {
            every.tick().await;
            if let Ok(Some(request)) = self.shared.journal.take_stop_request(&self.id).await {
                self.control.request(request);
            }
            if self.control.requested() == Some(StopRequest::Cancel) {
                self.show_cancelling();
            }
            self.events.tick();
            match &overdue {
                None => {
                    if let Some((phase, silent)) = self.events.overdue() {
                        let diagnosis = self.overdue(&phase, silent);
                        self.control.expire(diagnosis.clone());
                        overdue = Some((Instant::now(), diagnosis));
                    }
                }
                Some((since, diagnosis)) if since.elapsed() >= GRACE => {
                    let state = format!(
                        "The step was abandoned; what it did last is not known. {}",
                        self.state_now().await
                    );
                    return Ended::resumable(diagnosis.clone().state(state));
                }
                Some(_) => {}
            }
        }
    }

    fn overdue(&self, phase: &str, silent: Duration) -> Diagnosis {
        let planned = self.plan.phases.iter().find(|planned| planned.key == phase);
        let title = planned.map_or(phase, |planned| &planned.title);
        Diagnosis::new(
            Code::StepOverdue,
            format!("\"{title}\" was ended."),
            format!(
                "Nothing was heard of it for {} min.",
                silent.as_secs().div_ceil(60)
            ),
        )
    }

    fn show_cancelling(&self) {
        let shown = |state: &JobState| *state == JobState::Cancelling;
        if self
            .shared
            .row(&self.id)
            .is_ok_and(|row| !shown(&row.state))
        {
            self.events.give(&[Event::State {
                state: JobState::Cancelling,
            }]);
        }
    }

    /// A step of the job has a fault of its own. The other side is as the journal says.
    async fn panicked(&self, error: &JoinError) -> Ended {
        Ended::resumable(task_died(error).state(self.state_now().await))
    }

    /// What the other side holds of this job, as far as it was confirmed.
    pub(super) async fn state_now(&self) -> String {
        self.events.settled().await;
        let history = self.shared.history(&self.id);
        self.shared.remote_state(&self.plan, &history).sentence
    }
}
