//! Whether a ledger is what was written: entries, heads, keys and jobs compared with one another. Reads
//! nothing itself; the same for a journal, a copy of one and an export.

use std::collections::{BTreeMap, BTreeSet};

use firmdrop_core::Sha256;

use super::checkpoint::Checkpoint;
use super::finding::{FindingKind, Findings, LedgerFinding};
use super::heads::{HeadPlace, root_of};
use super::known_job::{KnownJob, KnownJobs};
use super::merkle::Tree;
use super::note::Verifier;
use super::statement::Statement;
use super::table::Stored;
use super::{Chain, Delivered, DeliveredResult};
use crate::JobState;

/// What is known of a ledger besides its entries.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// Heads, from wherever they are.
    pub(super) heads: Vec<(HeadPlace, String)>,
    /// Keys that are believed: the one of the home, and those that were given.
    pub(super) trusted: Vec<Verifier>,
    /// Keys that the ledger itself names. Believed only where none is trusted.
    pub(super) named: Vec<Verifier>,
    /// Jobs, when they are known.
    pub(super) jobs: Option<KnownJobs>,
    /// What was wrong before the entries were looked at.
    pub(super) findings: Findings,
}

/// What was found of the entries.
#[derive(Debug, Default)]
pub(super) struct Examined {
    pub(super) signed: u32,
    pub(super) chained: u32,
    pub(super) root: Option<Sha256>,
    /// The key that signed the newest signed entry.
    pub(super) key: Option<Verifier>,
    pub(super) findings: Vec<LedgerFinding>,
}

/// Looks at everything.
pub(super) fn examine(chain: Chain, entries: &[Stored], evidence: &Evidence) -> Examined {
    let numbers = entries.iter().map(|entry| entry.number);
    let mut examiner = Examiner::new(chain, evidence, numbers);
    for entry in entries {
        examiner.entry(entry, None);
    }
    if let Some(jobs) = &evidence.jobs {
        examiner.jobs(entries, jobs);
    }
    examiner.finish()
}

/// Looks at one entry after the other. Of those that it has seen it holds a hash each.
pub(super) struct Examiner<'a> {
    chain: Chain,
    evidence: &'a Evidence,
    tree: Tree,
    leaves: Vec<Sha256>,
    previous: String,
    /// The numbers that the entries have.
    numbers: BTreeSet<u32>,
    /// The ledger that the entries name.
    origin: Option<String>,
    /// There are signatures, and no key to verify any of them with.
    keyless: bool,
    /// Keys that are not trusted, with the first entry each signed.
    others: BTreeMap<String, u32>,
    findings: Findings,
    done: Examined,
}

impl<'a> Examiner<'a> {
    /// Has seen none yet. The numbers are those that the entries have.
    pub(super) fn new(
        chain: Chain,
        evidence: &'a Evidence,
        numbers: impl Iterator<Item = u32>,
    ) -> Self {
        Self {
            chain,
            evidence,
            tree: Tree::default(),
            leaves: Vec::new(),
            previous: Sha256::from_bytes([0; 32]).to_string(),
            numbers: numbers.collect(),
            origin: None,
            keyless: false,
            others: BTreeMap::new(),
            findings: evidence.findings.clone(),
            done: Examined::default(),
        }
    }

    /// Whether one of the entries so far was signed.
    pub(super) fn has_signed(&self) -> bool {
        self.done.signed > 0
    }

    /// Adds what was found elsewhere.
    pub(super) fn take_over(&mut self, findings: Findings) {
        self.findings.take_over(findings);
    }

    /// What was found of all entries, heads and keys.
    pub(super) fn finish(mut self) -> Examined {
        if self.keyless {
            let words = "No key is known here to verify the signatures with.";
            self.find(FindingKind::KeyUnknown, None, words);
        }
        self.keys();
        for (place, note) in &self.evidence.heads {
            self.head(*place, note);
        }
        self.done.root = Some(self.tree.root());
        self.done.findings = self.findings.sorted();
        self.done
    }

    fn find(&mut self, kind: FindingKind, entry: Option<u32>, words: impl Into<String>) {
        self.findings.add(kind, entry, words);
    }

    /// Every key that may have signed, the trusted first.
    fn verifiers(&self) -> impl Iterator<Item = &'a Verifier> + use<'a> {
        self.evidence.trusted.iter().chain(&self.evidence.named)
    }

