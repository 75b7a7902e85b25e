//! What is wrong with a ledger, one kind for each way to tamper with it.

use firmdrop_core::grouped;
use serde::Serialize;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerFinding {
    /// What kind of tampering it is, or would look like.
    pub kind: FindingKind,
    /// The entry it is about.
    pub entry: Option<u32>,
    /// What was found, in a sentence.
    pub words: String,
}

/// The kinds, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A head covers entries that are not there: the last ones were deleted, or all of them.
    EntriesMissing,
    /// An entry is not what was sealed.
    EntryChanged,
    /// An entry has no signature of a key of this ledger.
    EntryForged,
    /// An entry has no signature at all.
    EntryUnsigned,
    /// An entry is not where it was written.
    EntryMoved,
    /// An entry belongs to another ledger or chain.
    ChainRenamed,
    /// A head does not cover these entries.
    HeadDiffers,
    /// There is no head where one was.
    HeadMissing,
    /// A head has no signature of a key of this ledger.
    HeadForged,
    /// A head is older than the one that was last put there.
    HeadRolledBack,
    /// Entries or heads are signed with another key than the ledger's.
    KeyReplaced,
    /// The key store does not say whether the key is the ledger's.
    KeyUnknown,
    /// A job has ended and has no entry.
    JobWithoutEntry,
    /// An entry is about a job that the journal does not know.
    EntryWithoutJob,
    /// An entry says something else than its job.
    JobDiffers,
    /// An export is not whole.
    ExportCut,
}

/// Findings that are listed; of what somebody else wrote there may be more than anybody reads.
const LISTED: usize = 1000;

/// What was found so far, bounded.
#[derive(Debug, Clone, Default)]
pub(super) struct Findings {
    listed: Vec<LedgerFinding>,
    more: u64,
}

impl Findings {
    /// Adds one.
    pub(super) fn add(&mut self, kind: FindingKind, entry: Option<u32>, words: impl Into<String>) {
        if self.listed.len() < LISTED {
            self.listed.push(LedgerFinding::new(kind, entry, words));
        } else {
            self.more += 1;
        }
    }

    /// Adds those of somebody else.
    pub(super) fn take_over(&mut self, others: Self) {
        for one in others.listed {
            self.add(one.kind, one.entry, one.words);
        }
        self.more += others.more;
    }

    /// The gravest first, and how many are not listed.
    pub(super) fn sorted(mut self) -> Vec<LedgerFinding> {
        self.listed.sort_by_key(|finding| finding.kind);
        if let (true, Some(last)) = (self.more > 0, self.listed.last()) {
            let words = format!("{} more are not listed.", grouped(self.more));
            let last = LedgerFinding::new(last.kind, None, words);
            self.listed.push(last);
        }
        self.listed
    }
}

impl LedgerFinding {
    pub(super) fn new(kind: FindingKind, entry: Option<u32>, words: impl Into<String>) -> Self {
        Self {
            kind,
            entry,
            words: words.into(),
        }
    }
}
