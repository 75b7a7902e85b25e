//! The last moments of a job, and stop requests for one that nobody carries out.
//!
//! A request is never lost between the two: whoever lets a job go looks once more, and whoever leaves a
//! request for somebody at work looks whether that one is gone.

use super::engine::Shared;
use super::runner::{Run, delivered};
use crate::journal::{Event, StopRequest};
use crate::ledger::DeliveredResult;
use crate::{History, JobId, JobState, JournalError, lock};

impl Run {
    /// Lets the job go, once its end is written. A cancel that came since then is obeyed.
    pub(super) fn leave(&self, held: lock::Held) {
        let (shared, id) = (&self.shared, &self.id);
        {
            // All at once: whoever finds the job not running may take its lock, and whoever still
            // finds it running has made a request that is seen here.
            let mut running = shared.running();
            running.remove(id);
            if self.control.requested() == Some(StopRequest::Cancel) {
                // When the journal refuses, the job stays as its end was written.
                let _ = write_stop(shared, id, StopRequest::Cancel);
            }
            let ended =
                |row: &crate::journal::JobRow| row.state.is_ended() && !row.state.can_resume();
            if shared.row(id).is_ok_and(|row| ended(&row)) {
                lock::forget_job(&shared.home, id);
            }
            drop(held);
        }
        // Another process may have left its request since the end was written.
        let _ = last_look(shared, id);
    }
}

/// Obeys a request that was left for somebody who is no longer at work.
pub(super) fn last_look(shared: &Shared, id: &JobId) -> Result<(), JournalError> {
    // While somebody holds the lock, it is theirs to look.
    let Ok(Some(held)) = lock::try_job(&shared.home, id) else {
        return Ok(());
    };
    match shared.journal.take_stop_request(id)? {
        Some(request) => stop_idle(shared, id, request, held),
        None => Ok(()),
    }
}

/// Obeys a request for a job that nobody carries out, unless it changes nothing.
pub(super) fn stop_idle(
    shared: &Shared,
    id: &JobId,
    request: StopRequest,
    held: lock::Held,
) -> Result<(), JournalError> {
    write_stop(shared, id, request)?;
    drop(held);
    shared.tell_job(id);
    Ok(())
}

