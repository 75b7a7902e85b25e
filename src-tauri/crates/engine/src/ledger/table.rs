//! The ledger in the journal's file: entries are appended here and nowhere else.

use firmdrop_core::Sha256;
use rusqlite::{Connection, OptionalExtension, params};

use super::checkpoint::Checkpoint;
use super::envelope::Envelope;
use super::known_job::{KnownJob, KnownJobs};
use super::merkle::{Tree, leaf};
use super::note::{Signer, Verifier};
use super::statement::{LedgerPosition, Statement};
use super::{Chain, Delivered, LedgerEntry, Maker};
use crate::Plan;
use crate::journal::{Journal, JournalError};

/// Entries that are chained by our own hash and not signed.
const CHAINED: u32 = 1;
/// Entries that are signed envelopes.
const SIGNED: u32 = 2;

const ZERO: Sha256 = Sha256::from_bytes([0; 32]);

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) number: u32,
    pub(super) previous: String,
    pub(super) hash: String,
    pub(super) body: String,
    pub(super) job: String,
    format: u32,
}

impl Stored {
    /// Whether it is from before entries were signed.
    pub(super) fn is_chained(&self) -> bool {
        self.format == CHAINED
    }

    /// Its bytes as a leaf of the tree.
    pub(super) fn leaf_bytes(&self) -> String {
        if self.is_chained() {
            chained_bytes(self.number, &self.previous, &self.body)
        } else {
            self.body.clone()
        }
    }

    pub(super) fn leaf(&self) -> Sha256 {
        leaf(self.leaf_bytes().as_bytes())
    }

    /// The seal of an entry from before: SHA-256 over number, the hash before and the body.
    pub(super) fn chained_seal(&self) -> Sha256 {
        Sha256::of(chained_bytes(self.number, &self.previous, &self.body).as_bytes())
    }

    /// What it says, believed or not.
    pub(super) fn delivered(&self) -> Option<Delivered> {
        if self.is_chained() {
            serde_json::from_str(&self.body).ok()
        } else {
            Some(self.statement()?.predicate.delivery)
        }
    }

    pub(super) fn envelope(&self) -> Option<Envelope> {
        serde_json::from_str(&self.body).ok()
    }

    pub(super) fn statement(&self) -> Option<Statement> {
        Statement::of(&self.envelope()?)
    }

    /// As it is listed and exported.
    pub(super) fn entry(&self) -> Option<LedgerEntry> {
        let maker = self.statement().map(|statement| statement.predicate.maker);
        Some(LedgerEntry {
            number: self.number,
            previous: Sha256::from_hex(&self.previous).unwrap_or(ZERO),
            hash: Sha256::from_hex(&self.hash).unwrap_or(ZERO),
            maker,
            envelope: self.leaf_bytes(),
            delivered: self.delivered()?,
        })
    }

    /// What an exported entry was stored as.
    pub(super) fn of_export(entry: &LedgerEntry) -> Self {
        let (number, previous) = (entry.number, entry.previous.to_string());
        let before = chained_bytes(number, &previous, "");
        let chained = entry.envelope.strip_prefix(&before);
        Self {
            number,
            previous,
            hash: entry.hash.to_string(),
            body: chained.unwrap_or(&entry.envelope).to_owned(),
            job: entry.delivered.job.to_string(),
            format: if chained.is_some() { CHAINED } else { SIGNED },
        }
    }
}

fn chained_bytes(number: u32, previous: &str, body: &str) -> String {
    format!("{number}\n{previous}\n{body}")
}

/// The head as the journal holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredHead {
    pub(super) size: u32,
    edge: String,
    /// The signed head; absent when the last entry could not be signed.
    pub(super) note: Option<String>,
    verifiers: String,
    /// How many entries the head outside of the journal covers for certain.
    pub(super) published: u32,
}

impl StoredHead {
    /// The keys that sealed this ledger so far, as the journal says.
    pub(super) fn verifiers(&self) -> Vec<Verifier> {
        self.verifiers.lines().filter_map(Verifier::parse).collect()
    }

    fn tree(&self) -> Option<Tree> {
        let edge = self.edge.split_terminator(' ').map(Sha256::from_hex);
        Tree::stored(self.size, edge.collect::<Result<_, _>>().ok()?)
    }
}

