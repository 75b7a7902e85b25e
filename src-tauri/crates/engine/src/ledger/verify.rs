//! Verifies the ledger of a home, or an export, and says everything that is wrong with it.

use std::io;

use firmdrop_core::{Code, Detail, Diagnosis, Sha256};
use serde::Serialize;

use super::examine::{Evidence, Examined, Examiner, examine};
use super::export::Export;
use super::finding::{FindingKind, LedgerFinding};
use super::heads::{self, HeadPlace};
use super::key::{FoundKey, LedgerKeys};
use super::note::Verifier;
use super::table::Stored;
use super::{Chain, checkpoint::Checkpoint};
use crate::secret_store::KeyStorage;
use crate::{Home, Journal, JournalError};

/// What a ledger is held against besides its own home.
#[derive(Debug, Clone, Default)]
pub struct Against {
    /// Keys that are believed, `NAME+HASH+KEY` each.
    pub keys: Vec<Verifier>,
    /// Heads of earlier days, signed notes.
    pub heads: Vec<String>,
}

/// Where the key of a ledger is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyFound {
    /// In the key store of this computer.
    KeyStore,
    /// In a file of the home: whoever can change the journal can also sign.
    File,
    /// Given by whoever verifies.
    Given,
    /// Not on this computer: the signatures are the same key's, whose it is is not known here.
    NotHere,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerReport {
    /// How many entries there are.
    pub entries: u32,
    /// Nothing is wrong.
    pub intact: bool,
    /// How many of them are signed.
    pub signed: u32,
    /// How many are from before entries were signed: a changed one among them shows only against a
    /// head, an export or a job.
    pub unsigned_of_old: u32,
    /// The root over them (RFC 6962).
    pub root: Option<Sha256>,
    /// The key they are signed with, for `--key` on another computer.
    pub key: Option<String>,
    /// Where that key is.
    pub key_found: KeyFound,
    /// Everything that is wrong.
    pub findings: Vec<LedgerFinding>,
}

impl LedgerReport {
    /// The failure, unless it is intact.
    pub fn judged(self) -> Result<Self, Box<Diagnosis>> {
        let Some(first) = self.findings.first() else {
            return Ok(self);
        };
        let why = match self.findings.len() {
            1 => "Nothing else is wrong with it.".to_owned(),
            count => format!("{count} things are wrong with it."),
        };
        let mut diagnosis = Diagnosis::new(Code::LedgerBroken, first.words.clone(), why)
            .state("Nothing was changed.");
        diagnosis.details = self
            .findings
            .iter()
            .map(|finding| Detail {
                label: serde_json::to_value(finding.kind)
                    .ok()
                    .and_then(|kind| kind.as_str().map(ToOwned::to_owned))
                    .unwrap_or_default(),
                value: finding.words.clone(),
            })
            .collect();
        Err(Box::new(diagnosis))
    }
}

