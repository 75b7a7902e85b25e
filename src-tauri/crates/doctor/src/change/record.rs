//! The record of changes: `/var/lib/firmdrop/doctor.json`, which every user may read and root writes.

use std::fs::{self, File};
use std::path::PathBuf;

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};

use super::whole::{failed, replace};
use super::within::within;
use crate::{DoctorFault, Root};

const FOLDER: &str = "/var/lib/firmdrop";
const FILE: &str = "/var/lib/firmdrop/doctor.json";
/// Longest record that is read, bytes: a changed copy of brltty's rules has some 40 KiB.
const LONGEST_BYTES: u64 = 16 * 1024 * 1024;
/// Most changes; more are refused until the record is moved away.
const MOST: usize = 1000;

/// How far a change got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum ChangeState {
    /// It was begun. A process that ended in the middle leaves it so; an undo restores what was written.
    Begun,
    /// Every file is written.
    Made,
    /// Every file is as it was before.
    Undone,
}

/// One change that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SystemChange {
    /// Its number.
    pub id: u32,
    /// The fix it was made by.
    pub fix: String,
    /// What it did.
    pub title: String,
    /// When.
    pub at: Moment,
    /// How far it got.
    pub state: ChangeState,
    /// When it was undone.
    pub undone_at: Option<Moment>,
    /// The files, in the order in which they were written.
    pub files: Vec<RecordedFile>,
    /// Commands that are run after the files changed, then and at an undo.
    pub commands: Vec<Vec<String>>,
}

/// A file as it was before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct RecordedFile {
    /// Its path in the system.
    pub path: String,
    /// Its text before; `None` when it was not there.
    pub before: Option<String>,
    /// Its text after.
    pub after: String,
    /// Permission bits and owner before; `None` when it was not there.
    pub owned: Option<Owned>,
    /// A value of the kernel.
    pub in_place: bool,
    /// Folders that were made for it, the outermost first.
    pub made_folders: Vec<String>,
}

/// Permission bits and owner of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Owned {
    /// Permission bits.
    pub mode: u32,
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

/// The changes of a system.
pub(super) fn read(root: &Root) -> Result<Vec<SystemChange>, DoctorFault> {
    if root.leads_out(FILE) {
        return Err(DoctorFault::LeadsOut { path: FILE.into() });
    }
    let path = root.path(FILE);
    let unreadable = |why: String| DoctorFault::RecordUnreadable { why };
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error.to_string())),
        Ok(_) => {}
    }
    let bytes = firmdrop_core::read_file(&path, LONGEST_BYTES)
        .map_err(|error| unreadable(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))
}

/// The record, locked for this process until it is dropped.
#[derive(Debug)]
pub(super) struct Record {
    path: PathBuf,
    pub(super) changes: Vec<SystemChange>,
    _lock: File,
}

impl Record {
    /// Opens the record to change it. Fails where this process may not write it, and while another one does.
    pub(super) fn open(root: &Root, as_root: &str) -> Result<Self, DoctorFault> {
        within(root, FILE)?;
        let folder = root.path(FOLDER);
        let refused = |error: std::io::Error| failed(FOLDER, &error, as_root);
        fs::create_dir_all(&folder).map_err(refused)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("doctor.lock"))
            .map_err(refused)?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => DoctorFault::Busy,
            fs::TryLockError::Error(error) => refused(error),
        })?;
        let changes = read(root)?;
        if changes.len() >= MOST {
            return Err(DoctorFault::RecordUnreadable {
                why: format!("it has {MOST} changes, the most there can be"),
            });
        }
        Ok(Self {
            path: root.path(FILE),
            changes,
            _lock: lock,
        })
    }

    /// Writes it, whole or not at all; it survives the loss of power.
    pub(super) fn write(&self) -> Result<(), DoctorFault> {
        let text = serde_json::to_vec_pretty(&self.changes).unwrap_or_default();
        let written = replace(&self.path, &text, 0o644);
        written.map_err(|error| failed(FILE, &error, ""))
    }
}
