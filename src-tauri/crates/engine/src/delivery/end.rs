//! How the end of a job is written down, with its entry of the ledger.

use firmdrop_core::{Diagnose as _, Note, NoteKind, Remedy};

use super::runner::Run;
use super::shared::Shared;
use crate::journal::{Event, StopRequest};
use crate::ledger::{Chain, Delivered, DeliveredResult};
use crate::{Ended, History, ImageFile, JobId, JobState, PhaseResult, Plan};

impl Run {
    /// Writes the end down. It is on the disk when this returns, or the journal refused.
    pub(super) async fn write_end(&self, ended: Ended) {
        // A cancel that came while it stopped for a pause is still a cancel.
        if let Ok(Some(request)) = self.shared.journal.take_stop_request(&self.id).await {
            self.control.request(request);
        }
        self.events.settled().await;
        let ended = match self.events.take_broken() {
            // Once it can be written again, the job is resumed from what was written.
            Some(error) => Ended::resumable(error),
            None => self.obeyed(self.expired(ended)).await,
        };
        let (phase, state, result) = match ended {
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
        let (journal, now) = (&self.shared.journal, self.shared.clock.now());
        let written = match result {
            None => journal.append(&self.id, now, &lines).await,
            Some(result) => {
                let history = self.shared.history(&self.id);
                let entry = delivered(&self.shared, &self.id, &self.plan, &history, result);
                self.shared.write_entry(&self.id, &lines, entry).await
            }
        };
        // When the journal still refuses, the job stays there as it was written last, its lock is
        // released and the next start finds it interrupted. Here it is shown with the reason.
        if let Err(error) = written {
            self.shared
                .unwritten()
                .insert(self.id.clone(), error.diagnose().remedy(Remedy::Resume));
        }
    }

    /// A job that stopped because a step was past its deadline failed, unless a stop was requested.
    fn expired(&self, ended: Ended) -> Ended {
        match (ended, self.control.expired()) {
            (Ended::Stopped { state_now }, Some(diagnosis))
                if self.control.requested().is_none() =>
            {
                Ended::resumable(diagnosis.state(state_now))
            }
            (ended, _) => ended,
        }
    }

    /// A job that was cancelled while it failed does not wait to be resumed.
    async fn obeyed(&self, ended: Ended) -> Ended {
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
        self.events.give(&[Event::Note { note }]);
        Ended::Stopped {
            state_now: self.state_now().await,
        }
    }
}

/// The entry of the ledger about a job.
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
        damaged: plan.files.iter().find_map(ImageFile::damage),
        chain: if plan.simulated {
            Chain::Demo
        } else {
            Chain::Deliveries
        },
        result,
    }
}
