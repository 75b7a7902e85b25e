//! What earlier deliveries learned about the line to a destination.

use rusqlite::params;

use super::{Event, Journal, JournalError};
use crate::{Destination, PieceState};

/// The last piece of a file is as long as what is left; the one before says what the line bears.
const PIECES: u32 = 2;

impl Journal {
    /// Length of the longest of the last pieces that were confirmed there at a length nobody chose
    /// (`chunk_bytes` of the options); `None` when none was.
    pub(crate) fn last_piece_bytes(
        &self,
        destination: &Destination,
    ) -> Result<Option<u64>, JournalError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT body FROM event WHERE job =
                 (SELECT job.id FROM job JOIN event ON event.job = job.id
                  WHERE json_extract(job.plan, '$.destination.scheme') = ?1
                    AND json_extract(job.plan, '$.destination.address') = ?2
                    AND json_extract(job.plan, '$.options.chunk_bytes') IS NULL
                    AND json_extract(event.body, '$.event') = 'piece'
                    AND json_extract(event.body, '$.state') = 'confirmed'
                  ORDER BY job.created_ms DESC, job.rowid DESC LIMIT 1)
             AND json_extract(body, '$.event') = 'piece'
             AND json_extract(body, '$.state') = 'confirmed'
             ORDER BY number DESC LIMIT ?3",
        )?;
        let rows = statement.query_map(
            params![destination.scheme, destination.address, PIECES],
            |row| row.get::<_, String>(0),
        )?;
        let mut longest = None;
        for body in rows {
            if let Event::Piece { piece } = serde_json::from_str(&body?)?
                && piece.state == PieceState::Confirmed
            {
                longest = longest.max(Some(piece.length_bytes));
            }
        }
        Ok(longest)
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_core::Moment;

    use super::*;
    use crate::{JobId, PieceRecord, Plan};

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

    fn piece(number: u32, length_bytes: u64) -> Event {
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

    #[test]
    fn the_next_delivery_to_a_destination_begins_with_what_the_last_one_learned() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("journal.sqlite")).unwrap();
        let add = |at: i64, plan: &Plan, pieces: &[Event]| {
            let (id, at) = (JobId::new(), Moment::from_millisecond(at));
            journal.add(&id, plan, at).unwrap();
            journal.append(&id, at, pieces).unwrap();
        };
        assert_eq!(journal.last_piece_bytes(&there("far")).unwrap(), None);
        add(1, &plan("far", None), &[piece(1, 32), piece(2, 96)]);
        add(2, &plan("near", None), &[piece(1, 100)]);
        assert_eq!(journal.last_piece_bytes(&there("far")).unwrap(), Some(96));
        let learned = [piece(1, 32), piece(2, 16), piece(3, 8), piece(4, 3)];
        add(3, &plan("far", None), &learned);
        assert_eq!(journal.last_piece_bytes(&there("far")).unwrap(), Some(8));
        add(4, &plan("far", Some(5)), &[piece(1, 5)]);
        add(5, &plan("far", None), &[]);
        assert_eq!(journal.last_piece_bytes(&there("far")).unwrap(), Some(8));
    }
}