/// Writes down what a request makes of a job whose lock is held and which does not run.
fn write_stop(shared: &Shared, id: &JobId, request: StopRequest) -> Result<(), JournalError> {
    let row = shared.journal.job(id)?;
    // A cancel is never taken back.
    let request = if row.state == JobState::Cancelling {
        StopRequest::Cancel
    } else {
        request
    };
    if !row.state.can_stop(request) {
        return Ok(());
    }
    let history = History::new(shared.journal.history(id)?);
    let state_now = shared.remote_state(&row.plan, &history).sentence;
    let now = shared.clock.now();
    match request {
        StopRequest::Pause => {
            let state = JobState::Paused;
            shared.journal.append(id, now, &[Event::State { state }])
        }
        StopRequest::Cancel => {
            let state = JobState::Cancelled {
                state_now: state_now.clone(),
            };
            let result = DeliveredResult::Cancelled { state_now };
            let entry = delivered(shared, id, &row.plan, &history, result);
            let lines = [Event::State { state }];
            shared.journal.end(id, now, &lines, &entry)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use firmdrop_core::{Code, Diagnosis, Remedy};

    use super::*;
    use crate::delivery::control::Control;
    use crate::delivery::engine::Running;
    use crate::delivery::events::JobEvents;
    use crate::delivery::test_plan;
    use crate::{Ended, Engine, EngineOptions, Home};

    /// A job at work, as [`super::super::runner::start`] makes it, but for the task.
    struct Work {
        _folder: tempfile::TempDir,
        engine: Engine,
        run: Run,
        held: lock::Held,
    }

    fn work() -> Work {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let engine = Engine::open(EngineOptions::new(home.clone())).unwrap();
        let (shared, id, plan) = (Arc::clone(&engine.shared), JobId::new(), test_plan());
        let held = lock::try_job(&home, &id).unwrap().unwrap();
        shared.journal.add(&id, &plan, shared.clock.now()).unwrap();
        let control = Control::new();
        let told = Arc::clone(&shared);
        let events = JobEvents::new(told, id.clone(), plan.clone(), control.clone());
        let events = Arc::new(events);
        let running = Running {
            control: control.clone(),
            events: Arc::clone(&events),
            ended: tokio::sync::watch::channel(false).1,
        };
        shared.running().insert(id.clone(), running);
        let run = Run {
            shared,
            id,
            plan,
            control,
            events,
        };
        Work {
            _folder: folder,
            engine,
            run,
            held,
        }
    }

    fn failed(remedy: Remedy) -> Ended {
        let diagnosis = Diagnosis::new(Code::ServiceFailed, "It failed.", "Because.");
        match remedy {
            Remedy::Resume => Ended::resumable(diagnosis),
            other => Ended::failed(diagnosis.remedy(other)),
        }
    }

    fn state(work: &Engine, id: &JobId) -> JobState {
        work.job(id).unwrap().summary.state
    }

    #[track_caller]
    fn is_cancelled(engine: &Engine, id: &JobId) {
        let state = state(engine, id);
        assert!(matches!(state, JobState::Cancelled { .. }), "{state:?}");
        assert!(engine.resume(id).is_err(), "it came back");
    }

    #[test]
    fn a_cancel_while_it_fails_is_obeyed_and_the_failure_is_kept_in_the_log() {
        let work = work();
        work.engine.cancel(&work.run.id).unwrap();
        work.run.write_end(failed(Remedy::Resume));
        work.run.leave(work.held);
        is_cancelled(&work.engine, &work.run.id);
        let log = work.engine.job_log(&work.run.id).unwrap();
        assert!(log.contains("It failed."), "{log}");
    }

    #[test]
    fn a_cancel_after_the_failure_was_written_and_before_the_job_was_let_go_is_obeyed() {
        let work = work();
        work.run.write_end(failed(Remedy::Resume));
        work.engine.cancel(&work.run.id).unwrap();
        work.run.leave(work.held);
        is_cancelled(&work.engine, &work.run.id);
        assert!(!work.engine.is_busy());
    }

    #[test]
    fn a_cancel_of_another_process_at_that_moment_is_obeyed() {
        let work = work();
        let other = Engine::open(EngineOptions::new(work.engine.home().clone())).unwrap();
        work.run.write_end(failed(Remedy::Resume));
        other.cancel(&work.run.id).unwrap();
        let before = state(&work.engine, &work.run.id);
        assert!(matches!(before, JobState::Failed { .. }), "it is at work");
        work.run.leave(work.held);
        is_cancelled(&other, &work.run.id);
    }

    #[test]
    fn a_cancel_left_by_another_process_after_the_job_was_let_go_is_obeyed() {
        let work = work();
        let (shared, id) = (&work.run.shared, &work.run.id);
        work.run.write_end(failed(Remedy::Resume));
        work.run.leave(work.held);
        shared
            .journal
            .leave_stop_request(id, StopRequest::Cancel, shared.clock.now())
            .unwrap();
        last_look(shared, id).unwrap();
        is_cancelled(&work.engine, id);
    }

    #[test]
    fn a_job_that_failed_for_good_stays_failed() {
        let work = work();
        work.engine.cancel(&work.run.id).unwrap();
        work.run.write_end(failed(Remedy::PlanAgain));
        work.run.leave(work.held);
        let now = state(&work.engine, &work.run.id);
        assert!(matches!(now, JobState::Failed { .. }), "{now:?}");
        let refused = work.engine.cancel(&work.run.id).unwrap_err();
        assert_eq!(refused.code, Code::JobCannotDo);
    }

    #[test]
    fn a_job_that_failed_and_could_go_on_can_be_given_up() {
        let work = work();
        work.run.write_end(failed(Remedy::Resume));
        work.run.leave(work.held);
        assert!(work.engine.pause(&work.run.id).is_err(), "it does not run");
        work.engine.cancel(&work.run.id).unwrap();
        is_cancelled(&work.engine, &work.run.id);
    }
}
