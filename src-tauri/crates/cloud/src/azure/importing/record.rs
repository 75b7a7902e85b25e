//! What an import must remember across a kill, and the one who remembers it.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::azure::OperationLocation;
use crate::azure::staging::{BlockReceipt, FileState, RecordError, StagingState};

/// One thing that is known from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "import", rename_all = "snake_case")]
pub enum ImportFact {
    /// Blobs of these names are stored from now on.
    Named {
        /// The blobs, in the order of the files.
        files: Vec<FileState>,
    },
    /// The request that puts the blocks of a blob together goes out.
    Committing {
        /// Its place among the files.
        file: usize,
    },
    /// The blob was compared and is the file.
    Staged {
        /// Its place among the files.
        file: usize,
    },
    /// The import is about to be requested.
    Requesting,
    /// The request was refused, and the service does nothing about it.
    Refused,
    /// The service accepted the import.
    Accepted {
        /// Where it says how far it is; `None` when it named no such place.
        operation: Option<OperationLocation>,
    },
    /// The operation ended badly: nothing was imported.
    Failed,
    /// The service holds what was sent.
    Imported,
    /// What was staged is deleted, as far as it could be.
    CleanedUp,
}

/// What the service said of a request to import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Said {
    /// Nothing that ends it.
    #[default]
    Nothing,
    /// It refused it, or does nothing about it.
    Refused,
    /// The import failed.
    Failed,
    /// The import succeeded; only known in the run that heard it.
    Succeeded,
}

/// What an earlier run knew. The default is a first run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportState {
    /// What is in the storage.
    pub staging: StagingState,
    /// How long ago, at least, a request to import may have gone out; `None` when none did.
    pub requested_ago: Option<Duration>,
    /// Whether the service accepted the import.
    pub accepted: bool,
    /// Where it says how far it is.
    pub operation: Option<OperationLocation>,
    /// What it said of the last request.
    pub said: Said,
    /// Whether the service was seen to hold the updates.
    pub imported: bool,
    /// Whether nothing is left in the storage, as far as it could be deleted.
    pub cleaned_up: bool,
}

impl ImportState {
    /// Takes in one fact. `ago` is how long ago the run that wrote it ended, at least.
    pub fn learn(&mut self, fact: &ImportFact, ago: Duration) {
        match fact {
            ImportFact::Named { files } => {
                self.staging.files.clone_from(files);
                self.cleaned_up = false;
            }
            ImportFact::Committing { file } => {
                if let Some(file) = self.staging.files.get_mut(*file) {
                    file.committing = true;
                }
            }
            ImportFact::Staged { file } => {
                if let Some(file) = self.staging.files.get_mut(*file) {
                    file.staged = true;
                }
            }
            ImportFact::Requesting => {
                self.requested_ago = Some(ago);
                self.said = Said::Nothing;
            }
            ImportFact::Refused | ImportFact::Failed => {
                (self.requested_ago, self.operation) = (None, None);
                self.accepted = false;
                self.said = if *fact == ImportFact::Failed {
                    Said::Failed
                } else {
                    Said::Refused
                };
            }
            ImportFact::Accepted { operation } => {
                self.accepted = true;
                self.operation.clone_from(operation);
            }
            ImportFact::Imported => self.imported = true,
            ImportFact::CleanedUp => {
                self.staging = StagingState::default();
                self.cleaned_up = true;
            }
        }
    }
}

/// Remembers the acts of an import. [`Self::fact`] is durable before it returns; an error stops the
/// import before the network is touched again.
#[async_trait]
pub trait ImportRecord: Send + Sync {
    /// This is known from now on.
    async fn fact(&self, fact: ImportFact) -> Result<(), RecordError>;
    /// The storage holds the block of this file. Need not be durable: blocks prove themselves.
    async fn block_confirmed(&self, file: usize, receipt: &BlockReceipt)
    -> Result<(), RecordError>;
}
