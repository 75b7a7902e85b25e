//! What can go wrong with the journal.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use rusqlite::ErrorCode;

/// A failure of the journal.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// `SQLite` failed: full disk, read-only folder, damaged file, locked for too long.
    #[error("the journal: {0}")]
    Database(Arc<rusqlite::Error>),
    /// The disk is full.
    #[error("the journal has no room on its disk")]
    NoRoom,
    /// Its file system has no locks, without which two processes would damage it.
    #[error("{why}")]
    NoLocks {
        /// Which folder, what kind of file system, and what the system said.
        why: String,
    },
    /// Something in it cannot be read.
    #[error("the journal holds something unreadable: {0}")]
    Content(Arc<serde_json::Error>),
    /// The file is damaged, and it could not be restored.
    #[error("the journal is damaged: {why}")]
    Damaged {
        /// What is wrong with it, and why it was not restored.
        why: String,
    },
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
    /// One job of it cannot be read; the others can.
    #[error("job {id} cannot be read: {why}")]
    UnreadableJob {
        /// Which.
        id: String,
        /// Why.
        why: String,
    },
    /// One entry of the ledger cannot be read.
    #[error("entry {number} of the ledger cannot be read")]
    UnreadableEntry {
        /// Which.
        number: u32,
    },
    /// The plan of a job is larger than a journal takes.
    #[error("the plan has {bytes} bytes, {limit} at most are stored")]
    PlanTooLarge {
        /// Its size.
        bytes: usize,
        /// Largest size.
        limit: usize,
    },
    /// It was opened to be read only.
    #[error("the journal can only be read: {0}")]
    ReadOnly(PathBuf),
    /// Its disk did not confirm what was written.
    #[error("the disk of the journal did not confirm what was written: {}", io::Error::from(*.0))]
    NotConfirmed(io::ErrorKind),
    /// Its disk does not keep up with what is to be written.
    #[error("the disk of the journal is too slow: thousands of lines wait for it")]
    Behind,
    /// Its thread could not be started.
    #[error("the journal's thread could not be started: {0}")]
    NoThread(String),
    /// Its thread has ended.
    #[error("the journal was closed")]
    Closed,
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl From<serde_json::Error> for JournalError {
    fn from(error: serde_json::Error) -> Self {
        Self::Content(Arc::new(error))
    }
}

impl JournalError {
    fn sqlite_code(&self) -> Option<ErrorCode> {
        match self {
            Self::Database(error) => error.sqlite_error_code(),
            _ => None,
        }
    }

    /// The file itself is broken, not the access to it.
    pub(super) fn is_damage(&self) -> bool {
        matches!(
            self.sqlite_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        )
    }

    /// The file or its folder may not be written; reading it may still work.
    pub(super) fn is_refusal_to_write(&self) -> bool {
        matches!(
            self.sqlite_code(),
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied)
        )
    }
}

const WHAT: &str = "The journal could not be read or written.";
const STATE: &str = "What was written before is still there. Nothing further was sent.";

const UNREADABLE: &str = "What it holds cannot be read now. Nothing further was sent.";

const NOT_CONFIRMED: &str =
    "Whether the last lines would survive a loss of power is not known. Nothing further was sent.";

impl Diagnose for JournalError {
    fn diagnose(&self) -> Diagnosis {
        let of = |code| Diagnosis::new(code, WHAT, self.to_string()).state(STATE);
        match self {
            Self::Database(_) => database(self, of),
            Self::NoRoom => of(Code::DiskFull).remedy(Remedy::FreeSpace),
            Self::NoLocks { why } => Diagnosis::new(
                Code::HomeNotWritable,
                "Firmdrop's own folder is on a file system without locks.",
                why.clone(),
            )
            .titled("Firmdrop's own folder cannot be locked")
            .state("Nothing was read, sent or written: without locks two processes could deliver to one place at once.")
            .remedy(Remedy::advice(
                "Name a folder on a disk of this computer with --home, or switch locks of the network drive on.",
            )),
            Self::Content(_) => of(Code::JournalDamaged),
            Self::Damaged { .. } => of(Code::JournalDamaged).state(UNREADABLE).remedy(Remedy::advice(
                "Close every Firmdrop and start it again, or name another folder with --home.",
            )),
            Self::Newer { .. } => of(Code::JournalDamaged).remedy(Remedy::advice(
                "Start the newer Firmdrop, or name another folder with --home.",
            )),
            Self::NoSuchJob(id) => Diagnosis::new(
                Code::JobNotFound,
                format!("There is no job {id}."),
                "The journal of this home does not hold it.",
            )
            .state(STATE)
            .remedy(Remedy::advice("List the jobs with `firmdrop-cli jobs`.")),
            Self::UnreadableJob { id, why } => Diagnosis::new(
                Code::JournalDamaged,
                format!("Job {id} cannot be read."),
                why.clone(),
            )
            .state("All other jobs can be read. What its destination holds is not known."),
            Self::UnreadableEntry { number } => Diagnosis::new(
                Code::LedgerBroken,
                format!("Entry {number} of the ledger cannot be read."),
                "It is not what was written.",
            )
            .state("Nothing was changed. `ledger verify` says what else is wrong."),
            Self::PlanTooLarge { .. } => Diagnosis::new(
                Code::JournalDamaged,
                "The job was not begun.",
                self.to_string(),
            )
            .state(Diagnosis::NOTHING_SENT)
            .remedy(Remedy::ChooseAnotherFile),
            Self::ReadOnly(_) => of(Code::HomeNotWritable).remedy(Remedy::advice(
                "Make Firmdrop's folder writable, or name another one with --home.",
            )),
            Self::NotConfirmed(io::ErrorKind::StorageFull) => of(Code::DiskFull)
                .state(NOT_CONFIRMED)
                .remedy(Remedy::FreeSpace),
            Self::NotConfirmed(_) => of(Code::HomeNotWritable)
                .state(NOT_CONFIRMED)
                .remedy(Remedy::advice(
                    "Check the disk, or name a folder on another one with --home.",
                )),
            Self::Behind => of(Code::HomeNotWritable)
                .remedy(Remedy::advice("Name a folder on another disk with --home.")),
            Self::NoThread(_) | Self::Closed => of(Code::Internal),
        }
    }
}

fn database(error: &JournalError, of: impl Fn(Code) -> Diagnosis) -> Diagnosis {
    match error.sqlite_code() {
        Some(ErrorCode::DiskFull) => of(Code::DiskFull).remedy(Remedy::FreeSpace),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            of(Code::HomeNotWritable).remedy(Remedy::advice(
                "Make Firmdrop's folder writable, or name another one with --home.",
            ))
        }
        // A quota, a limit of the file's size, a failing disk: reading may still work.
        Some(ErrorCode::SystemIoFailure) => of(Code::HomeNotWritable)
            .remedy(Remedy::FreeSpace)
            .remedy(Remedy::advice("Or name another folder with --home.")),
        // Somebody else has it open for long: nothing is wrong with the file.
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed,
        ) => of(Code::HomeNotWritable)
            .titled("Another program has the journal open")
            .remedy(Remedy::advice(
                "Close what has the file journal.sqlite in Firmdrop's folder open, as a viewer of databases or a backup, then try again.",
            )),
        // A damaged one is put back from its last copy when it is opened: there was none, or it
        // became damaged while it was open.
        _ => of(Code::JournalDamaged)
            .state(UNREADABLE)
            .remedy(Remedy::advice(
                "Close every Firmdrop and start it again. If it stays like this, move the file journal.sqlite out of Firmdrop's folder: Firmdrop begins a new one, and what is in the old one is missing from the lists.",
            )),
    }
}
