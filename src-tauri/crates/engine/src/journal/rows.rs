//! What the journal answers about jobs.

use firmdrop_core::Moment;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ToSql};

use super::{Event, Journal, JournalError};
use crate::{JobId, JobState, Lane, Plan, TimedNote};

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
    /// Distinct pieces the other side confirmed.
    pub(crate) pieces: Option<u32>,
    /// Its place in a batch.
    pub(crate) lane: Option<Lane>,
}

/// A job whose row cannot be read.
#[derive(Debug, Clone)]
pub(crate) struct UnreadableRow {
    /// Its id; made from the number of the row when that cannot be read either.
    pub(crate) id: JobId,
    pub(crate) created: Moment,
    pub(crate) changed: Moment,
    pub(crate) revision: i64,
    /// Its destination, as far as it can be read.
    pub(crate) destination: String,
    pub(crate) why: String,
}

/// A row of the table of jobs.
#[derive(Debug, Clone)]
pub(crate) enum Row {
    Readable(Box<JobRow>),
    Unreadable(Box<UnreadableRow>),
}

impl Row {
    pub(crate) fn revision(&self) -> i64 {
        match self {
            Self::Readable(row) => row.revision,
            Self::Unreadable(row) => row.revision,
        }
    }

    pub(crate) fn id(&self) -> &JobId {
        match self {
            Self::Readable(row) => &row.id,
            Self::Unreadable(row) => &row.id,
        }
    }

    fn readable(self) -> Result<JobRow, JournalError> {
        match self {
            Self::Readable(row) => Ok(*row),
            Self::Unreadable(row) => Err(JournalError::UnreadableJob {
                id: row.id.to_string(),
                why: row.why,
            }),
        }
    }
}

const COLUMNS: &str = "rowid, id, created_ms, changed_ms, revision, plan, state, phase, confirmed_bytes, \
                       pieces, scheme, address, batch, lane";

impl Journal {
    /// One job.
    pub(crate) fn job(&self, id: &JobId) -> Result<JobRow, JournalError> {
        self.select("WHERE id = ?1", id.as_str())?
            .pop()
            .ok_or_else(|| JournalError::NoSuchJob(id.to_string()))?
            .readable()
    }