/// Appends an entry within the caller's transaction, which must be an immediate one: no other
/// process may append in between. Without a key it has no signature, and shows that. The head is signed
/// only when the caller knows that it continues the heads that were published.
pub(crate) fn append(
    connection: &Connection,
    delivered: &Delivered,
    maker: &Maker,
    signer: Option<&Signer>,
    signs_head: bool,
) -> Result<(), JournalError> {
    let chain = delivered.chain;
    let last: Option<(u32, String)> = connection
        .query_row(
            "SELECT number, hash FROM ledger WHERE chain = ?1 ORDER BY number DESC LIMIT 1",
            [chain.name()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let (number, previous) = match last {
        Some((number, hash)) => (number.saturating_add(1), hash),
        None => (1, ZERO.to_string()),
    };
    let head = read_head(connection, chain)?;
    let stored = head.as_ref().and_then(StoredHead::tree);
    let mut tree = match stored.filter(|tree| tree.size().checked_add(1) == Some(number)) {
        Some(tree) => tree,
        // Of a journal from before there were heads, or of one that somebody changed.
        None => Tree::of(&leaves(connection, chain, u32::MAX)?),
    };
    let position = LedgerPosition {
        origin: signer.map(|signer| signer.verifier().name().to_owned()),
        number,
        previous_root: tree.root(),
    };
    let statement = Statement::new(position, maker.clone(), delivered.cleaned());
    let envelope = Envelope::seal(&serde_json::to_vec(&statement)?, signer);
    let body = serde_json::to_string(&envelope)?;
    let hash = leaf(body.as_bytes());
    tree.append(hash);
    connection.execute(
        "INSERT INTO ledger (chain, number, previous, hash, body, job, format)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            chain.name(),
            number,
            previous,
            hash.to_string(),
            body,
            delivered.job.as_str(),
            SIGNED
        ],
    )?;
    let note = signer.filter(|_| signs_head).map(|signer| {
        let head = Checkpoint {
            origin: signer.verifier().name().to_owned(),
            size: tree.size(),
            root: tree.root(),
        };
        head.sign(signer)
    });
    let mut verifiers = head.as_ref().map(StoredHead::verifiers).unwrap_or_default();
    verifiers.extend(signer.map(|signer| signer.verifier().clone()));
    verifiers.dedup();
    write_head(connection, chain, &tree, note.as_deref(), &verifiers)
}

fn write_head(
    connection: &Connection,
    chain: Chain,
    tree: &Tree,
    note: Option<&str>,
    verifiers: &[Verifier],
) -> Result<(), JournalError> {
    let edge: Vec<String> = tree.edge().iter().map(Sha256::to_string).collect();
    let verifiers: Vec<String> = verifiers.iter().map(Verifier::to_string).collect();
    connection.execute(
        "INSERT INTO ledger_head (chain, size, edge, note, verifiers) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (chain) DO UPDATE SET size = ?2, edge = ?3, note = ?4, verifiers = ?5",
        params![
            chain.name(),
            tree.size(),
            edge.join(" "),
            note,
            verifiers.join("\n")
        ],
    )?;
    Ok(())
}

/// Notes how much of a chain the head outside of the journal covers.
pub(super) fn set_published(
    connection: &Connection,
    chain: Chain,
    size: u32,
) -> Result<(), JournalError> {
    connection.execute(
        "UPDATE ledger_head SET published = MAX(published, ?2) WHERE chain = ?1",
        params![chain.name(), size],
    )?;
    Ok(())
}

fn read_head(connection: &Connection, chain: Chain) -> Result<Option<StoredHead>, JournalError> {
    Ok(connection
        .query_row(
            "SELECT size, edge, note, verifiers, published FROM ledger_head WHERE chain = ?1",
            [chain.name()],
            |row| {
                Ok(StoredHead {
                    size: row.get(0)?,
                    edge: row.get(1)?,
                    note: row.get(2)?,
                    verifiers: row.get(3)?,
                    published: row.get(4)?,
                })
            },
        )
        .optional()?)
}

fn stored(connection: &Connection, chain: Chain, most: u32) -> Result<Vec<Stored>, JournalError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, previous, hash, body, job, format FROM ledger
         WHERE chain = ?1 ORDER BY number LIMIT ?2",
    )?;
    let rows = statement.query_map(params![chain.name(), most], |row| {
        Ok(Stored {
            number: row.get(0)?,
            previous: row.get(1)?,
            hash: row.get(2)?,
            body: row.get(3)?,
            job: row.get(4)?,
            format: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Head, entries and jobs.
type Snapshot = (Option<StoredHead>, Vec<Stored>, KnownJobs);

fn known_jobs(connection: &Connection) -> Result<KnownJobs, JournalError> {
    let mut statement = connection.prepare_cached("SELECT id, plan, state FROM job")?;
    let text = |row: &rusqlite::Row<'_>, column| {
        let text = row.get_ref(column)?.as_bytes().unwrap_or_default();
        Ok::<_, rusqlite::Error>(text.to_vec())
    };
    let rows = statement.query_map([], |row| {
        let id = String::from_utf8_lossy(&text(row, 0)?).into_owned();
        let plan = serde_json::from_slice::<Plan>(&text(row, 1)?);
        let state = serde_json::from_slice(&text(row, 2)?);
        let job = plan.ok().zip(state.ok()).map(|(plan, state)| KnownJob {
            sha256: plan.image().expected.sha256,
            size_bytes: plan.image().expected.size_bytes,
            is_demo: plan.simulated,
            state,
        });
        Ok((id, job))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn leaves(connection: &Connection, chain: Chain, most: u32) -> Result<Vec<Sha256>, JournalError> {
    let stored = stored(connection, chain, most)?;
    Ok(stored.iter().map(Stored::leaf).collect())
}

impl Journal {
    /// The entries of a chain, the oldest first.
    pub fn ledger(&self, chain: Chain) -> Result<Vec<LedgerEntry>, JournalError> {
        let stored = self.ledger_stored(chain)?;
        stored
            .iter()
            .map(|stored| {
                stored.entry().ok_or_else(|| JournalError::UnreadableEntry {
                    number: stored.number,
                })
            })
            .collect()
    }

    fn ledger_stored(&self, chain: Chain) -> Result<Vec<Stored>, JournalError> {
        self.read(|connection| stored(connection, chain, u32::MAX))
    }

    /// Head, entries and jobs as they are at one moment.
    pub(super) fn ledger_snapshot(&self, chain: Chain) -> Result<Snapshot, JournalError> {
        self.read(|connection| {
            let moment = connection.unchecked_transaction()?;
            Ok((
                read_head(&moment, chain)?,
                stored(&moment, chain, u32::MAX)?,
                known_jobs(&moment)?,
            ))
        })
    }

    /// The leaves of the first so many entries, as they are now.
    pub(super) fn ledger_leaves(
        &self,
        chain: Chain,
        most: u32,
    ) -> Result<Vec<Sha256>, JournalError> {
        self.read(|connection| leaves(connection, chain, most))
    }

    pub(super) fn ledger_head(&self, chain: Chain) -> Result<Option<StoredHead>, JournalError> {
        self.read(|connection| read_head(connection, chain))
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Durability;
    use crate::ledger::test_ledger::{append_all, delivered};

    #[test]
    fn the_tree_grows_with_the_entries_and_its_head_is_signed() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("journal.sqlite")).unwrap();
        let (signer, _) = Signer::generate("firmdrop.org/ledger/1/demo").unwrap();
        let signer = std::sync::Arc::new(signer);
        append_all(&journal, &signer, &["a.bin", "b.bin", "c.bin"]);
        let entries = journal.ledger(Chain::Demo).unwrap();
        assert_eq!(entries.len(), 3);
        assert_eq!(entries[1].previous, entries[0].hash);
        let head = journal.ledger_head(Chain::Demo).unwrap().unwrap();
        let note = head.note.clone().unwrap();
        let (read, _) = Checkpoint::open(&note, [signer.verifier()]).unwrap();
        let leaves = journal.ledger_leaves(Chain::Demo, 3).unwrap();
        assert_eq!((read.size, read.root), (3, Tree::of(&leaves).root()));
        assert_eq!(head.verifiers(), [signer.verifier().clone()]);
    }

    #[test]
    fn an_entry_cannot_be_changed_or_removed_through_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let journal = Journal::open(&path).unwrap();
        let written = journal.enqueue(Durability::Now, |connection| {
            append(
                connection,
                &delivered("a.bin"),
                &Maker::here("test"),
                None,
                false,
            )
        });
        written.wait().unwrap();
        let behind = Connection::open(path).unwrap();
        assert!(behind.execute("UPDATE ledger SET body = '{}'", []).is_err());
        assert!(behind.execute("DELETE FROM ledger", []).is_err());
    }
}
