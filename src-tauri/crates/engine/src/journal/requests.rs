//! Stop requests of one process about a job that another one carries out.

use firmdrop_core::Moment;
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::write::{Durability, Written};
use super::{Journal, JournalError};
use crate::JobId;

/// A request to stop a running job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopRequest {
    /// Stop at the next safe point, to be resumed later.
    Pause,
    /// Stop at the next safe point for good.
    Cancel,
}

impl Journal {
    /// Leaves a request for whoever carries the job out.
    pub(crate) fn leave_stop_request(
        &self,
        job: &JobId,
        request: StopRequest,
        at: Moment,
    ) -> Written<()> {
        let job = job.clone();
        self.enqueue(Durability::Now, move |connection| {
            connection.execute(
                "INSERT INTO request (job, at_ms, request) VALUES (?1, ?2, ?3)",
                params![
                    job.as_str(),
                    at.as_millisecond(),
                    serde_json::to_string(&request)?
                ],
            )?;
            Ok(())
        })
    }

    /// Whether a request waits for a job.
    pub(crate) fn has_stop_request(&self, job: &JobId) -> Result<bool, JournalError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM request WHERE job = ?1)")?;
            Ok(statement.query_row([job.as_str()], |row| row.get(0))?)
        })
    }

    /// Takes the requests for a job out of the journal and answers the newest.
    pub(crate) async fn take_stop_request(
        &self,
        job: &JobId,
    ) -> Result<Option<StopRequest>, JournalError> {
        if !self.has_stop_request(job)? {
            return Ok(None);
        }
        let job = job.clone();
        let taken = self.enqueue(Durability::Soon, move |connection| {
            let mut newest = connection.prepare_cached(
                "SELECT request FROM request WHERE job = ?1 ORDER BY number DESC LIMIT 1",
            )?;
            let newest = newest
                .query_map([job.as_str()], |row| row.get::<_, String>(0))?
                .next()
                .transpose()?;
            connection.execute("DELETE FROM request WHERE job = ?1", [job.as_str()])?;
            // A request of a newer program that this one cannot read is no reason to fail.
            Ok(newest.and_then(|request| serde_json::from_str(&request).ok()))
        });
        taken.await
    }
}
