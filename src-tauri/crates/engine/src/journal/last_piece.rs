//! What earlier deliveries learned about the line to a destination.

use rusqlite::params;

use super::{Journal, JournalError};
use crate::Destination;

/// The last piece of a file is as long as what is left; the one before says what the line bears.
const PIECES: u32 = 2;

impl Journal {
    /// Length of the longest of the last pieces that were confirmed at this destination at a length
    /// nobody chose; `None` when none was.
    pub(crate) fn last_piece_bytes(
        &self,
        destination: &Destination,
    ) -> Result<Option<u64>, JournalError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT MAX(length_bytes) FROM
                     (SELECT length_bytes FROM piece WHERE job =
                         (SELECT id FROM job
                          WHERE scheme = ?1 AND address = ?2 AND chosen_piece_bytes IS NULL
                            AND EXISTS (SELECT 1 FROM piece WHERE piece.job = job.id)
                          ORDER BY created_ms DESC, rowid DESC LIMIT 1)
                      ORDER BY file DESC, number DESC LIMIT ?3)",
            )?;
            let longest: Option<i64> = statement.query_row(
                params![destination.scheme, destination.address, PIECES],
                |row| row.get(0),
            )?;
            Ok(longest.and_then(|bytes| u64::try_from(bytes).ok()))
        })
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_core::Moment;

    use super::*;
    use crate::journal::Event;
    use crate::journal::jobs::piece;
    use crate::{JobId, Plan};

    fn there(account: &str) -> Destination {
        Destination::new("cloud", account)
    }

    /// A plan as the journal holds it; only destination and options count here.
    fn plan(account: &str, chunk_bytes: Option<u64>) -> Plan {
        let mut plan = crate::delivery::test_plan();
        plan.destination = there(account);
        if let Some(chunk_bytes) = chunk_bytes {
            let own = &mut plan.options.own;
            own.insert("chunk_bytes".into(), chunk_bytes.into());
        }
        plan
    }

    #[test]
    fn the_next_delivery_to_a_destination_begins_with_what_the_last_one_learned() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("journal.sqlite")).unwrap();
        let last = |account: &str| journal.last_piece_bytes(&there(account)).unwrap();
        let add = |at: i64, plan: &Plan, pieces: &[Event]| {
            let (id, at) = (JobId::new(), Moment::from_millisecond(at));
            journal.add(&id, plan, at, None).wait().unwrap();
            journal.append(&id, at, pieces).wait().unwrap();
        };
        assert_eq!(last("far"), None);
        add(1, &plan("far", None), &[piece(1, 32), piece(2, 96)]);
        add(2, &plan("near", None), &[piece(1, 100)]);
        assert_eq!(last("far"), Some(96));
        let learned = [piece(1, 32), piece(2, 16), piece(3, 8), piece(4, 3)];
        add(3, &plan("far", None), &learned);
        assert_eq!(last("far"), Some(8));
        add(4, &plan("far", Some(5)), &[piece(1, 5)]);
        add(5, &plan("far", None), &[]);
        assert_eq!(last("far"), Some(8));
    }
}
