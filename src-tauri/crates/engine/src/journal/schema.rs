//! Tables of the journal and how an older one is brought up to date.

use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use super::JournalError;

/// Longest wait for another process that is writing. Its transactions take milliseconds.
const BUSY: Duration = Duration::from_secs(10);

/// One script per version; the version of a journal is how many of them it has seen.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE job (
        id           TEXT PRIMARY KEY,
        created_ms   INTEGER NOT NULL,
        changed_ms   INTEGER NOT NULL,
        revision     INTEGER NOT NULL,
        plan         TEXT NOT NULL,
        state        TEXT NOT NULL,
        phase        TEXT,
        confirmed_bytes INTEGER NOT NULL DEFAULT 0,
        pieces       INTEGER
    ) STRICT;
    CREATE INDEX job_by_creation ON job (created_ms DESC);
    CREATE INDEX job_by_revision ON job (revision);
    CREATE TABLE event (
        number       INTEGER PRIMARY KEY AUTOINCREMENT,
        job          TEXT NOT NULL REFERENCES job (id),
        at_ms        INTEGER NOT NULL,
        body         TEXT NOT NULL
    ) STRICT;
    CREATE INDEX event_by_job ON event (job, number);
    CREATE TABLE request (
        number       INTEGER PRIMARY KEY AUTOINCREMENT,
        job          TEXT NOT NULL REFERENCES job (id),
        at_ms        INTEGER NOT NULL,
        wish         TEXT NOT NULL
    ) STRICT;
    CREATE TABLE ledger (
        chain        TEXT NOT NULL,
        number       INTEGER NOT NULL,
        previous     TEXT NOT NULL,
        hash         TEXT NOT NULL,
        body         TEXT NOT NULL,
        job          TEXT NOT NULL,
        PRIMARY KEY (chain, number)
    ) STRICT;
    CREATE TRIGGER ledger_is_never_changed BEFORE UPDATE ON ledger
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
    CREATE TRIGGER ledger_is_never_shortened BEFORE DELETE ON ledger
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"];

pub(super) fn prepare(connection: &mut Connection) -> Result<(), JournalError> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > known {
        return Err(JournalError::Newer { found, known });
    }
    for script in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(script)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Journal;

    #[test]
    fn a_journal_of_a_newer_firmdrop_is_refused_and_not_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        drop(Journal::open(&path).unwrap());
        Connection::open(&path)
            .unwrap()
            .pragma_update(None, "user_version", 99)
            .unwrap();
        assert!(matches!(
            Journal::open(&path),
            Err(JournalError::Newer { found: 99, .. })
        ));
    }

    #[test]
    fn a_file_that_is_no_journal_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        std::fs::write(&path, vec![b'x'; 4096]).unwrap();
        assert!(Journal::open(&path).is_err());
        assert_eq!(
            std::fs::read(&path).unwrap(),
            vec![b'x'; 4096],
            "the file was changed"
        );
    }
}
