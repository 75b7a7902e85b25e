//! Tables of the journal and how an older one is brought up to date.

use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::Value;

use super::JournalError;

/// Rewrites a plan of format 1 in place and answers the scheme and the address of its destination;
/// `None` when it cannot be read.
pub type UpgradePlan<'a> = &'a dyn Fn(&mut Value) -> Option<(String, String)>;

/// Pages of the journal that a connection holds in memory, KiB: a quarter of what `SQLite` would hold, so
/// that a long upload needs no more memory than a short one. The system holds the file's pages anyway.
const CACHE_KIB: i64 = 512;

/// What every connection is set to.
pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    // Negative: KiB, not pages. Source: sqlite.org/pragma.html#pragma_cache_size.
    connection.pragma_update(None, "cache_size", -CACHE_KIB)
}

/// Longest wait for another process that is writing. Its transactions take milliseconds.
pub(super) const BUSY: Duration = Duration::from_secs(10);

/// What one version adds to the one before it.
struct Migration {
    script: &'static str,
    /// What cannot be said in SQL.
    rewrite: fn(&Connection, UpgradePlan<'_>) -> Result<(), JournalError>,
}

/// One for each version; the version of a journal is how many of them it has seen.
const MIGRATIONS: &[Migration] = &[
    Migration {
        script: "
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
",
        rewrite: |_, _| Ok(()),
    },
    Migration {
        // `piece_bytes` of `job` is the sum over its rows in `piece`, which are its confirmed pieces;
        // `chosen_piece_bytes` is the length the user chose for them.
        script: "
    ALTER TABLE job ADD COLUMN scheme TEXT NOT NULL DEFAULT '';
    ALTER TABLE job ADD COLUMN address TEXT NOT NULL DEFAULT '';
    ALTER TABLE job ADD COLUMN batch TEXT;
    ALTER TABLE job ADD COLUMN lane INTEGER;
    ALTER TABLE job ADD COLUMN piece_bytes INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE job ADD COLUMN chosen_piece_bytes INTEGER;
    CREATE INDEX job_by_destination ON job (scheme, address, created_ms DESC);
    ALTER TABLE request RENAME COLUMN wish TO request;
    CREATE TABLE piece (
        job          TEXT NOT NULL REFERENCES job (id),
        file         INTEGER NOT NULL,
        number       INTEGER NOT NULL,
        length_bytes INTEGER NOT NULL,
        PRIMARY KEY (job, file, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE barrier (number INTEGER NOT NULL) STRICT;
    INSERT INTO barrier VALUES (0);
",
        rewrite: to_version_2,
    },
    Migration {
        // Entries of format 1 are chained by a hash of ours; those of format 2 are signed envelopes.
        script: "
    ALTER TABLE ledger ADD COLUMN format INTEGER NOT NULL DEFAULT 1;
    CREATE TABLE ledger_head (
        chain        TEXT PRIMARY KEY,
        size         INTEGER NOT NULL,
        edge         TEXT NOT NULL,
        note         TEXT,
        verifiers    TEXT NOT NULL,
        published    INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
",
        rewrite: |_, _| Ok(()),
    },
];

/// The newest version.
pub(super) fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The version of a journal; 0 when it is empty. A newer one than ours is refused.
pub(super) fn version(connection: &Connection) -> Result<i64, JournalError> {
    let found = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = known();
    if found > known {
        return Err(JournalError::Newer { found, known });
    }
    Ok(found)
}

/// Brings a journal up to date, whole or not at all. Writes nothing when it is.
pub(super) fn migrate(
    connection: &mut Connection,
    upgrade: UpgradePlan<'_>,
) -> Result<(), JournalError> {
    if version(connection)? == known() {
        return Ok(());
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let found = usize::try_from(version(&transaction)?).unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(found) {
        transaction.execute_batch(migration.script)?;
        (migration.rewrite)(&transaction, upgrade)?;
    }
    transaction.pragma_update(None, "user_version", known())?;
    transaction.commit()?;
    Ok(())
}

/// Fills the columns that version 1 did not have. A row that cannot be read stays as it is.
fn to_version_2(connection: &Connection, upgrade: UpgradePlan<'_>) -> Result<(), JournalError> {
    let mut rowids = connection.prepare("SELECT rowid FROM job")?;
    let rowids: Vec<i64> = rowids
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut select = connection.prepare("SELECT plan FROM job WHERE rowid = ?1")?;
    let mut update = connection.prepare(
        "UPDATE job SET plan = ?2, scheme = ?3, address = ?4, chosen_piece_bytes = ?5 WHERE rowid = ?1",
    )?;
    for rowid in rowids {
        let stored = select.query_row([rowid], |row| {
            Ok(row.get_ref(0)?.as_bytes().unwrap_or_default().to_vec())
        })?;
        let Ok(mut plan) = serde_json::from_slice::<Value>(&stored) else {
            continue;
        };
        let chosen = plan.pointer("/options/chunk_bytes").and_then(Value::as_i64);
        let Some((scheme, address)) = upgrade(&mut plan) else {
            continue;
        };
        let plan = serde_json::to_string(&plan)?;
        update.execute(params![rowid, plan, scheme, address, chosen])?;
    }
    connection.execute_batch(
        "INSERT OR REPLACE INTO piece (job, file, number, length_bytes)
             SELECT job, 0, json_extract(body, '$.number'), json_extract(body, '$.length_bytes')
             FROM (SELECT number AS line, job, CASE WHEN json_valid(body) THEN body END AS body FROM event)
             WHERE json_extract(body, '$.event') = 'piece_confirmed'
               AND typeof(json_extract(body, '$.number')) = 'integer'
               AND typeof(json_extract(body, '$.length_bytes')) = 'integer'
             ORDER BY line;
         UPDATE job SET
             pieces = (SELECT COUNT(*) FROM piece WHERE piece.job = job.id),
             piece_bytes = (SELECT SUM(length_bytes) FROM piece WHERE piece.job = job.id)
         WHERE id IN (SELECT job FROM piece);",
    )?;
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
