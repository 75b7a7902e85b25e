//! Jobs and their histories in the journal.

use firmdrop_core::Moment;
use rusqlite::{Connection, Row, Transaction, TransactionBehavior, params};

use super::{Event, Journal, JournalError};
use crate::ledger::Delivered;
use crate::{JobId, JobState, PieceState, Plan, TimedNote};

/// What the journal holds of a job besides its history.
#[derive(Debug, Clone)]
pub(crate) struct JobRow {
    pub(crate) id: JobId,
    pub(crate) created: Moment,
    pub(crate) changed: Moment,
    pub(crate) revision: i64,
    pub(crate) plan: Plan,
    pub(crate) state: JobState,
    /// Key of the phase it is in, or was in.
    pub(crate) phase: Option<String>,
    /// Bytes the other side confirmed in that phase.
    pub(crate) confirmed_bytes: u64,
    /// Pieces the other side confirmed.
    pub(crate) pieces: Option<u32>,
}

const COLUMNS: &str =
    "id, created_ms, changed_ms, revision, plan, state, phase, confirmed_bytes, pieces";

impl Journal {
    /// Writes down a new job. It is durable when this returns.
    pub(crate) fn add(&self, id: &JobId, plan: &Plan, at: Moment) -> Result<(), JournalError> {
        let state = JobState::Queued;
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO job (id, created_ms, changed_ms, revision, plan, state)
                 VALUES (?1, ?2, ?2, (SELECT COALESCE(MAX(revision), 0) + 1 FROM job), ?3, ?4)",
                params![
                    id.as_str(),
                    at.as_millisecond(),
                    serde_json::to_string(plan)?,
                    serde_json::to_string(&state)?
                ],
            )?;
            append(transaction, id, at, &Event::State { state })
        })
    }

    /// Adds lines to a job's history, all or none. They are durable when this returns.
    pub(crate) fn append(
        &self,
        id: &JobId,
        at: Moment,
        events: &[Event],
    ) -> Result<(), JournalError> {
        self.write(|transaction| {
            events
                .iter()
                .try_for_each(|event| append(transaction, id, at, event))?;
            touch(transaction, id, at)
        })
    }

    /// Ends a job and writes its ledger entry in the same transaction.
    pub(crate) fn end(
        &self,
        id: &JobId,
        at: Moment,
        events: &[Event],
        delivered: &Delivered,
    ) -> Result<(), JournalError> {
        self.write(|transaction| {
            events
                .iter()
                .try_for_each(|event| append(transaction, id, at, event))?;
            crate::ledger::append(transaction, delivered)?;
            touch(transaction, id, at)
        })
    }

    /// Keeps how far the running phase is, for the other processes of this home.
    pub(crate) fn keep_progress(
        &self,
        id: &JobId,
        at: Moment,
        confirmed_bytes: u64,
    ) -> Result<(), JournalError> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE job SET confirmed_bytes = ?2 WHERE id = ?1",
                params![id.as_str(), to_sql(confirmed_bytes)],
            )?;
            touch(transaction, id, at)
        })
    }

    /// One job.
    pub(crate) fn job(&self, id: &JobId) -> Result<JobRow, JournalError> {
        self.select("WHERE id = ?1", id.as_str())?
            .pop()
            .ok_or_else(|| JournalError::NoSuchJob(id.to_string()))
    }

    /// The one job whose id begins so.
    pub(crate) fn job_beginning(&self, beginning: &JobId) -> Result<JobRow, JournalError> {
        let mut found = self.select("WHERE id LIKE ?1 || '%' LIMIT 2", beginning.as_str())?;
        match (found.pop(), found.is_empty()) {
            (Some(job), true) => Ok(job),
            _ => Err(JournalError::NoSuchJob(beginning.to_string())),
        }
    }

    /// The newest jobs, newest first.
    pub(crate) fn newest(&self, limit: u32) -> Result<Vec<JobRow>, JournalError> {
        self.select("ORDER BY created_ms DESC, rowid DESC LIMIT ?1", limit)
    }

    /// Jobs that have not ended and were not paused, the oldest first.
    pub(crate) fn unfinished(&self) -> Result<Vec<JobRow>, JournalError> {
        self.select(
            "WHERE json_extract(state, '$.state') IN ('queued', 'running', 'cancelling', 'interrupted')
             ORDER BY created_ms, rowid LIMIT ?1",
            u32::MAX,
        )
    }

    /// Jobs that changed after that revision, in the order of their changes.
    pub(crate) fn changed_after(&self, revision: i64) -> Result<Vec<JobRow>, JournalError> {
        self.select("WHERE revision > ?1 ORDER BY revision", revision)
    }

    /// The revision of the newest change.
    pub(crate) fn revision(&self) -> Result<i64, JournalError> {
        Ok(self
            .lock()
            .query_row("SELECT COALESCE(MAX(revision), 0) FROM job", [], |row| {
                row.get(0)
            })?)
    }

    /// A job's history, the oldest line first.
    pub(crate) fn history(&self, id: &JobId) -> Result<Vec<(Moment, Event)>, JournalError> {
        let connection = self.lock();
        let mut statement = connection
            .prepare_cached("SELECT at_ms, body FROM event WHERE job = ?1 ORDER BY number")?;
        let rows = statement.query_map([id.as_str()], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })?;
        rows.map(|row| {
            let (at, body) = row?;
            Ok((Moment::from_millisecond(at), serde_json::from_str(&body)?))
        })
        .collect()
    }

    /// Runs `work` in one immediate transaction.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    fn select(
        &self,
        rest: &str,
        parameter: impl rusqlite::ToSql,
    ) -> Result<Vec<JobRow>, JournalError> {
        let connection = self.lock();
        let mut statement =
            connection.prepare_cached(&format!("SELECT {COLUMNS} FROM job {rest}"))?;
        let rows = statement.query_map([parameter], |row| Ok(RawRow::read(row)))?;
        rows.map(|row| row??.parse()).collect()
    }
}

