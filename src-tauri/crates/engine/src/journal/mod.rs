//! The journal: what is about to happen and what has happened, on disk before any deed.
//!
//! One `SQLite` file in write-ahead mode with full synchronisation, shared by every process that
//! uses the home. Nothing here decides anything; it remembers.

mod error;
mod event;
mod jobs;
mod last_piece;
mod old_event;
mod requests;
mod schema;
mod upgrade;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

pub use error::JournalError;
pub(crate) use event::Event;
pub(crate) use jobs::{JobRow, notes};
pub(crate) use requests::StopRequest;

/// The open journal. Cheap calls that block for as long as the disk needs.
#[derive(Debug)]
pub struct Journal {
    connection: Mutex<Connection>,
}

impl Journal {
    /// Opens the journal, making or migrating it.
    ///
    /// A journal written by a newer Firmdrop is refused, never changed.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let open = || {
            let mut connection = Connection::open(path)?;
            schema::prepare(&mut connection)?;
            Ok(Self {
                connection: Mutex::new(connection),
            })
        };
        open().map_err(|error| {
            if has_room_beside(path) {
                error
            } else {
                JournalError::NoRoom
            }
        })
    }

    /// The connection, for one statement or transaction.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a small file can be written beside the journal. `SQLite` tells a full disk apart from
/// other faults only while it writes its main file, not while it makes those beside it.
fn has_room_beside(journal: &Path) -> bool {
    let probe = journal.with_extension("probe");
    let written = std::fs::write(&probe, vec![0; 64 * 1024]);
    // A probe that was never made cannot be removed.
    let _ = std::fs::remove_file(&probe);
    !written.is_err_and(|error| error.kind() == std::io::ErrorKind::StorageFull)
}