    /// Looks at the next entry. An export shows beside it what it says.
    pub(super) fn entry(&mut self, entry: &Stored, shown: Option<&Delivered>) {
        let number = self.tree.size().saturating_add(1);
        if entry.number > number && !self.numbers.contains(&number) {
            let words = format!("Entry {number} is missing: entry {} follows.", entry.number);
            self.find(FindingKind::EntriesMissing, Some(number), words);
        } else if entry.number != number {
            let words = format!(
                "Entry {} stands where entry {number} belongs.",
                entry.number
            );
            self.find(FindingKind::EntryMoved, Some(entry.number), words);
        }
        let says = if entry.is_chained() {
            self.chained(entry)
        } else {
            self.signed(entry, number)
        };
        if shown.is_some_and(|shown| says.as_ref() != Some(shown)) {
            let words = format!(
                "Entry {} shows something else than what was signed.",
                entry.number
            );
            self.find(FindingKind::EntryChanged, Some(entry.number), words);
        }
        let leaf = entry.leaf();
        self.leaves.push(leaf);
        self.tree.append(leaf);
        entry.hash.clone_into(&mut self.previous);
    }

    /// An entry from before entries were signed: as far as its hash shows.
    fn chained(&mut self, entry: &Stored) -> Option<Delivered> {
        let number = Some(entry.number);
        self.done.chained = self.done.chained.saturating_add(1);
        if self.done.signed > 0 {
            let words = format!("Entry {} is not signed, after some that are.", entry.number);
            self.find(FindingKind::EntryUnsigned, number, words);
        }
        let fits =
            entry.previous == self.previous && entry.hash == entry.chained_seal().to_string();
        let delivered = entry.delivered();
        if !fits || delivered.is_none() {
            let words = format!(
                "Entry {} was changed, or one before it is missing: its hash is not the one that was sealed.",
                entry.number
            );
            self.find(FindingKind::EntryChanged, number, words);
        }
        delivered
    }

    fn signed(&mut self, entry: &Stored, number: u32) -> Option<Delivered> {
        self.done.signed = self.done.signed.saturating_add(1);
        let at = Some(entry.number);
        let envelope = entry.envelope();
        let statement = envelope.as_ref().and_then(Statement::of);
        let (Some(envelope), Some(statement)) = (envelope, statement) else {
            let words = format!("Entry {} cannot be read as what was signed.", entry.number);
            self.find(FindingKind::EntryChanged, at, words);
            return None;
        };
        if envelope.is_unsigned() {
            let words = format!(
                "Entry {} has no signature: the key store was locked when it was written, or somebody else wrote it.",
                entry.number
            );
            self.find(FindingKind::EntryUnsigned, at, words);
        } else {
            match envelope.signer(self.verifiers()) {
                None if self.verifiers().next().is_none() => self.keyless = true,
                None => {
                    let words = format!(
                        "Entry {} was changed or invented: its signature is not that of a key of this ledger.",
                        entry.number
                    );
                    self.find(FindingKind::EntryForged, at, words);
                }
                Some(key) => {
                    if !self.is_trusted(key) {
                        self.others.entry(key.to_string()).or_insert(number);
                    }
                    self.done.key = Some(key.clone());
                }
            }
        }
        self.place(entry, &statement);
        if entry.hash != entry.leaf().to_string() || entry.previous != self.previous {
            let words = format!("The hashes beside entry {} are not its own.", entry.number);
            self.find(FindingKind::EntryChanged, at, words);
        }
        Some(statement.predicate.delivery)
    }

    /// Whether an entry stands where it was written.
    fn place(&mut self, entry: &Stored, statement: &Statement) {
        let at = Some(entry.number);
        let position = &statement.predicate.ledger;
        let delivered = &statement.predicate.delivery;
        if delivered.chain != self.chain {
            let words = format!("Entry {} belongs to the other chain.", entry.number);
            self.find(FindingKind::ChainRenamed, at, words);
        }
        if position.number != entry.number {
            let words = format!(
                "Entry {} was written as entry {}.",
                entry.number, position.number
            );
            self.find(FindingKind::EntryMoved, at, words);
        } else if position.previous_root != self.tree.root() {
            let words = format!(
                "What stands before entry {} is not what stood there when it was written.",
                entry.number
            );
            self.find(FindingKind::EntryMoved, at, words);
        }
        if entry.job != delivered.job.to_string() {
            let words = format!(
                "Entry {} is filed under another job than its own.",
                entry.number
            );
            self.find(FindingKind::EntryChanged, at, words);
        }
        let Some(origin) = &position.origin else {
            return;
        };
        // Another key is another ledger's name; that is reported once, with the key.
        let named = self.verifiers().any(|key| key.name() == origin);
        let known = self.origin.get_or_insert_with(|| origin.clone());
        if known != origin && !named {
            let words = format!(
                "Entry {} was written into another ledger, {origin}.",
                entry.number
            );
            self.find(FindingKind::ChainRenamed, at, words);
        }
    }

    fn is_trusted(&self, key: &Verifier) -> bool {
        self.evidence.trusted.is_empty() || self.evidence.trusted.contains(key)
    }