fn append(
    connection: &Connection,
    id: &JobId,
    at: Moment,
    event: &Event,
) -> Result<(), JournalError> {
    let mut insert =
        connection.prepare_cached("INSERT INTO event (job, at_ms, body) VALUES (?1, ?2, ?3)")?;
    insert.execute(params![
        id.as_str(),
        at.as_millisecond(),
        serde_json::to_string(event)?
    ])?;
    match event {
        Event::State { state } => {
            connection
                .prepare_cached("UPDATE job SET state = ?2 WHERE id = ?1")?
                .execute(params![id.as_str(), serde_json::to_string(state)?])?;
        }
        Event::PhaseBegan { key } => {
            connection
                .prepare_cached("UPDATE job SET phase = ?2, confirmed_bytes = 0 WHERE id = ?1")?
                .execute(params![id.as_str(), key])?;
        }
        Event::Piece { piece } if piece.state == PieceState::Confirmed => {
            connection
                .prepare_cached("UPDATE job SET pieces = ?2, confirmed_bytes = ?3 WHERE id = ?1")?
                .execute(params![
                    id.as_str(),
                    piece.number,
                    to_sql(piece.offset_bytes + piece.length_bytes)
                ])?;
        }
        _ => {}
    }
    Ok(())
}

/// Gives the job the next revision, by which the other processes see that it changed.
fn touch(connection: &Connection, id: &JobId, at: Moment) -> Result<(), JournalError> {
    let touched = connection
        .prepare_cached(
            "UPDATE job SET changed_ms = ?2, revision = (SELECT MAX(revision) + 1 FROM job) WHERE id = ?1",
        )?
        .execute(params![id.as_str(), at.as_millisecond()])?;
    if touched == 1 {
        Ok(())
    } else {
        Err(JournalError::NoSuchJob(id.to_string()))
    }
}

/// `SQLite` counts in 63 bits; no file is larger.
fn to_sql(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// A row as the database holds it.
struct RawRow {
    id: String,
    created_ms: i64,
    changed_ms: i64,
    revision: i64,
    plan: String,
    state: String,
    phase: Option<String>,
    confirmed_bytes: i64,
    pieces: Option<u32>,
}

impl RawRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            created_ms: row.get(1)?,
            changed_ms: row.get(2)?,
            revision: row.get(3)?,
            plan: row.get(4)?,
            state: row.get(5)?,
            phase: row.get(6)?,
            confirmed_bytes: row.get(7)?,
            pieces: row.get(8)?,
        })
    }

    fn parse(self) -> Result<JobRow, JournalError> {
        Ok(JobRow {
            id: self
                .id
                .clone()
                .try_into()
                .map_err(|_| JournalError::NoSuchJob(self.id))?,
            created: Moment::from_millisecond(self.created_ms),
            changed: Moment::from_millisecond(self.changed_ms),
            revision: self.revision,
            plan: serde_json::from_str(&self.plan)?,
            state: serde_json::from_str(&self.state)?,
            phase: self.phase,
            confirmed_bytes: u64::try_from(self.confirmed_bytes).unwrap_or(0),
            pieces: self.pieces,
        })
    }
}

/// The notes of a history.
pub(crate) fn notes(history: &[(Moment, Event)]) -> Vec<TimedNote> {
    history
        .iter()
        .filter_map(|(at, event)| match event {
            Event::Note { note } => Some(TimedNote {
                at: *at,
                note: note.clone(),
            }),
            _ => None,
        })
        .collect()
}
