//! The head of a ledger outside the journal: in a file of the home and in the key store. It only ever
//! moves on: a ledger that does not contain what the head covers leaves it as it is, as evidence.

use std::path::PathBuf;
use std::sync::Arc;

use firmdrop_core::Sha256;

use super::Chain;
use super::checkpoint::Checkpoint;
use super::key::LedgerKeys;
use super::merkle::Tree;
use super::note::{Signer, Verifier};
use super::table::{self, StoredHead};
use crate::home::replace_whole;
use crate::{Home, Journal, lock};

/// Where a head was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeadPlace {
    Journal,
    File,
    KeyStore,
    /// Given by whoever verifies.
    Given,
    Export,
}

impl HeadPlace {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Journal => "The head in the journal",
            Self::File => "The head beside the journal",
            Self::KeyStore => "The head in the key store",
            Self::Given => "The head that was given",
            Self::Export => "The head of the export",
        }
    }
}

/// The file of a chain's head.
pub(super) fn file(home: &Home, chain: Chain) -> PathBuf {
    home.folder()
        .join(format!("ledger-{}.checkpoint", chain.name()))
}

/// The text of a chain's head file.
pub(super) fn read_file(home: &Home, chain: Chain) -> Option<String> {
    std::fs::read_to_string(file(home, chain)).ok()
}

/// What an entry is sealed with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seal {
    pub(crate) signer: Option<Arc<Signer>>,
    /// Whether the head may be signed: a log never signs two heads that contradict each other.
    pub(crate) signs_head: bool,
}

impl Seal {
    /// For the next entry of a chain. May block on the key store.
    pub(crate) fn of(home: &Home, journal: &Journal, keys: &LedgerKeys, chain: Chain) -> Self {
        let signer = keys.get_or_make(chain);
        let published = [read_file(home, chain), keys.stored_head(chain)];
        let head = journal.ledger_head(chain).ok().flatten();
        let goes_on = |older: &String| match &head {
            Some(head) => continues(journal, chain, head, older),
            None => Checkpoint::read(older).is_none(),
        };
        Self {
            signs_head: signer.is_some() && published.iter().flatten().all(goes_on),
            signer,
        }
    }
}

/// Copies the head in the journal to its other places. Blocks.
pub(crate) fn publish(home: &Home, journal: &Journal, keys: &LedgerKeys, chain: Chain) {
    // Whoever comes later finds that somebody else's round has done it.
    let turn = lock::wait_turn(home, "ledger-head");
    let (Ok(_turn), Ok(Some(head))) = (turn, journal.ledger_head(chain)) else {
        return;
    };
    let Some(note) = &head.note else { return };
    if head.published == head.size {
        return;
    }
    let in_file = read_file(home, chain);
    if in_file.as_ref() == Some(note) {
        return;
    }
    let in_store = keys.stored_head(chain);
    let mut older = [&in_file, &in_store].into_iter().flatten();
    if !older.all(|older| continues(journal, chain, &head, older)) {
        return;
    }
    // An older head after a loss of power is as good: the ledger continues it.
    if replace_whole(&file(home, chain), note.as_bytes()).is_err() {
        return;
    }
    keys.store_head(chain, note);
    let size = head.size;
    // What is lost with a crash is found out again.
    drop(
        journal.enqueue(crate::journal::Durability::Whenever, move |connection| {
            table::set_published(connection, chain, size)
        }),
    );
}

/// Whether the ledger contains what an older head covers. One that nobody can have signed is passed
/// over: it is no evidence.
fn continues(journal: &Journal, chain: Chain, head: &StoredHead, older: &str) -> bool {
    if head.note.as_deref() == Some(older) {
        return true;
    }
    let keys: Vec<Verifier> = head.verifiers();
    let Some((older, _)) = Checkpoint::open(older, &keys) else {
        // Signed with a key that this ledger does not know: somebody replaced the ledger.
        return Checkpoint::read(older).is_none();
    };
    if older.size > head.size {
        return false;
    }
    let Ok(leaves) = journal.ledger_leaves(chain, older.size) else {
        return false;
    };
    root_of(&leaves, older.size) == Some(older.root)
}

/// The root over the first so many leaves.
pub(super) fn root_of(leaves: &[Sha256], size: u32) -> Option<Sha256> {
    let size = usize::try_from(size).ok()?;
    Some(Tree::of(leaves.get(..size)?).root())
}
