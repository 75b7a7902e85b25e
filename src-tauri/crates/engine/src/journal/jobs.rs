//! What is written down about jobs.

use firmdrop_core::Moment;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::thread::barrier;
use super::write::{Durability, Written};
use super::{Event, Journal, JournalError};
use crate::ledger::{Delivered, Maker, Seal};
use crate::{JobId, JobState, Lane, PieceRecord, PieceState, Plan};

/// Largest plan that is stored, bytes. Plans of ordinary firmware have some ten thousand.
const LARGEST_PLAN: usize = 8 << 20;

/// The length the user chose for pieces, when one was chosen.
fn chosen_piece_bytes(plan: &Plan) -> Option<u64> {
    plan.options.own.get("chunk_bytes")?.as_u64()
}

/// A line of a history as it is stored.
struct Line {
    body: String,
    effect: Effect,
}

/// What a line changes about its job's row.
enum Effect {
    None,
    State(String),
    Phase(String),
    Confirmed(PieceRecord),
    PiecesGone,
}

impl Line {
    fn new(event: &Event) -> Result<Self, JournalError> {
        let effect = match event {
            Event::State { state } => Effect::State(serde_json::to_string(state)?),
            Event::PhaseBegan { key } => Effect::Phase(key.clone()),
            Event::Piece { piece } if piece.state == PieceState::Confirmed => {
                Effect::Confirmed(piece.clone())
            }
            Event::PiecesGone => Effect::PiecesGone,
            _ => Effect::None,
        };
        Ok(Self {
            body: serde_json::to_string(event)?,
            effect,
        })
    }

    fn all(events: &[Event]) -> Result<Vec<Self>, JournalError> {
        events.iter().map(Self::new).collect()
    }
}

impl Journal {
    /// Writes down a new job. It survives the end of the process when the answer is ready, and the end of the power
    /// supply a second later, or together with the first line that must: nothing is sent before that.
    pub(crate) fn add(
        &self,
        id: &JobId,
        plan: &Plan,
        at: Moment,
        lane: Option<&Lane>,
    ) -> Written<()> {
        let (scheme, address) = (
            plan.destination.scheme.clone(),
            plan.destination.address.clone(),
        );
        let chosen = chosen_piece_bytes(plan).map(to_sql);
        let state = JobState::Queued;
        let prepared = serde_json::to_string(plan)
            .map_err(JournalError::from)
            .and_then(|plan| {
                if plan.len() > LARGEST_PLAN {
                    return Err(JournalError::PlanTooLarge {
                        bytes: plan.len(),
                        limit: LARGEST_PLAN,
                    });
                }
                Ok((plan, serde_json::to_string(&state)?))
            })
            .and_then(|(plan, words)| Ok((plan, words, Line::new(&Event::State { state })?)));
        let (id, lane) = (id.clone(), lane.cloned());
        self.enqueue(Durability::Soon, move |connection| {
            let (plan, state, line) = prepared?;
            connection.execute(
                "INSERT INTO job (id, created_ms, changed_ms, revision, plan, state, scheme, address,
                     batch, lane, chosen_piece_bytes)
                 VALUES (?1, ?2, ?2, (SELECT COALESCE(MAX(revision), 0) + 1 FROM job), ?3, ?4, ?5, ?6,
                     ?7, ?8, ?9)",
                params![
                    id.as_str(),
                    at.as_millisecond(),
                    plan,
                    state,
                    scheme,
                    address,
                    lane.as_ref().map(|lane| &lane.batch),
                    lane.as_ref().map(|lane| lane.number),
                    chosen,
                ],
            )?;
            append(connection, &id, at, &line)
        })
    }

    /// Adds lines to a job's history, all or none. They are on the disk when the answer is ready.
    pub(crate) fn append(&self, id: &JobId, at: Moment, events: &[Event]) -> Written<()> {
        self.append_then(Durability::Now, id, at, events, |_| {})
    }

    /// The same; `then` is called on the journal's thread once it is settled.
    #[expect(
        clippy::too_many_arguments,
        reason = "one line of a journal, when it has to be there, and who hears of it"
    )]
    pub(crate) fn append_then(
        &self,
        durability: Durability,
        id: &JobId,
        at: Moment,
        events: &[Event],
        then: impl FnOnce(&Result<(), JournalError>) + Send + 'static,
    ) -> Written<()> {
        let lines = Line::all(events);
        let id = id.clone();
        self.enqueue_then(
            durability,
            move |connection| {
                append_all(connection, &id, at, &lines?)?;
                touch(connection, &id, at)
            },
            then,
        )
    }

    /// Ends a job and writes its ledger entry in the same transaction.
    #[expect(
        clippy::too_many_arguments,
        reason = "one end, one entry, and who seals it"
    )]
    pub(crate) fn end(
        &self,
        id: &JobId,
        at: Moment,
        events: &[Event],
        delivered: Delivered,
        maker: &Maker,
        seal: Seal,
    ) -> Written<()> {
        let lines = Line::all(events);
        let (id, maker) = (id.clone(), maker.clone());
        self.enqueue(Durability::Now, move |connection| {
            append_all(connection, &id, at, &lines?)?;
            let Seal { signer, signs_head } = seal;
            crate::ledger::append(
                connection,
                &delivered,
                &maker,
                signer.as_deref(),
                signs_head,
            )?;
            touch(connection, &id, at)
        })
    }

    /// Stores how far the running phase is, for the other processes of this home. Never waits for the
    /// disk, and may be lost.
    pub(crate) fn store_progress(&self, id: &JobId, at: Moment, confirmed_bytes: u64) {
        let id = id.clone();
        // A failure here shows at the next line that matters.
        drop(self.enqueue(Durability::Soon, move |connection| {
            connection
                .prepare_cached("UPDATE job SET confirmed_bytes = ?2 WHERE id = ?1")?
                .execute(params![id.as_str(), to_sql(confirmed_bytes)])?;
            touch(connection, &id, at)
        }));
    }

    /// Ready once everything that was given before is settled.
    pub(crate) fn turn(&self) -> Written<()> {
        self.enqueue(Durability::Soon, |_| Ok(()))
    }

    /// Ready once everything that was given before is on the disk.
    pub(crate) fn synchronise(&self) -> Written<()> {
        self.enqueue(Durability::Now, barrier)
    }
}

