//! What an earlier process left unfinished, found at the next start.

use firmdrop_core::Diagnosis;

use super::engine::Engine;
use super::leave::stop_idle;
use super::runner::{self, Start};
use crate::download::sweep_downloads;
use crate::journal::{Event, JobRow, StopRequest};
use crate::{JobId, JobState, JobSummary, PieceState, blocking, lock};

/// What is done with jobs that nobody carries out any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// Cloud jobs resume by themselves; a device write waits for the user.
    ResumeClouds,
    /// All of them wait for the user. What a short-lived program does, since it could not finish
    /// them.
    MarkOnly,
}

impl Engine {
    /// Finds the jobs that no process carries out although they have not ended, and answers how
    /// they were found. A job whose lock is held elsewhere is left alone.
    pub async fn recover(&self, recovery: Recovery) -> Result<Vec<JobSummary>, Diagnosis> {
        if self.shared.journal.is_read_only() {
            // Nobody can carry them out from here.
            return Ok(Vec::new());
        }
        let home = self.shared.home.clone();
        blocking(move || {
            sweep_downloads(&home);
            Ok(())
        })
        .await?;
        let rows = self.shared.journal.unfinished()?;
        let mut found = Vec::new();
        for row in rows {
            if self.shared.running().contains_key(&row.id) {
                continue;
            }
            if let Some(summary) = self.recover_one(&row.id, recovery).await? {
                found.push(summary);
            }
        }
        Ok(found)
    }

    async fn recover_one(
        &self,
        id: &JobId,
        recovery: Recovery,
    ) -> Result<Option<JobSummary>, Diagnosis> {
        let shared = &self.shared;
        let held =
            lock::try_job(&shared.home, id).map_err(|error| shared.home.not_writable(&error))?;
        let Some(held) = held else { return Ok(None) };
        // Read again under the lock: its owner may have ended it meanwhile.
        let row = shared.row(id)?;
        let resumes = recovery == Recovery::ResumeClouds
            && shared
                .backends
                .of(&row.plan.destination)
                .is_ok_and(|backend| backend.resumes_unattended());
        match &row.state {
            JobState::Cancelling if shared.leaves_something(&row) => {
                runner::start(shared, id, &row.plan, held, Start::GiveUp);
            }
            JobState::Cancelling => {
                stop_idle(shared, id, StopRequest::Cancel, held).await?;
            }
            JobState::Queued | JobState::Running { .. } => {
                let state = JobState::Interrupted {
                    reason: self.reason(&row)?,
                };
                let line = [Event::State { state }];
                let written = shared.journal.append(id, shared.clock.now(), &line);
                written.await?;
                let summary = shared.summary(&shared.row(id)?);
                if resumes {
                    runner::start(shared, id, &row.plan, held, Start::Again);
                } else {
                    shared.publish_job(id);
                }
                return Ok(Some(summary));
            }
            JobState::Interrupted { .. } => {
                let summary = shared.summary(&row);
                if resumes {
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

    /// During what the process ended, in words for the user.
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
