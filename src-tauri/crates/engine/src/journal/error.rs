//! What can go wrong with the journal.

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use rusqlite::ErrorCode;

/// A failure of the journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// `SQLite` failed: full disk, read-only folder, damaged file, locked for too long.
    #[error("the journal: {0}")]
    Database(#[from] rusqlite::Error),
    /// The disk is full.
    #[error("the journal has no room on its disk")]
    NoRoom,
    /// What stands in it cannot be read.
    #[error("the journal holds something unreadable: {0}")]
    Content(#[from] serde_json::Error),
    /// It was written by a newer Firmdrop.
    #[error("the journal has version {found}, this Firmdrop knows {known}")]
    Newer {
        /// Version found.
        found: i64,
        /// Newest version known.
        known: i64,
    },
    /// There is no such job.
    #[error("there is no job {0}")]
    NoSuchJob(String),
}

impl Diagnose for JournalError {
    fn diagnose(&self) -> Diagnosis {
        let why = self.to_string();
        let what = "The journal could not be read or written.";
        let diagnosis = match self {
            Self::Database(error) => match error.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => {
                    Diagnosis::new(Code::DiskFull, what, why).remedy(Remedy::FreeSpace)
                }
                Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                    Diagnosis::new(Code::HomeNotWritable, what, why).remedy(Remedy::Advice {
                        text: "Make Firmdrop's folder writable, or name another one with --home."
                            .into(),
                    })
                }
                // A quota, a limit of the file's size, a failing disk: reading may still work.
                Some(ErrorCode::SystemIoFailure) => {
                    Diagnosis::new(Code::HomeNotWritable, what, why)
                        .remedy(Remedy::FreeSpace)
                        .remedy(Remedy::Advice {
                            text: "Or name another folder with --home.".into(),
                        })
                }
                _ => Diagnosis::new(Code::JournalDamaged, what, why),
            },
            Self::NoRoom => Diagnosis::new(Code::DiskFull, what, why).remedy(Remedy::FreeSpace),
            Self::Content(_) => Diagnosis::new(Code::JournalDamaged, what, why),
            Self::Newer { .. } => {
                Diagnosis::new(Code::JournalDamaged, what, why).remedy(Remedy::Advice {
                    text: "Start the newer Firmdrop, or name another folder with --home.".into(),
                })
            }
            Self::NoSuchJob(id) => {
                return Diagnosis::new(
                    Code::JobNotFound,
                    format!("There is no job {id}."),
                    "The journal of this home does not hold it.",
                )
                .remedy(Remedy::Advice {
                    text: "List the jobs with `firmdrop-cli jobs`.".into(),
                });
            }
        };
        diagnosis.state("What was written before is kept. Nothing further was sent.")
    }
}
