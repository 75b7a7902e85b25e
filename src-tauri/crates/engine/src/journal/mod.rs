//! The journal: what is about to happen and what has happened, on disk before any deed.
//!
//! One `SQLite` file in write-ahead mode, shared by every process that uses the home. One thread of
//! each process writes it; readers have connections of their own. Nothing here decides anything.

mod backup;
mod checkpoint;
mod error;
mod event;
mod jobs;
mod last_piece;
mod old_event;
mod open;
mod private_file;
mod readers;
mod requests;
mod rows;
mod schema;
mod syncer;
mod thread;
mod write;
mod writer;

use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;

use crate::file_system;

pub use error::JournalError;
pub(crate) use event::Event;
pub use open::Restored;
use open::{Opened, ReadCopy};
use readers::Readers;
pub use requests::StopRequest;
pub(crate) use rows::{JobRow, Row, UnreadableRow, notes};
pub use schema::UpgradePlan;
pub(crate) use write::{Durability, Written};
use writer::Writer;

/// The open journal.
#[derive(Debug)]
pub struct Journal {
    /// `None` when it can only be read.
    writer: Option<Writer>,
    readers: Readers,
    restored: Option<Restored>,
    /// Says to other processes that it is in use.
    _using: Option<std::fs::File>,
    /// What is read instead of a file that may not be touched. Dropped last.
    copy: Option<ReadCopy>,
}

impl Journal {
    /// Opens the journal, making, migrating or restoring it. Nothing is written to one that is up to
    /// date; one that may not be written can be read.
    ///
    /// A journal written by a newer Firmdrop is refused, never changed. Blocks.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        Self::open_with(path, &destination_of)
    }

    /// The same; `upgrade` knows the plans of format 1.
    pub fn open_with(path: &Path, upgrade: UpgradePlan<'_>) -> Result<Self, JournalError> {
        let opened = open::open(path, upgrade).map_err(|error| {
            if !has_room_beside(path) {
                JournalError::NoRoom
            } else if let Some(why) = no_locks_beside(path) {
                JournalError::NoLocks { why }
            } else {
                error
            }
        })?;
        match opened {
            Opened::Writable {
                connection,
                restored,
                using,
            } => Ok(Self {
                writer: Some(Writer::start(connection, path)?),
                readers: Readers::new(path),
                restored,
                _using: using,
                copy: None,
            }),
            Opened::ReadOnly(copy) => Ok(Self::read_only(copy)),
        }
    }

    fn read_only(copy: ReadCopy) -> Self {
        Self {
            writer: None,
            readers: Readers::new(copy.path()),
            restored: None,
            _using: None,
            copy: Some(copy),
        }
    }

    /// How it was restored when it was opened, if it was damaged.
    pub fn restored(&self) -> Option<&Restored> {
        self.restored.as_ref()
    }

    /// Whether it can only be read, because its folder may not be written.
    pub fn is_read_only(&self) -> bool {
        self.writer.is_none()
    }

    /// Gives a write to the journal's thread.
    pub(crate) fn enqueue<T: Send + 'static>(
        &self,
        durability: Durability,
        work: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
    ) -> Written<T> {
        self.enqueue_then(durability, work, |_| {})
    }

    /// The same; `then` is called on the journal's thread with the result, in the order of the
    /// writes. It must not block.
    pub(crate) fn enqueue_then<T: Send + 'static>(
        &self,
        durability: Durability,
        work: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
        then: impl FnOnce(&Result<T, JournalError>) + Send + 'static,
    ) -> Written<T> {
        let Some(writer) = &self.writer else {
            let path = self.copy.as_ref().map(|copy| copy.of().to_owned());
            let error = JournalError::ReadOnly(path.unwrap_or_default());
            then(&Err(error.clone()));
            return Written::failed(error);
        };
        writer.enqueue(durability, work, then)
    }

    /// Reads, without waiting for anybody who writes.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        self.readers.with(read)
    }
}

/// Scheme and address of a plan's destination, when it is in the present form.
pub(crate) fn destination_of(plan: &mut Value) -> Option<(String, String)> {
    let text = |name: &str| {
        let value = plan.pointer(&format!("/destination/{name}"))?;
        value.as_str().map(ToOwned::to_owned)
    };
    Some((text("scheme")?, text("address")?))
}

/// Why no file beside the journal can be locked, and on what file system.
fn no_locks_beside(journal: &Path) -> Option<String> {
    let folder = journal.parent()?;
    let refused = file_system::refuses_locks(folder)?;
    let (folder, on) = (folder.display(), file_system::network_file_system(folder));
    Some(match on {
        Some(name) => {
            format!("{folder} is on a network drive ({name}), which refuses locks: {refused}")
        }
        None => format!("the file system of {folder} refuses locks: {refused}"),
    })
}

/// Whether a small file can be written beside the journal. `SQLite` tells a full disk apart from
/// other faults only while it writes its main file, not while it makes those beside it.
fn has_room_beside(journal: &Path) -> bool {
    let probe = journal.with_extension("probe");
    let content = vec![0; 64 * 1024];
    let written = crate::home::private_file(&probe)
        .and_then(|mut file| std::io::Write::write_all(&mut file, &content));
    // A probe that was never made cannot be removed.
    let _ = std::fs::remove_file(&probe);
    !written.is_err_and(|error| error.kind() == std::io::ErrorKind::StorageFull)
}