    /// One job whose plan is known already.
    pub(crate) fn job_of_plan(&self, id: &JobId, plan: &Plan) -> Result<JobRow, JournalError> {
        let rows = self.read(|connection| {
            let columns = COLUMNS.replace(" plan,", " NULL,");
            let mut statement =
                connection.prepare_cached(&format!("SELECT {columns} FROM job WHERE id = ?1"))?;
            let rows = statement.query_map([id.as_str()], |row| Row::read(row, Some(plan)))?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?)
        })?;
        let row = rows.into_iter().next();
        row.ok_or_else(|| JournalError::NoSuchJob(id.to_string()))?
            .readable()
    }

    /// The one job whose id begins so.
    pub(crate) fn job_beginning(&self, beginning: &JobId) -> Result<JobRow, JournalError> {
        let mut found = self.select("WHERE id LIKE ?1 || '%' LIMIT 2", beginning.as_str())?;
        match (found.pop(), found.is_empty()) {
            (Some(job), true) => job.readable(),
            _ => Err(JournalError::NoSuchJob(beginning.to_string())),
        }
    }

    /// The newest jobs, newest first.
    pub(crate) fn newest(&self, limit: u32) -> Result<Vec<Row>, JournalError> {
        // Not by their time: a clock may have been set back since.
        self.select("ORDER BY rowid DESC LIMIT ?1", limit)
    }

    /// Jobs that have not ended and were not paused, the oldest first. Those that cannot be read are
    /// left out: nobody could carry them out.
    pub(crate) fn unfinished(&self) -> Result<Vec<JobRow>, JournalError> {
        let rows = self.select(
            "WHERE CASE WHEN json_valid(state) THEN json_extract(state, '$.state') END
                 IN ('queued', 'running', 'cancelling', 'interrupted')
             ORDER BY rowid LIMIT ?1",
            u32::MAX,
        )?;
        Ok(rows
            .into_iter()
            .filter_map(|row| row.readable().ok())
            .collect())
    }

    /// Jobs that changed after that revision, in the order of their changes.
    pub(crate) fn changed_after(&self, revision: i64) -> Result<Vec<Row>, JournalError> {
        self.select("WHERE revision > ?1 ORDER BY revision", revision)
    }

    /// The revision of the newest change.
    pub(crate) fn revision(&self) -> Result<i64, JournalError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT COALESCE(MAX(revision), 0) FROM job")?;
            Ok(statement.query_row([], |row| row.get(0))?)
        })
    }

    /// A job's history, the oldest line first.
    pub(crate) fn history(&self, id: &JobId) -> Result<Vec<(Moment, Event)>, JournalError> {
        let lines = self.lines(id)?;
        Ok(lines
            .into_iter()
            .map(|(at, body)| (at, Event::read(&body)))
            .collect())
    }

    /// The lines of a job's history as they are stored, the oldest first.
    pub(crate) fn lines(&self, id: &JobId) -> Result<Vec<(Moment, String)>, JournalError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT at_ms, body FROM event WHERE job = ?1 ORDER BY number")?;
            let rows = statement.query_map([id.as_str()], |row| {
                let at = Moment::from_millisecond(row.get(0)?);
                Ok((at, text(row.get_ref(1)?)))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn select(&self, rest: &str, parameter: impl ToSql) -> Result<Vec<Row>, JournalError> {
        self.read(|connection| select(connection, rest, &parameter))
    }
}

fn select(
    connection: &Connection,
    rest: &str,
    parameter: &dyn ToSql,
) -> Result<Vec<Row>, JournalError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM job {rest}"))?;
    let rows = statement.query_map([parameter], |row| Row::read(row, None))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl Row {
    /// Reads a row column by column: whatever one of them holds, the row is not lost.
    fn read(row: &rusqlite::Row<'_>, plan: Option<&Plan>) -> rusqlite::Result<Self> {
        let number = |column: usize| match row.get_ref(column) {
            Ok(ValueRef::Integer(number)) => Some(number),
            _ => None,
        };
        let words = |column: usize| match row.get_ref(column) {
            Ok(ValueRef::Null) | Err(_) => None,
            Ok(value) => Some(text(value)),
        };
        let rowid: i64 = row.get(0)?;
        let stored_id = words(1).unwrap_or_default();
        let moment = |column| Moment::from_millisecond(number(column).unwrap_or(0));
        let (created, changed) = (moment(2), moment(3));
        let revision = number(4).unwrap_or(0);
        let parsed = || -> Result<JobRow, String> {
            let json = |column: usize| words(column).unwrap_or_default();
            let id = JobId::try_from(stored_id.clone()).map_err(|error| error.to_string())?;
            let plan = match plan {
                Some(plan) => plan.clone(),
                None => serde_json::from_str(&json(5))
                    .map_err(|error| format!("Its plan cannot be read: {error}."))?,
            };
            let state: JobState = serde_json::from_str(&json(6))
                .map_err(|error| format!("Its state cannot be read: {error}."))?;
            Ok(JobRow {
                id,
                created,
                changed,
                revision,
                plan,
                state,
                phase: words(7),
                confirmed_bytes: number(8)
                    .and_then(|bytes| u64::try_from(bytes).ok())
                    .unwrap_or(0),
                pieces: number(9).and_then(|pieces| u32::try_from(pieces).ok()),
                lane: words(12).map(|batch| Lane {
                    batch,
                    number: number(13)
                        .and_then(|lane| u32::try_from(lane).ok())
                        .unwrap_or(0),
                }),
            })
        };
        Ok(match parsed() {
            Ok(job) => Self::Readable(Box::new(job)),
            Err(why) => Self::Unreadable(Box::new(UnreadableRow {
                id: JobId::try_from(stored_id).unwrap_or_else(|_| JobId::of_row(rowid)),
                created,
                changed,
                revision,
                destination: format!(
                    "{}:{}",
                    words(10).unwrap_or_default(),
                    words(11).unwrap_or_default()
                ),
                why,
            })),
        })
    }
}

/// A text as it is stored, with a mark where it is none.
fn text(value: ValueRef<'_>) -> String {
    String::from_utf8_lossy(value.as_bytes().unwrap_or_default()).into_owned()
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
