//! What earlier uploads learned about the line to an account.

use rusqlite::params;

use super::{Event, Journal, JournalError};

/// The last chunk of a file is as long as what is left; the one before tells what the line bears.
const TELLING_PIECES: u32 = 2;

impl Journal {
    /// Length of the longest of the last chunks that went to this account at a length nobody chose;
    /// `None` when none did.
    pub(crate) fn chunk_of_last_upload(&self, account: &str) -> Result<Option<u64>, JournalError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(
            "SELECT body FROM event WHERE job =
                 (SELECT job.id FROM job JOIN event ON event.job = job.id
                  WHERE json_extract(job.plan, '$.destination.account') = ?1
                    AND json_extract(job.plan, '$.options.chunk_bytes') IS NULL
                    AND json_extract(event.body, '$.event') = 'piece_confirmed'
                  ORDER BY job.created_ms DESC, job.rowid DESC LIMIT 1)
             AND json_extract(body, '$.event') = 'piece_confirmed'
             ORDER BY number DESC LIMIT ?2",
        )?;
        let rows = statement.query_map(params![account, TELLING_PIECES], |row| {
            row.get::<_, String>(0)
        })?;
        let mut longest = None;
        for body in rows {
            if let Event::PieceConfirmed { length_bytes, .. } = serde_json::from_str(&body?)? {
                longest = longest.max(Some(length_bytes));
            }
        }
        Ok(longest)
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_core::{Md5, Moment};

    use super::*;
    use crate::{DeliveryOptions, JobId, Plan};

    /// A plan as the journal holds it; only destination and options count here.
    fn plan(account: &str, chunk_bytes: Option<u64>) -> Plan {
        let mut plan = crate::delivery::test_plan();
        plan.destination = format!("pelion:{account}").parse().unwrap();
        plan.options = DeliveryOptions {
            chunk_bytes,
            ..DeliveryOptions::default()
        };
        plan
    }

    fn piece(number: u32, length_bytes: u64) -> Event {
        Event::PieceConfirmed {
            number,
            offset_bytes: 0,
            length_bytes,
            md5: Md5::of(b""),
            sent_again: false,
        }
    }

    #[test]
    fn the_next_upload_to_an_account_begins_with_what_the_last_one_learned() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("journal.sqlite")).unwrap();
        let add = |at: i64, plan: &Plan, pieces: &[Event]| {
            let (id, at) = (JobId::new(), Moment::from_millisecond(at));
            journal.add(&id, plan, at).unwrap();
            journal.append(&id, at, pieces).unwrap();
        };
        assert_eq!(journal.chunk_of_last_upload("far").unwrap(), None);
        add(1, &plan("far", None), &[piece(1, 32), piece(2, 96)]);
        add(2, &plan("near", None), &[piece(1, 100)]);
        assert_eq!(journal.chunk_of_last_upload("far").unwrap(), Some(96));
        let learned = [piece(1, 32), piece(2, 16), piece(3, 8), piece(4, 3)];
        add(3, &plan("far", None), &learned);
        assert_eq!(journal.chunk_of_last_upload("far").unwrap(), Some(8));
        add(4, &plan("far", Some(5)), &[piece(1, 5)]);
        add(5, &plan("far", None), &[]);
        assert_eq!(journal.chunk_of_last_upload("far").unwrap(), Some(8));
    }
}
