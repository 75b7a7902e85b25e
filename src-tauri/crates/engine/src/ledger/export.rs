//! An export: one JSON line for each entry, and the head as the last line. Whatever is read here may
//! come from anywhere.

use serde::{Deserialize, Serialize};

use super::finding::{FindingKind, LedgerFinding};
use super::note::Verifier;
use super::table::Stored;
use super::{Chain, LedgerEntry};

/// Largest export that is read, bytes.
const LARGEST: usize = 1 << 30;

/// The last line of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportHead {
    /// How many entries were exported.
    pub entries: u32,
    /// Which chain.
    pub chain: Chain,
    /// The signed head, a C2SP checkpoint; absent when nothing was signed yet.
    pub checkpoint: Option<String>,
    /// The keys that sealed the ledger, `NAME+HASH+KEY` each.
    pub verifiers: Vec<String>,
    /// The last of them as other programs read it.
    pub public_key_pem: Option<String>,
}

/// The last line, by a name that no entry has.
#[derive(Debug, Serialize, Deserialize)]
struct LastLine {
    head: ExportHead,
}

/// A read export.
#[derive(Debug)]
pub struct Export {
    pub(super) chain: Chain,
    pub(super) entries: Vec<Stored>,
    pub(super) checkpoint: Option<String>,
    pub(super) verifiers: Vec<Verifier>,
    pub(super) findings: Vec<LedgerFinding>,
}

impl Export {
    /// Reads an export. What cannot be read of it is a finding; `None` when it is none at all.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LARGEST {
            return None;
        }
        let mut export = Self {
            chain: Chain::Deliveries,
            entries: Vec::new(),
            checkpoint: None,
            verifiers: Vec::new(),
            findings: Vec::new(),
        };
        let mut head = None;
        // Some programs write a mark of the byte order before what they store.
        let text = text.trim_start_matches('\u{feff}');
        for (line, number) in text.lines().zip(1_u32..) {
            if let Ok(last) = serde_json::from_str::<LastLine>(line) {
                head = Some(last.head);
            } else if let Ok(entry) = serde_json::from_str::<LedgerEntry>(line) {
                export.chain = entry.delivered.chain;
                let stored = Stored::of_export(&entry);
                if stored.delivered().as_ref() != Some(&entry.delivered) {
                    let words = format!(
                        "Entry {} shows something else than what was signed.",
                        entry.number
                    );
                    let finding = FindingKind::EntryChanged;
                    export
                        .findings
                        .push(LedgerFinding::new(finding, Some(entry.number), words));
                }
                export.entries.push(stored);
            } else {
                let words = format!("Line {number} cannot be read.");
                let finding = LedgerFinding::new(FindingKind::ExportCut, None, words);
                export.findings.push(finding);
            }
        }
        if export.entries.is_empty() && head.is_none() {
            return None;
        }
        export.take_head(head);
        Some(export)
    }

    fn take_head(&mut self, head: Option<ExportHead>) {
        let Some(head) = head else {
            let words = "The export ends without its head: its end is missing.";
            let finding = LedgerFinding::new(FindingKind::ExportCut, None, words);
            return self.findings.push(finding);
        };
        if usize::try_from(head.entries) != Ok(self.entries.len()) {
            let words = format!(
                "{} entries were exported, and {} are there.",
                head.entries,
                self.entries.len()
            );
            let finding = LedgerFinding::new(FindingKind::ExportCut, None, words);
            self.findings.push(finding);
        }
        let has_signed = self.entries.iter().any(|entry| !entry.is_chained());
        if head.checkpoint.is_none() && has_signed {
            let words = "The export has no signed head.";
            let finding = LedgerFinding::new(FindingKind::HeadMissing, None, words);
            self.findings.push(finding);
        }
        self.chain = head.chain;
        self.checkpoint = head.checkpoint;
        let keys = head.verifiers.iter().take(64);
        self.verifiers = keys.filter_map(|key| Verifier::parse(key)).collect();
    }
}

/// The last line of an export.
pub(super) fn last_line(head: ExportHead) -> Option<String> {
    serde_json::to_string(&LastLine { head }).ok()
}
