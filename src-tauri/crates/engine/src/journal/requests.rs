//! Wishes of one process about a job that another one carries out.

use firmdrop_core::Moment;
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::{Journal, JournalError};
use crate::JobId;

/// What a person wants of a running job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StopRequest {
    /// Stop at the next safe point, go on later.
    Pause,
    /// Stop at the next safe point for good.
    Cancel,
}

impl Journal {
    /// Leaves a wish for whoever carries the job out.
    pub(crate) fn leave_stop_request(
        &self,
        job: &JobId,
        wish: StopRequest,
        at: Moment,
    ) -> Result<(), JournalError> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO request (job, at_ms, wish) VALUES (?1, ?2, ?3)",
                params![
                    job.as_str(),
                    at.as_millisecond(),
                    serde_json::to_string(&wish)?
                ],
            )?;
            Ok(())
        })
    }

    /// Takes the wishes for a job out of the journal and answers the newest.
    pub(crate) fn take_stop_request(
        &self,
        job: &JobId,
    ) -> Result<Option<StopRequest>, JournalError> {
        let waiting: i64 = self.lock().query_row(
            "SELECT COUNT(*) FROM request WHERE job = ?1",
            [job.as_str()],
            |row| row.get(0),
        )?;
        if waiting == 0 {
            return Ok(None);
        }
        self.write(|transaction| {
            let newest: String = transaction.query_row(
                "SELECT wish FROM request WHERE job = ?1 ORDER BY number DESC LIMIT 1",
                [job.as_str()],
                |row| row.get(0),
            )?;
            transaction.execute("DELETE FROM request WHERE job = ?1", [job.as_str()])?;
            Ok(Some(serde_json::from_str(&newest)?))
        })
    }
}