/// Verifies a chain of a home. May block on the key store.
pub(super) fn verify(
    home: &Home,
    journal: &Journal,
    keys: &LedgerKeys,
    chain: Chain,
    against: &Against,
) -> Result<LedgerReport, JournalError> {
    // Heads first: entries only ever become more.
    let in_file = heads::read_file(home, chain);
    let in_store = keys.stored_head(chain);
    let (stored, entries, jobs) = journal.ledger_snapshot(chain)?;
    let mut evidence = Evidence {
        named: stored
            .as_ref()
            .map(super::table::StoredHead::verifiers)
            .unwrap_or_default(),
        jobs: Some(jobs),
        ..Evidence::default()
    };
    let mut found = KeyFound::NotHere;
    match keys.find(chain) {
        FoundKey::Found(signer, storage) => {
            evidence.trusted.push(signer.verifier().clone());
            found = match storage {
                KeyStorage::KeyStore => KeyFound::KeyStore,
                KeyStorage::File => KeyFound::File,
            };
        }
        FoundKey::None => {}
        FoundKey::Refused(why) => evidence.findings.add(
            FindingKind::KeyUnknown,
            None,
            format!("The key of the ledger could not be read: {why}. Whether its signatures are ours is not known."),
        ),
    }
    take_given(against, &mut evidence, &mut found);
    let published = stored.as_ref().map_or(0, |head| head.published);
    let has_signed = entries.iter().any(|entry| !entry.is_chained());
    let was_sealed = has_signed || !evidence.trusted.is_empty() || published > 0;
    match &in_file {
        Some(note) => {
            let size = Checkpoint::read(note).map(|(head, _)| head.size);
            if size.is_some_and(|size| size < published) {
                evidence.findings.add(
                    FindingKind::HeadRolledBack,
                    None,
                    format!(
                        "The head beside the journal covers {} entries; {published} were covered before.",
                        size.unwrap_or(0)
                    ),
                );
            }
        }
        None if published > 0 || in_store.is_some() || (was_sealed && !has_signed) => {
            let words = "The head beside the journal is missing, and there was one.";
            evidence.findings.add(FindingKind::HeadMissing, None, words);
        }
        None => {}
    }
    let in_journal = stored.and_then(|head| head.note);
    if in_journal.is_none() && has_signed {
        let is_last_unsigned = entries
            .last()
            .and_then(Stored::envelope)
            .is_some_and(|envelope| envelope.is_unsigned());
        if !is_last_unsigned {
            let words = "The head in the journal is missing.";
            evidence.findings.add(FindingKind::HeadMissing, None, words);
        }
    }
    let heads = [
        (HeadPlace::Journal, in_journal),
        (HeadPlace::File, in_file),
        (HeadPlace::KeyStore, in_store),
    ];
    for (place, note) in heads {
        evidence.heads.extend(note.map(|note| (place, note)));
    }
    let count = entries.len();
    Ok(report(count, examine(chain, &entries, &evidence), found))
}

/// Verifies an export, an entry at a time. Jobs are not known there. Fails when it cannot be read again.
pub(super) fn verify_export(
    export: &mut Export,
    keys: &LedgerKeys,
    against: &Against,
) -> io::Result<LedgerReport> {
    let mut evidence = Evidence {
        named: export.verifiers.clone(),
        findings: std::mem::take(&mut export.findings),
        heads: export
            .checkpoint
            .iter()
            .map(|note| (HeadPlace::Export, note.clone()))
            .collect(),
        ..Evidence::default()
    };
    let mut found = KeyFound::NotHere;
    // The key of this home is believed only for exports of this home.
    if let FoundKey::Found(signer, storage) = keys.find(export.chain) {
        let ours = signer.verifier();
        let is_ours = |key: &Verifier| key.name() == ours.name();
        if export.verifiers.iter().any(is_ours) {
            evidence.trusted.push(ours.clone());
            found = match storage {
                KeyStorage::KeyStore => KeyFound::KeyStore,
                KeyStorage::File => KeyFound::File,
            };
        }
    }
    take_given(against, &mut evidence, &mut found);
    let numbers = std::mem::take(&mut export.numbers).into_iter();
    let mut examiner = Examiner::new(export.chain, &evidence, numbers);
    let mut count = 0;
    export.each(|entry| {
        count += 1;
        examiner.entry(&Stored::of_export(entry), Some(&entry.delivered));
    })?;
    if export.has_unsigned_head && examiner.has_signed() {
        let words = "The export has no signed head.";
        export.findings.add(FindingKind::HeadMissing, None, words);
    }
    examiner.take_over(std::mem::take(&mut export.findings));
    Ok(report(count, examiner.finish(), found))
}

fn take_given(against: &Against, evidence: &mut Evidence, found: &mut KeyFound) {
    if !against.keys.is_empty() {
        evidence.trusted.extend(against.keys.iter().cloned());
        if *found == KeyFound::NotHere {
            *found = KeyFound::Given;
        }
    }
    let given = against.heads.iter();
    evidence
        .heads
        .extend(given.map(|note| (HeadPlace::Given, note.clone())));
}

fn report(count: usize, examined: Examined, found: KeyFound) -> LedgerReport {
    LedgerReport {
        entries: u32::try_from(count).unwrap_or(u32::MAX),
        intact: examined.findings.is_empty(),
        signed: examined.signed,
        unsigned_of_old: examined.chained,
        root: examined.root,
        key: examined.key.map(|key| key.to_string()),
        key_found: found,
        findings: examined.findings,
    }
}
