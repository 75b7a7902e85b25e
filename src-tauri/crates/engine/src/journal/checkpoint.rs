//! Moves what was committed from the file beside the journal into the journal itself, in the background.
//!
//! `SQLite` would do it within a commit, and whoever waits for that commit would wait for the disk three
//! more times.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::schema::BUSY;

/// Length of the file beside the journal from which it is emptied, bytes: four times what `SQLite` would
/// let it have, so that its beginning is rarely written anew.
const LARGE: u64 = 16 << 20;

/// Empties the file beside a journal when it has become large. Dropping it waits for it.
#[derive(Debug)]
pub(super) struct Checkpoint {
    journal: PathBuf,
    ahead: PathBuf,
    thread: Option<JoinHandle<()>>,
    ended: Arc<AtomicBool>,
    large: u64,
    /// Length from which it is tried next, bytes.
    due: u64,
}

impl Checkpoint {
    pub(super) fn of(journal: &Path, ahead: &Path) -> Self {
        Self {
            journal: journal.to_owned(),
            ahead: ahead.to_owned(),
            thread: None,
            ended: Arc::default(),
            large: LARGE,
            due: LARGE,
        }
    }

    /// Begins to empty the file when it is due. Never waits for the disk.
    pub(super) fn begin_if_due(&mut self) {
        let length = std::fs::metadata(&self.ahead).map_or(0, |metadata| metadata.len());
        if length < self.large {
            // It was begun anew.
            self.due = self.large;
        }
        if length < self.due || (self.thread.is_some() && !self.ended.load(Ordering::Acquire)) {
            return;
        }
        // What is still being read stays; it is not tried again with every commit.
        self.due = length.saturating_add(self.large);
        let (journal, ended) = (self.journal.clone(), Arc::new(AtomicBool::new(false)));
        self.ended = Arc::clone(&ended);
        let thread = std::thread::Builder::new().name("journal-checkpoint".into());
        // Without a thread, or when it fails, the file is only larger.
        self.thread = thread
            .spawn(move || {
                let _ = run(&journal);
                ended.store(true, Ordering::Release);
            })
            .ok();
    }
}

impl Drop for Checkpoint {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            // What it did not move is still where it was.
            let _ = thread.join();
        }
    }
}

fn run(journal: &Path) -> rusqlite::Result<()> {
    let connection = Connection::open(journal)?;
    connection.busy_timeout(BUSY)?;
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_beside_the_journal_is_emptied_and_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let ahead = folder.path().join("journal.sqlite-wal");
        let connection = Connection::open(&path).unwrap();
        for (name, value) in [("journal_mode", "WAL"), ("journal_size_limit", "0")] {
            connection.pragma_update(None, name, value).unwrap();
        }
        connection
            .execute_batch("PRAGMA wal_autocheckpoint = 0; CREATE TABLE line (text TEXT)")
            .unwrap();
        let write = |text: &str| {
            connection
                .execute("INSERT INTO line VALUES (?1)", [text])
                .unwrap();
        };
        let length = || std::fs::metadata(&ahead).unwrap().len();
        let mut checkpoint = Checkpoint::of(&path, &ahead);
        checkpoint.large = 64 << 10;
        checkpoint.due = checkpoint.large;
        checkpoint.begin_if_due();
        assert!(checkpoint.thread.is_none(), "it is small");
        write(&"x".repeat(200_000));
        assert!(length() > 200_000);
        checkpoint.begin_if_due();
        drop(checkpoint);
        write("y");
        assert!(length() < 64 << 10, "{}", length());
        let count: u32 = connection
            .query_row("SELECT COUNT(*) FROM line", [], |row| row.get(0))
            .unwrap();
        assert_eq!(count, 2);
    }
}
