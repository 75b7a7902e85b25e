//! How an import can fail, and what the service and the storage were left with.

use std::time::Duration;

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};

use super::{ImportState, record::Said};
use crate::azure::staging::{RecordError, StagingError};
use crate::azure::{AzureError, OperationFailure, UpdateId};

/// An import that did not end with a comparison.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// What is to be imported contradicts itself.
    #[error("the import cannot be requested: {why}")]
    Planned {
        /// Why.
        why: String,
    },
    /// The service holds other files under this version.
    #[error("{id} exists with other files: {difference}")]
    VersionTaken {
        /// The update.
        id: UpdateId,
        /// What differs.
        difference: String,
    },
    /// The storage, or the way there.
    #[error("{source}")]
    Staging {
        /// What failed.
        source: Box<StagingError>,
    },
    /// The service, or the way there.
    #[error("{source}")]
    Service {
        /// What failed.
        source: Box<AzureError>,
        /// What is left.
        left: String,
        /// Something is left to continue with.
        resumable: bool,
    },
    /// The service carried the import out, and it failed.
    #[error("{failure}")]
    Failed {
        /// Its words.
        failure: Box<OperationFailure>,
        /// What is left.
        left: String,
    },
    /// The import is still under way.
    #[error("the import was not over after {} minutes", waited.as_secs() / 60)]
    NotOver {
        /// How long it was watched.
        waited: Duration,
        /// The service's word for how far it is.
        status: Option<String>,
        /// What is left.
        left: String,
    },
    /// The service accepted the import and does not hold the update.
    #[error("the service accepted the import and does not show the update")]
    NotThere {
        /// What it said of the end.
        why: &'static str,
        /// What is left.
        left: String,
    },
    /// The service holds other files than were sent.
    #[error("{id} is not what was sent: {difference}")]
    Differs {
        /// The update.
        id: UpdateId,
        /// What differs.
        difference: String,
        /// What is left.
        left: String,
    },
    /// The record could not be written; nothing was sent after that.
    #[error("the journal could not be written: {source}")]
    Record {
        /// Its words.
        source: RecordError,
        /// What is left.
        left: String,
    },
    /// A user stopped it.
    #[error("the import was stopped")]
    Stopped {
        /// What is left.
        left: String,
    },
    /// It failed for good, and what was staged was deleted after that.
    #[error("{source}")]
    CleanedUp {
        /// What failed.
        source: Box<Self>,
        /// What is left since.
        left: String,
    },
}

impl ImportError {
    /// Whether a later run can continue or may succeed with what is there.
    pub fn is_resumable(&self) -> bool {
        match self {
            Self::Planned { .. }
            | Self::VersionTaken { .. }
            | Self::Differs { .. }
            | Self::CleanedUp { .. } => false,
            Self::Staging { source } => source.is_resumable(),
            Self::Service {
                source, resumable, ..
            } => *resumable || source.may_pass_later(),
            Self::Failed { failure, .. } => failure.may_pass_later(),
            Self::NotOver { .. }
            | Self::NotThere { .. }
            | Self::Record { .. }
            | Self::Stopped { .. } => true,
        }
    }

    fn with_code(&self, code: Code, why: &str) -> Diagnosis {
        Diagnosis::new(code, format!("{self}."), why)
    }
}

impl Diagnose for ImportError {
    fn diagnose(&self) -> Diagnosis {
        match self {
            Self::Planned { .. } => self
                .with_code(Code::Internal, "The plan contradicts itself.")
                .state("Nothing was sent.")
                .remedy(Remedy::PlanAgain),
            Self::VersionTaken { id, .. } => self
                .with_code(
                    Code::ObjectExists,
                    "A version is imported once and never changes. New files need a new version.",
                )
                .titled("The version is already taken")
                .state(format!("The service holds {id} as it was. Nothing was sent."))
                .remedy(Remedy::PlanAgain),
            Self::Staging { source } => source.diagnose(),
            Self::Service { source, left, .. } => {
                let diagnosis = source.diagnose().state(left.clone());
                self.resume(diagnosis)
            }
            Self::Failed { failure, left } => {
                let diagnosis = failure.diagnose().state(left.clone());
                self.resume(diagnosis)
            }
            Self::NotOver { status, left, .. } => {
                let status = status.as_deref().unwrap_or("nothing");
                let why = format!("The service last reported {status:?}. It may still end well.");
                self.with_code(Code::ServiceTimeout, &why)
                    .titled("The import takes too long")
                    .state(left.clone())
                    .remedy(Remedy::Resume)
            }
            Self::NotThere { why, left } => self
                .with_code(Code::RemoteDiffers, why)
                .titled("The service does not show the update")
                .state(left.clone())
                .remedy(Remedy::Resume),
            Self::Differs { left, .. } => self
                .with_code(
                    Code::RemoteDiffers,
                    "Probably somebody else imported another update under this version at the same time.",
                )
                .state(left.clone())
                .remedy(Remedy::PlanAgain),
            Self::Record { source, left } => self
                .with_code(Code::HomeNotWritable, &format!("{source}."))
                .state(left.clone())
                .remedy(Remedy::FreeSpace)
                .remedy(Remedy::Resume),
            Self::Stopped { left } => self
                .with_code(Code::WriteStopped, "The user stopped it.")
                .titled("The import was stopped")
                .state(left.clone())
                .remedy(Remedy::Resume),
            Self::CleanedUp { source, left } => source.diagnose().state(left.clone()),
        }
    }
}

impl ImportError {
    /// This failure, the clean-up having left this.
    pub(super) fn after_the_clean_up(self, left: String) -> Self {
        Self::CleanedUp {
            source: Box::new(self),
            left,
        }
    }

    fn resume(&self, diagnosis: Diagnosis) -> Diagnosis {
        if self.is_resumable() && !diagnosis.remedies.contains(&Remedy::Resume) {
            diagnosis.remedy(Remedy::Resume)
        } else {
            diagnosis
        }
    }
}

impl ImportState {
    /// What the other side was left with, as far as it said it.
    pub fn sentence(&self) -> String {
        let staged = self.staging.files.iter().filter(|file| file.staged).count();
        let total = self.staging.files.len();
        let storage = match (total, staged) {
            (0, _) if self.cleaned_up => {
                Some("The staged files were deleted from the storage.".to_owned())
            }
            (0, _) => None,
            (_, 0) => Some("Parts of the files may be in the storage.".to_owned()),
            _ => Some(format!(
                "The storage holds {staged} of {total} files of the import."
            )),
        };
        let service = if self.imported {
            "The service holds the update."
        } else if self.said == Said::Succeeded {
            "The service accepted the import and said that it succeeded."
        } else if self.accepted {
            "The service accepted the import; how it ended is not known."
        } else if self.requested_ago.is_some() {
            "Whether the service carries out the import is not known."
        } else if self.said == Said::Failed {
            "The service said that the import failed."
        } else if self.said == Said::Refused {
            "The service was asked to import it, and does not."
        } else if total == 0 && !self.cleaned_up {
            "Nothing was sent."
        } else {
            "The service was not asked to import it."
        };
        match storage {
            Some(storage) => format!("{service} {storage}"),
            None => service.to_owned(),
        }
    }
}
