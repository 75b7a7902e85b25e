//! What an earlier process left unfinished, found at the next start.

use firmdrop_core::Diagnosis;

use super::engine::Engine;
use super::leave::stop_idle;
use super::runner::{self, Start};
use crate::journal::{Event, JobRow, StopRequest};
use crate::{JobId, JobState, JobSummary, PieceState, lock};

/// What is done with jobs that nobody carries out any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// Cloud jobs go on by themselves; a device write waits for a person.
    ResumeClouds,
    /// All of them wait for a person. What a short-lived program does, since it could not finish
    /// them.
    MarkOnly,
}

impl Engine {
    /// Finds the jobs that no process carries out although they have not ended, and answers how
    /// they were found. A job whose lock is held elsewhere is left alone.
    pub fn recover(&self, recovery: Recovery) -> Result<Vec<JobSummary>, Diagnosis> {
        let rows = self.shared.journal.unfinished()?;
        let mut found = Vec::new();
        for row in rows {
            if self.shared.running().contains_key(&row.id) {
                continue;
            }
            if let Some(summary) = self.recover_one(&row.id, recovery)? {
                found.push(summary);
            }
        }
        Ok(found)
    }

    fn recover_one(&self, id: &JobId, recovery: Recovery) -> Result<Option<JobSummary>, Diagnosis> {
        let shared = &self.shared;
        let held =
            lock::try_job(&shared.home, id).map_err(|error| shared.home.not_writable(&error))?;
        let Some(held) = held else { return Ok(None) };
        // Read again under the lock: its owner may have ended it meanwhile.
        let row = shared.row(id)?;
        let goes_on = recovery == Recovery::ResumeClouds
            && shared
                .backends
                .of(&row.plan.destination)
                .is_ok_and(|backend| backend.resumes_unattended());
        match &row.state {
            JobState::Cancelling => {
                stop_idle(shared, id, StopRequest::Cancel, held)?;
            }
            JobState::Queued | JobState::Running { .. } => {
                let state = JobState::Interrupted {
                    reason: self.reason(&row)?,
                };
                shared
                    .journal
                    .append(id, shared.clock.now(), &[Event::State { state }])?;
                let summary = shared.summary(&shared.row(id)?);
                if goes_on {
                    runner::start(shared, id, &row.plan, held, Start::Again);
                } else {
                    shared.tell_job(id);
                }
                return Ok(Some(summary));
            }
            JobState::Interrupted { .. } => {
                let summary = shared.summary(&row);
                if goes_on {
                    runner::start(shared, id, &row.plan, held, Start::Again);
                }
                return Ok(Some(summary));
            }
            JobState::Paused
            | JobState::Finished { .. }
            | JobState::Failed { .. }
            | JobState::Cancelled { .. } => {}
        }
        Ok(None)
    }

    /// During what the process ended, in a person's words.
    fn reason(&self, row: &JobRow) -> Result<String, Diagnosis> {
        let JobState::Running { phase } = &row.state else {
            return Ok("Firmdrop was closed before its turn came".into());
        };
        let job = self.job(&row.id)?;
        let sending = job
            .pieces
            .iter()
            .find(|piece| piece.state == PieceState::Sending);
        let during = match sending {
            Some(piece) => format!("chunk {}", piece.number),
            None => job
                .plan
                .phases
                .iter()
                .find(|planned| planned.key == *phase)
                .map_or_else(|| phase.clone(), |planned| format!("\"{}\"", planned.title)),
        };
        Ok(format!("Firmdrop was closed during {during}"))
    }
}
