//! The ledger as a face reaches it.

use firmdrop_core::{Code, Diagnosis, Remedy};

use super::export::{Export, ExportHead, last_line};
use super::verify::{Against, LedgerReport, verify, verify_export};
use super::{Chain, LedgerEntry, LedgerKeys};
use crate::{Home, Journal, JournalError};

/// The ledgers of a home.
#[derive(Debug)]
pub struct Ledger<'a> {
    pub(crate) home: &'a Home,
    pub(crate) journal: &'a Journal,
    pub(crate) keys: &'a LedgerKeys,
}

impl Ledger<'_> {
    /// The entries of a chain, the oldest first.
    pub fn entries(&self, chain: Chain) -> Result<Vec<LedgerEntry>, Diagnosis> {
        Ok(self.journal.ledger(chain)?)
    }

    /// The head of a chain and the keys that sealed it; `None` when nothing was sealed yet.
    pub fn head(&self, chain: Chain) -> Result<Option<ExportHead>, Diagnosis> {
        let Some(head) = self.journal.ledger_head(chain)? else {
            return Ok(None);
        };
        let verifiers = head.verifiers();
        Ok(Some(ExportHead {
            entries: head.size,
            chain,
            public_key_pem: verifiers.last().map(super::Verifier::pem),
            verifiers: verifiers.iter().map(ToString::to_string).collect(),
            checkpoint: head.note,
        }))
    }

    /// The lines of an export, the head last.
    pub fn export(&self, chain: Chain) -> Result<Vec<String>, Diagnosis> {
        // The head first: entries only ever become more.
        let head = self.head(chain)?;
        let mut entries = self.journal.ledger(chain)?;
        if let Some(head) = &head {
            entries.truncate(usize::try_from(head.entries).unwrap_or(usize::MAX));
        }
        let mut lines = entries
            .iter()
            .map(serde_json::to_string)
            .collect::<Result<Vec<_>, _>>()
            .map_err(JournalError::from)?;
        let head = head.unwrap_or(ExportHead {
            entries: u32::try_from(entries.len()).unwrap_or(u32::MAX),
            chain,
            checkpoint: None,
            verifiers: Vec::new(),
            public_key_pem: None,
        });
        lines.extend(last_line(head));
        Ok(lines)
    }

    /// Verifies a chain: every entry, every head, the keys and the jobs. May block on the key store.
    pub fn verify(&self, chain: Chain, against: &Against) -> Result<LedgerReport, Diagnosis> {
        Ok(verify(self.home, self.journal, self.keys, chain, against)?)
    }

    /// Verifies an export. Fails when it cannot be read to its end.
    pub fn verify_export(
        &self,
        export: &mut Export,
        against: &Against,
    ) -> Result<LedgerReport, Diagnosis> {
        verify_export(export, self.keys, against).map_err(|error| {
            let what = "The export could not be read to its end.";
            Diagnosis::new(Code::ReadFailed, what, error.to_string())
                .state("Nothing was verified.")
                .remedy(Remedy::advice("Try again with a copy of the file."))
        })
    }
}