fn append_all(
    connection: &Connection,
    id: &JobId,
    at: Moment,
    lines: &[Line],
) -> Result<(), JournalError> {
    lines
        .iter()
        .try_for_each(|line| append(connection, id, at, line))
}

fn append(
    connection: &Connection,
    id: &JobId,
    at: Moment,
    line: &Line,
) -> Result<(), JournalError> {
    connection
        .prepare_cached("INSERT INTO event (job, at_ms, body) VALUES (?1, ?2, ?3)")?
        .execute(params![id.as_str(), at.as_millisecond(), line.body])?;
    match &line.effect {
        Effect::None => {}
        Effect::State(state) => {
            connection
                .prepare_cached("UPDATE job SET state = ?2 WHERE id = ?1")?
                .execute(params![id.as_str(), state])?;
        }
        Effect::Phase(key) => {
            connection
                .prepare_cached("UPDATE job SET phase = ?2, confirmed_bytes = 0 WHERE id = ?1")?
                .execute(params![id.as_str(), key])?;
        }
        Effect::Confirmed(piece) => confirm(connection, id, piece)?,
        Effect::PiecesGone => {
            connection
                .prepare_cached("DELETE FROM piece WHERE job = ?1")?
                .execute([id.as_str()])?;
            connection
                .prepare_cached(
                    "UPDATE job SET pieces = 0, piece_bytes = 0, confirmed_bytes = 0 WHERE id = ?1",
                )?
                .execute([id.as_str()])?;
        }
    }
    Ok(())
}

/// Counts a confirmed piece once, however often and in whatever order pieces are confirmed.
fn confirm(connection: &Connection, id: &JobId, piece: &PieceRecord) -> Result<(), JournalError> {
    let name = params![id.as_str(), piece.file, piece.number];
    let known: Option<i64> = connection
        .prepare_cached(
            "SELECT length_bytes FROM piece WHERE job = ?1 AND file = ?2 AND number = ?3",
        )?
        .query_row(name, |row| row.get(0))
        .optional()?;
    let length = to_sql(piece.length_bytes);
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO piece (job, file, number, length_bytes) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![id.as_str(), piece.file, piece.number, length])?;
    let more = length.saturating_sub(known.unwrap_or(0));
    connection
        .prepare_cached(
            "UPDATE job SET pieces = COALESCE(pieces, 0) + ?2, piece_bytes = piece_bytes + ?3,
                 confirmed_bytes = piece_bytes + ?3
             WHERE id = ?1",
        )?
        .execute(params![id.as_str(), i32::from(known.is_none()), more])?;
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

