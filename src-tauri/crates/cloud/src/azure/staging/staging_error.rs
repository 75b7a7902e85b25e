//! How staging can fail, and what the storage was left with.

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy, grouped};

use super::{RecordError, StagedSoFar, StorageError};
use crate::changed_file::{WHY_CHANGED, with_remedies};

/// Staging that did not end with addresses.
#[derive(Debug, thiserror::Error)]
pub enum StagingError {
    /// A file has no byte.
    #[error("{file} is empty")]
    Empty {
        /// Which.
        file: String,
    },
    /// A file is longer than a blob of ours.
    #[error("{file} has {} bytes, more than can be stored", grouped(*size_bytes))]
    TooLarge {
        /// Which.
        file: String,
        /// Its size.
        size_bytes: u64,
    },
    /// What is remembered belongs to other files.
    #[error("what is remembered of this delivery belongs to other files")]
    OtherFiles,
    /// A file is no longer the one that was planned.
    #[error("{file} is no longer the one that was planned")]
    FileChanged {
        /// Which.
        file: String,
        /// What the storage holds.
        held: StagedSoFar,
    },
    /// A file could not be read.
    #[error("{file} could not be read: {source}")]
    Read {
        /// Which.
        file: String,
        /// The system's words.
        source: std::io::Error,
        /// What the storage holds.
        held: StagedSoFar,
    },
    /// The record could not be written; nothing was sent after that.
    #[error("the journal could not be written: {source}")]
    Record {
        /// Its words.
        source: RecordError,
        /// What the storage holds.
        held: StagedSoFar,
    },
    /// The storage, or the way there.
    #[error("{source}")]
    Storage {
        /// What failed.
        source: Box<StorageError>,
        /// What the storage holds.
        held: StagedSoFar,
    },
    /// A block arrived damaged again and again.
    #[error("block {number} of {file} arrived damaged {times} times")]
    BlockDamaged {
        /// Which file.
        file: String,
        /// Its place, from 1.
        number: u32,
        /// How often.
        times: u32,
        /// What the storage holds.
        held: StagedSoFar,
    },
    /// Blocks that the storage confirmed are not there any more.
    #[error("the storage lost {blocks} blocks of {file} that it had confirmed")]
    BlocksLost {
        /// Which file.
        file: String,
        /// How many.
        blocks: usize,
        /// What the storage holds.
        held: StagedSoFar,
    },
    /// The blob is not the file.
    #[error("the blob {blob} is not the file: {difference}")]
    RemoteDiffers {
        /// Which.
        blob: String,
        /// What differs, both sides.
        difference: String,
        /// What the storage holds.
        held: StagedSoFar,
    },
    /// A user stopped it.
    #[error("staging was stopped")]
    Stopped {
        /// What the storage holds.
        held: StagedSoFar,
    },
}

impl StagingError {
    /// Whether a later run can continue: something is with the storage, or the same may succeed
    /// later.
    pub fn is_resumable(&self) -> bool {
        match self {
            Self::Storage { source, held } => held.is_something() || source.may_pass_later(),
            // It may be put back; what is there is the beginning of what it was.
            Self::FileChanged { held, .. } => held.is_something(),
            Self::Read { .. }
            | Self::Record { .. }
            | Self::BlockDamaged { .. }
            | Self::BlocksLost { .. }
            | Self::Stopped { .. } => true,
            Self::Empty { .. }
            | Self::TooLarge { .. }
            | Self::OtherFiles
            | Self::RemoteDiffers { .. } => false,
        }
    }

    fn with_code(&self, code: Code, why: &str) -> Diagnosis {
        Diagnosis::new(code, format!("{self}."), why)
    }
}

impl Diagnose for StagingError {
    fn diagnose(&self) -> Diagnosis {
        match self {
            Self::Empty { .. } => self
                .with_code(Code::EmptyFile, "An update has no empty files.")
                .state("Nothing was sent.")
                .remedy(Remedy::ChooseAnotherFile),
            Self::TooLarge { .. } => self
                .with_code(Code::TooLarge, "A blob has 50,000 blocks of at most 64 MiB here.")
                .state("Nothing was sent.")
                .remedy(Remedy::ChooseAnotherFile),
            Self::OtherFiles => self
                .with_code(Code::JobNotResumable, "The files of the delivery were exchanged.")
                .state("Nothing was sent by this run.")
                .remedy(Remedy::PlanAgain),
            Self::FileChanged { held, .. } => {
                let changed = self
                    .with_code(Code::FileChanged, WHY_CHANGED)
                    .state(format!("{held} The blocks of this file were not committed."));
                with_remedies(changed, self.is_resumable())
            }
            Self::Read { source, held, .. } => self
                .with_code(Code::ReadFailed, &format!("{source}."))
                .state(held.to_string())
                .remedy(Remedy::Resume),
            Self::Record { source, held } => self
                .with_code(Code::HomeNotWritable, &format!("{source}."))
                .state(held.to_string())
                .remedy(Remedy::FreeSpace)
                .remedy(Remedy::Resume),
            Self::Storage { source, held } => {
                let diagnosis = source.diagnose();
                let diagnosis = match &**source {
                    StorageError::Unusable { .. } => diagnosis,
                    _ => diagnosis.state(held.to_string()),
                };
                if self.is_resumable() {
                    diagnosis.remedy(Remedy::Resume)
                } else {
                    diagnosis
                }
            }
            Self::BlockDamaged { held, .. } => self
                .with_code(
                    Code::ChunkDamaged,
                    "The checksum of what arrived is not that of what was sent. Probably something on the way changes the bytes.",
                )
                .titled("A block arrived damaged")
                .state(held.to_string())
                .remedy(Remedy::Resume),
            Self::BlocksLost { held, .. } => self
                .with_code(
                    Code::ServiceFailed,
                    "Probably something else wrote to the blob, or they were discarded.",
                )
                .titled("The storage lost blocks")
                .state(held.to_string())
                .remedy(Remedy::Resume),
            Self::RemoteDiffers { held, .. } => self
                .with_code(Code::RemoteDiffers, "The storage holds something else than it was sent.")
                .state(format!("{held} It was not imported."))
                .remedy(Remedy::PlanAgain),
            Self::Stopped { held } => self
                .with_code(Code::WriteStopped, "The user stopped it.")
                .titled("Staging was stopped")
                .state(held.to_string())
                .remedy(Remedy::Resume),
        }
    }
}
