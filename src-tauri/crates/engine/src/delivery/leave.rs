//! The last moments of a job, and stop requests for one that nobody carries out.
//!
//! A request is never lost between the two: whoever releases a job looks once more, and whoever leaves
//! a request for somebody at work looks whether that one is gone.

use super::end::delivered;
use super::runner::Run;
use super::shared::Shared;
use crate::journal::{Event, JobRow, StopRequest};
use crate::ledger::DeliveredResult;
use crate::{History, JobId, JobState, JournalError, lock};

impl Run {
    /// Releases the job, once its end is written. A cancel that came since then is obeyed.
    pub(super) async fn leave(&self, held: lock::Held) {
        let (shared, id) = (&self.shared, &self.id);
        let mut obeyed = None;
        loop {
            let requested = self.control.requested();
            if requested == Some(StopRequest::Cancel) && obeyed != requested {
                // When the journal refuses, the job stays as its end was written.
                let _ = write_stop(shared, id, StopRequest::Cancel).await;
                obeyed = requested;
            }
            // All at once: whoever finds the job not running may take its lock, and whoever still
            // finds it running has made a request that is seen here.
            let mut running = shared.running();
            if self.control.requested() != requested {
                continue;
            }
            running.remove(id);
            let ended = |row: &JobRow| row.state.is_ended() && !row.state.can_resume();
            if shared.row(id).is_ok_and(|row| ended(&row)) {
                lock::forget_job(&shared.home, id);
            }
            drop(held);
            break;
        }
        // Another process may have left its request since the end was written.
        let _ = check_requests(shared, id).await;
    }
}

/// Obeys a request that was left for somebody who is no longer at work.
pub(super) async fn check_requests(shared: &Shared, id: &JobId) -> Result<(), JournalError> {
    // While somebody holds the lock, it is theirs to look.
    let Ok(Some(held)) = lock::try_job(&shared.home, id) else {
        return Ok(());
    };
    match shared.journal.take_stop_request(id).await? {
        Some(request) => stop_idle(shared, id, request, held).await,
        None => Ok(()),
    }
}

/// Obeys a request for a job that nobody carries out, unless it changes nothing.
pub(super) async fn stop_idle(
    shared: &Shared,
    id: &JobId,
    request: StopRequest,
    held: lock::Held,
) -> Result<(), JournalError> {
    write_stop(shared, id, request).await?;
    drop(held);
    shared.publish_job(id);
    Ok(())
}

/// Writes down what a request makes of a job whose lock is held and which does not run.
async fn write_stop(shared: &Shared, id: &JobId, request: StopRequest) -> Result<(), JournalError> {
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
    let written = match request {
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
            return shared.write_entry(id, &lines, entry).await;
        }
    };
    written.await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use firmdrop_core::{Code, Diagnosis, Remedy};

    use super::*;
    use crate::delivery::test_plan;
    use crate::{Ended, Engine, EngineOptions, Home};

    /// A job at work, as [`super::super::runner::start`] makes it, but for the task.
    struct Work {
        _folder: tempfile::TempDir,
        engine: Engine,
        run: Run,
        held: lock::Held,
    }

    async fn work() -> Work {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path()).unwrap();
        let engine = Engine::open(EngineOptions::new(home.clone())).unwrap();
        let (shared, id, plan) = (Arc::clone(&engine.shared), JobId::new(), test_plan());
        let held = lock::try_job(&home, &id).unwrap().unwrap();
        let added = shared.journal.add(&id, &plan, shared.clock.now(), None);
        added.await.unwrap();
        let (run, _) = Run::new(&shared, &id, &plan);
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

    async fn is_cancelled(engine: &Engine, id: &JobId) {
        let state = state(engine, id);
        assert!(matches!(state, JobState::Cancelled { .. }), "{state:?}");
        assert!(engine.resume(id).await.is_err(), "it came back");
    }

    #[tokio::test]
    async fn a_cancel_while_it_fails_is_obeyed_and_the_failure_stays_in_the_log() {
        let work = work().await;
        work.engine.cancel(&work.run.id).await.unwrap();
        work.run.write_end(failed(Remedy::Resume)).await;
        work.run.leave(work.held).await;
        is_cancelled(&work.engine, &work.run.id).await;
        let log = work.engine.job_log(&work.run.id).unwrap();
        assert!(log.contains("It failed."), "{log}");
    }

    #[tokio::test]
    async fn a_cancel_after_the_failure_was_written_and_before_the_job_was_released_is_obeyed() {
        let work = work().await;
        work.run.write_end(failed(Remedy::Resume)).await;
        work.engine.cancel(&work.run.id).await.unwrap();
        work.run.leave(work.held).await;
        is_cancelled(&work.engine, &work.run.id).await;
        assert!(!work.engine.is_busy());
    }

    #[tokio::test]
    async fn a_cancel_of_another_process_at_that_moment_is_obeyed() {
        let work = work().await;
        let other = Engine::open(EngineOptions::new(work.engine.home().clone())).unwrap();
        work.run.write_end(failed(Remedy::Resume)).await;
        other.cancel(&work.run.id).await.unwrap();
        let before = state(&work.engine, &work.run.id);
        assert!(matches!(before, JobState::Failed { .. }), "it is at work");
        work.run.leave(work.held).await;
        is_cancelled(&other, &work.run.id).await;
    }

    #[tokio::test]
    async fn a_cancel_left_by_another_process_after_the_job_was_released_is_obeyed() {
        let work = work().await;
        let (shared, id) = (&work.run.shared, &work.run.id);
        work.run.write_end(failed(Remedy::Resume)).await;
        work.run.leave(work.held).await;
        let left = shared
            .journal
            .leave_stop_request(id, StopRequest::Cancel, shared.clock.now());
        left.await.unwrap();
        check_requests(shared, id).await.unwrap();
        is_cancelled(&work.engine, id).await;
    }

    #[tokio::test]
    async fn a_job_that_failed_for_good_stays_failed() {
        let work = work().await;
        work.engine.cancel(&work.run.id).await.unwrap();
        work.run.write_end(failed(Remedy::PlanAgain)).await;
        work.run.leave(work.held).await;
        let now = state(&work.engine, &work.run.id);
        assert!(matches!(now, JobState::Failed { .. }), "{now:?}");
        let refused = work.engine.cancel(&work.run.id).await.unwrap_err();
        assert_eq!(refused.code, Code::JobCannotDo);
    }

    #[tokio::test]
    async fn a_job_that_failed_and_could_be_resumed_can_be_given_up() {
        let work = work().await;
        work.run.write_end(failed(Remedy::Resume)).await;
        work.run.leave(work.held).await;
        assert!(
            work.engine.pause(&work.run.id).await.is_err(),
            "it does not run"
        );
        work.engine.cancel(&work.run.id).await.unwrap();
        is_cancelled(&work.engine, &work.run.id).await;
    }
}