/// A confirmed piece of a file.
#[cfg(test)]
pub(crate) fn piece(number: u32, length_bytes: u64) -> Event {
    Event::Piece {
        piece: PieceRecord {
            file: 0,
            number,
            offset_bytes: 0,
            length_bytes,
            digest: None,
            state: PieceState::Confirmed,
            sent_again: false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::test_plan;
    use crate::journal::Row;

    fn journal() -> (tempfile::TempDir, Journal, JobId) {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("journal.sqlite")).unwrap();
        let id = JobId::new();
        let at = Moment::from_millisecond(1);
        journal.add(&id, &test_plan(), at, None).wait().unwrap();
        (folder, journal, id)
    }

    #[test]
    fn pieces_count_once_in_whatever_order_and_from_however_many_senders_they_come() {
        let (_folder, journal, id) = journal();
        let at = Moment::from_millisecond(2);
        let append = |events: &[Event]| journal.append(&id, at, events).wait().unwrap();
        let count = || {
            let row = journal.job(&id).unwrap();
            (row.pieces, row.confirmed_bytes)
        };
        append(&[piece(7, 5), piece(2, 10)]);
        assert_eq!(count(), (Some(2), 15));
        append(&[piece(7, 5)]);
        assert_eq!(count(), (Some(2), 15), "one that was confirmed again");
        let Event::Piece { mut piece } = piece(7, 3) else {
            panic!("a piece");
        };
        piece.file = 1;
        append(&[Event::Piece { piece }]);
        assert_eq!(count(), (Some(3), 18), "one of another file");
        append(&[Event::PiecesGone]);
        assert_eq!(count(), (Some(0), 0));
    }

    #[test]
    fn lines_of_a_job_stay_in_the_order_in_which_they_were_given() {
        let (_folder, journal, id) = journal();
        let at = Moment::from_millisecond(2);
        let keys: Vec<String> = (0..100).map(|number| format!("phase-{number}")).collect();
        for key in &keys {
            let event = Event::PhaseBegan { key: key.clone() };
            drop(journal.append_then(Durability::Soon, &id, at, &[event], |_| {}));
        }
        journal.synchronise().wait().unwrap();
        let began: Vec<String> = journal
            .history(&id)
            .unwrap()
            .into_iter()
            .filter_map(|(_, event)| match event {
                Event::PhaseBegan { key } => Some(key),
                _ => None,
            })
            .collect();
        assert_eq!(began, keys);
    }

    #[test]
    fn a_plan_beyond_all_measure_is_refused_before_anything_is_stored() {
        let (_folder, journal, _) = journal();
        let mut plan = test_plan();
        plan.risks = vec!["x".repeat(LARGEST_PLAN)];
        let at = Moment::from_millisecond(3);
        let refused = journal.add(&JobId::new(), &plan, at, None).wait();
        assert!(matches!(refused, Err(JournalError::PlanTooLarge { .. })));
        assert_eq!(journal.newest(10).unwrap().len(), 1);
    }

    #[test]
    fn a_row_that_cannot_be_read_is_one_unreadable_job_and_nothing_else() {
        let (folder, journal, first) = journal();
        let at = Moment::from_millisecond(2);
        let other = JobId::new();
        journal.add(&other, &test_plan(), at, None).wait().unwrap();
        let behind = Connection::open(folder.path().join("journal.sqlite")).unwrap();
        behind
            .execute(
                "UPDATE job SET plan = '{broken', state = 'x' WHERE id = ?1",
                [first.as_str()],
            )
            .unwrap();
        let rows = journal.newest(10).unwrap();
        assert!(matches!(&rows[0], Row::Readable(row) if row.id == other));
        assert!(matches!(&rows[1], Row::Unreadable(row) if row.id == first));
        assert!(matches!(
            journal.job(&first),
            Err(JournalError::UnreadableJob { .. })
        ));
        assert_eq!(journal.unfinished().unwrap().len(), 1);
        behind
            .execute(
                "UPDATE event SET body = x'ff00' WHERE job = ?1",
                [other.as_str()],
            )
            .unwrap_err();
        behind
            .execute(
                "UPDATE event SET body = '{\"event\"' WHERE job = ?1",
                [other.as_str()],
            )
            .unwrap();
        let history = journal.history(&other).unwrap();
        assert!(matches!(history[0].1, Event::Unreadable { .. }));
    }
}
