//! The ledger in the journal's file.

use firmdrop_core::Sha256;
use rusqlite::{Connection, OptionalExtension, params};

use super::entry::seal;
use super::{Chain, Delivered, LedgerEntry, LedgerFault};
use crate::journal::{Journal, JournalError};

/// An entry as it is stored.
struct Stored {
    number: u32,
    previous: String,
    hash: String,
    body: String,
}

/// Appends an entry within the caller's transaction, which must be an immediate one: no other
/// process may append in between.
pub(crate) fn append(connection: &Connection, delivered: &Delivered) -> Result<(), JournalError> {
    let chain = delivered.chain.name();
    let last: Option<(u32, String)> = connection
        .query_row(
            "SELECT number, hash FROM ledger WHERE chain = ?1 ORDER BY number DESC LIMIT 1",
            [chain],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let (number, previous) = match last {
        Some((number, hash)) => (number + 1, Sha256::from_hex(&hash).unwrap_or(ZERO)),
        None => (1, ZERO),
    };
    let body = serde_json::to_string(delivered)?;
    let hash = seal(number, &previous, &body);
    connection.execute(
        "INSERT INTO ledger (chain, number, previous, hash, body, job) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![chain, number, previous.to_string(), hash.to_string(), body, delivered.job.as_str()],
    )?;
    Ok(())
}

const ZERO: Sha256 = Sha256::from_bytes([0; 32]);

impl Journal {
    /// The entries of a chain, the oldest first.
    pub fn ledger(&self, chain: Chain) -> Result<Vec<LedgerEntry>, JournalError> {
        self.stored(chain)?
            .into_iter()
            .map(|stored| {
                Ok(LedgerEntry {
                    number: stored.number,
                    previous: Sha256::from_hex(&stored.previous).unwrap_or(ZERO),
                    hash: Sha256::from_hex(&stored.hash).unwrap_or(ZERO),
                    delivered: serde_json::from_str(&stored.body)?,
                })
            })
            .collect()
    }

    /// Recomputes every seal of a chain. Answers how many entries hold, or the first that does not.
    pub fn verify_ledger(&self, chain: Chain) -> Result<Result<u32, LedgerFault>, JournalError> {
        let mut previous = ZERO;
        let mut count = 0;
        for stored in self.stored(chain)? {
            let sealed = seal(stored.number, &previous, &stored.body);
            let fits = stored.number == count + 1
                && stored.previous == previous.to_string()
                && stored.hash == sealed.to_string();
            if !fits {
                return Ok(Err(LedgerFault { number: count + 1 }));
            }
            previous = sealed;
            count += 1;
        }
        Ok(Ok(count))
    }

    /// Hash of a job's entry.
    pub(crate) fn ledger_entry_of(
        &self,
        job: &crate::JobId,
    ) -> Result<Option<Sha256>, JournalError> {
        let hash: Option<String> = self.read(|connection| {
            Ok(connection
                .query_row(
                    "SELECT hash FROM ledger WHERE job = ?1 ORDER BY number DESC LIMIT 1",
                    [job.as_str()],
                    |row| row.get(0),
                )
                .optional()?)
        })?;
        Ok(hash.and_then(|hash| Sha256::from_hex(&hash).ok()))
    }

    fn stored(&self, chain: Chain) -> Result<Vec<Stored>, JournalError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT number, previous, hash, body FROM ledger WHERE chain = ?1 ORDER BY number",
            )?;
            let rows = statement.query_map([chain.name()], |row| {
                Ok(Stored {
                    number: row.get(0)?,
                    previous: row.get(1)?,
                    hash: row.get(2)?,
                    body: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_core::{Moment, Outcome, ProofMethod};

    use super::*;
    use crate::JobId;
    use crate::journal::Durability;
    use crate::ledger::DeliveredResult;

    fn delivered(file_name: &str) -> Delivered {
        Delivered {
            at: Moment::from_millisecond(1),
            job: JobId::new(),
            file_name: file_name.into(),
            size_bytes: 3,
            sha256: Sha256::of(b"abc"),
            destination: "pelion:demo".into(),
            remote_id: None,
            chain: Chain::Demo,
            result: DeliveredResult::Finished(Outcome::verified(
                ProofMethod::RemoteSizeAndSha256,
                "equal",
            )),
        }
    }

    fn behind(folder: &tempfile::TempDir) -> Connection {
        Connection::open(folder.path().join("journal.sqlite")).unwrap()
    }

    fn journal_with_three() -> (tempfile::TempDir, Journal) {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("journal.sqlite")).unwrap();
        for name in ["a.bin", "b.bin", "c.bin"] {
            let written = journal.enqueue(Durability::Now, move |connection| {
                append(connection, &delivered(name))
            });
            written.wait().unwrap();
        }
        (folder, journal)
    }

    #[test]
    fn entries_chain_and_verify() {
        let (_folder, journal) = journal_with_three();
        let entries = journal.ledger(Chain::Demo).unwrap();
        assert_eq!(entries.len(), 3);
        assert_eq!(entries[1].previous, entries[0].hash);
        assert_eq!(journal.verify_ledger(Chain::Demo).unwrap(), Ok(3));
        assert_eq!(journal.verify_ledger(Chain::Deliveries).unwrap(), Ok(0));
    }

    #[test]
    fn an_entry_cannot_be_changed_or_removed_through_the_journal() {
        let (folder, _journal) = journal_with_three();
        let connection = behind(&folder);
        assert!(
            connection
                .execute("UPDATE ledger SET body = '{}'", [])
                .is_err()
        );
        assert!(connection.execute("DELETE FROM ledger", []).is_err());
    }

    #[test]
    fn an_entry_changed_behind_the_journals_back_is_found() {
        let (folder, journal) = journal_with_three();
        behind(&folder)
            .execute_batch(
                "DROP TRIGGER ledger_is_never_changed;
                 UPDATE ledger SET body = replace(body, 'b.bin', 'x.bin');",
            )
            .unwrap();
        assert_eq!(
            journal.verify_ledger(Chain::Demo).unwrap(),
            Err(LedgerFault { number: 2 })
        );
    }
}