    /// Keys that are not the ledger's.
    fn keys(&mut self) {
        let others = std::mem::take(&mut self.others);
        for (key, first) in &others {
            let id = Verifier::parse(key).map(|key| key.key_id().short());
            let words = format!(
                "From entry {first} on, entries are signed with another key ({}) than the ledger's: the key was replaced, or the home comes from another computer.",
                id.unwrap_or_default()
            );
            self.find(FindingKind::KeyReplaced, Some(*first), words);
        }
        if self.evidence.trusted.is_empty() && self.evidence.named.len() > 1 {
            let words = "The ledger was sealed with more than one key: the key was replaced, or the home was moved to another computer.";
            self.find(FindingKind::KeyReplaced, None, words);
        }
    }

    fn head(&mut self, place: HeadPlace, note: &str) {
        let words = place.words();
        let Some((head, _)) = Checkpoint::read(note) else {
            return self.find(
                FindingKind::HeadForged,
                None,
                format!("{words} cannot be read."),
            );
        };
        let count = self.tree.size();
        let Some((_, key)) = Checkpoint::open(note, self.verifiers()) else {
            // Without any key nobody can say whose it is, but it shows that there were entries.
            if self.verifiers().next().is_none() && head.size > count {
                return self.missing(place, head.size);
            }
            let words = format!("{words} is not signed with a key of this ledger.");
            return self.find(FindingKind::HeadForged, None, words);
        };
        if !self.is_trusted(key) {
            let words = format!("{words} is signed with another key than the ledger's.");
            self.find(FindingKind::KeyReplaced, None, words);
        }
        if head.size > count {
            self.missing(place, head.size);
        } else if root_of(&self.leaves, head.size) != Some(head.root) {
            let words = format!(
                "{words} was signed over other entries than the first {} that are there.",
                head.size
            );
            self.find(FindingKind::HeadDiffers, None, words);
        } else if place == HeadPlace::Export && head.size != count {
            let words = format!(
                "{words} covers {} entries, and {count} are there.",
                head.size
            );
            self.find(FindingKind::HeadRolledBack, None, words);
        }
    }

    /// A head covers more entries than there are.
    fn missing(&mut self, place: HeadPlace, covered: u32) {
        let count = self.tree.size();
        let words = format!(
            "{} covers {covered} entries, and there are {count}: the last {} are missing.",
            place.words(),
            covered.saturating_sub(count)
        );
        self.find(FindingKind::EntriesMissing, count.checked_add(1), words);
    }

    /// Compares the last entry of each job with the job.
    fn jobs(&mut self, entries: &[Stored], jobs: &KnownJobs) {
        let mut last: BTreeMap<&str, &Stored> = BTreeMap::new();
        for entry in entries {
            if !jobs.contains_key(&entry.job) {
                let words = format!(
                    "Entry {} is about job {}, which the journal does not know.",
                    entry.number, entry.job
                );
                self.find(FindingKind::EntryWithoutJob, Some(entry.number), words);
            }
            last.insert(&entry.job, entry);
        }
        let is_demo = self.chain == Chain::Demo;
        let mut missing: Vec<&str> = Vec::new();
        let readable = jobs
            .iter()
            .filter_map(|(id, job)| Some((id, job.as_ref()?)));
        for (id, job) in readable.filter(|(_, job)| job.is_demo == is_demo) {
            match last.get(id.as_str()) {
                Some(entry) if !agrees(entry, job) => {
                    let words =
                        format!("Entry {} says something else than job {id}.", entry.number);
                    self.find(FindingKind::JobDiffers, Some(entry.number), words);
                }
                None if job.state.is_ended() => missing.push(id),
                _ => {}
            }
        }
        missing.sort_unstable();
        if let Some(first) = missing.first() {
            let words = format!(
                "{} of the jobs that have ended have no entry; the first is {first}.",
                missing.len()
            );
            self.find(FindingKind::JobWithoutEntry, None, words);
        }
    }
}

/// Whether an entry says what became of the job. One that was resumed since says what became of it then.
fn agrees(entry: &Stored, job: &KnownJob) -> bool {
    let Some(delivered) = entry.delivered() else {
        return true; // Reported already.
    };
    let same_file = delivered.sha256 == job.sha256 && delivered.size_bytes == job.size_bytes;
    same_file
        && match (&job.state, &delivered.result) {
            (JobState::Finished { outcome }, DeliveredResult::Finished(written)) => {
                std::mem::discriminant(outcome) == std::mem::discriminant(written)
            }
            (JobState::Failed { diagnosis, .. }, DeliveredResult::Failed { code, .. }) => {
                diagnosis.code == *code
            }
            (JobState::Cancelled { .. }, DeliveredResult::Cancelled { .. }) => true,
            // It failed, and is resumed or waits to be.
            (state, DeliveredResult::Failed { .. }) => !state.is_ended(),
            _ => false,
        }
}
