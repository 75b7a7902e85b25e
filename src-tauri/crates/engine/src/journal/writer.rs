//! The way to the journal thread, the only writer of this process. Callers never wait unless they choose to.

use std::path::Path;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::JournalError;
use super::checkpoint::Checkpoint;
use super::syncer::is_reporting_thread;
use super::thread::Thread;
use super::write::{Durability, Waiting, Written};

/// Writes that may wait. Only a disk that stands still lets so many gather.
const WAITING: usize = 4096;

/// The way to the journal thread. Dropping it lets the thread write what waits, and waits for that.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<SyncSender<Waiting>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the journal thread on this connection.
    ///
    /// The file at `journal` is open on it, in write-ahead mode.
    pub(super) fn start(connection: Connection, journal: &Path) -> Result<Self, JournalError> {
        let ahead = journal.with_extension("sqlite-wal");
        let checkpoint = Checkpoint::of(journal, &ahead);
        let (queue, waiting) = sync_channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || Thread::new(connection, ahead, checkpoint).run(&waiting))
            .map_err(|error| JournalError::NoThread(error.to_string()))?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Gives a write to the journal thread. `settled` is called there with the result, in the order
    /// of the writes; it must not block.
    pub(super) fn enqueue<T: Send + 'static>(
        &self,
        durability: Durability,
        work: impl FnOnce(&Connection) -> Result<T, JournalError> + Send + 'static,
        settled: impl FnOnce(&Result<T, JournalError>) + Send + 'static,
    ) -> Written<T> {
        let (waiting, written) = Waiting::new(durability, work, settled);
        let refused = match &self.queue {
            Some(queue) => match queue.try_send(waiting) {
                Ok(()) => None,
                Err(TrySendError::Full(waiting)) => Some((waiting, JournalError::Behind)),
                Err(TrySendError::Disconnected(waiting)) => Some((waiting, JournalError::Closed)),
            },
            None => Some((waiting, JournalError::Closed)),
        };
        if let Some((waiting, error)) = refused {
            waiting.task.settle(Err(error));
        }
        written
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        let Some(thread) = self.thread.take() else {
            return;
        };
        // The last owner may be a callback, on the thread itself or on one that it waits for.
        if thread.thread().id() != std::thread::current().id() && !is_reporting_thread() {
            // A thread that panicked has written nothing more; who waited got an error.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::super::thread::GROUP;
    use super::*;

    fn writer() -> (tempfile::TempDir, std::path::PathBuf, Writer) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let connection = Connection::open(&path).unwrap();
        connection
            .pragma_update(None, "journal_mode", "WAL")
            .unwrap();
        connection
            .execute_batch(
                "CREATE TABLE barrier (number INTEGER); INSERT INTO barrier VALUES (0);
                 CREATE TABLE line (number INTEGER PRIMARY KEY, text TEXT UNIQUE)",
            )
            .unwrap();
        let writer = Writer::start(connection, &path).unwrap();
        (folder, path, writer)
    }

    fn insert(
        text: &'static str,
    ) -> impl FnOnce(&Connection) -> Result<(), JournalError> + Send + 'static {
        move |connection| {
            connection.execute("INSERT INTO line (text) VALUES (?1)", [text])?;
            Ok(())
        }
    }

    fn lines(path: &std::path::Path) -> Vec<String> {
        let connection = Connection::open(path).unwrap();
        let mut statement = connection
            .prepare("SELECT text FROM line ORDER BY number")
            .unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[test]
    fn a_write_that_fails_leaves_the_others_of_its_group_alone() {
        let (_folder, path, writer) = writer();
        // The thread is held up until all of them wait: they become one group.
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let held = writer.enqueue(
            Durability::Now,
            move |_| {
                let _ = wait.recv();
                Ok(())
            },
            |_| {},
        );
        let first = writer.enqueue(Durability::Now, insert("a"), |_| {});
        let twice = writer.enqueue(Durability::Now, insert("a"), |_| {});
        let last = writer.enqueue(Durability::Soon, insert("b"), |_| {});
        go.send(()).unwrap();
        held.wait().unwrap();
        first.wait().unwrap();
        assert!(twice.wait().is_err());
        last.wait().unwrap();
        assert_eq!(lines(&path), ["a", "b"]);
    }

    #[test]
    fn results_are_reported_in_the_order_of_the_writes_and_what_waits_is_written_at_the_end() {
        let (_folder, path, writer) = writer();
        let order: Arc<Mutex<Vec<usize>>> = Arc::default();
        for (number, text) in ["a", "b", "c", "d"].into_iter().enumerate() {
            let order = Arc::clone(&order);
            let written = writer.enqueue(Durability::Soon, insert(text), move |result| {
                assert!(result.is_ok());
                order.lock().unwrap().push(number);
            });
            drop(written);
        }
        drop(writer);
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3]);
        assert_eq!(lines(&path), ["a", "b", "c", "d"]);
    }

    #[test]
    fn more_writes_than_may_wait_are_refused_and_not_lost_silently() {
        let (_folder, _path, writer) = writer();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let held = writer.enqueue(
            Durability::Now,
            move |_| {
                let _ = wait.recv();
                Ok(())
            },
            |_| {},
        );
        // The thread may have taken a group before it was held up, or not even the first write.
        let many: Vec<_> = (0..WAITING + GROUP + 2)
            .map(|_| writer.enqueue(Durability::Soon, |_| Ok(()), |_| {}))
            .collect();
        go.send(()).unwrap();
        held.wait().unwrap();
        let refused = many
            .into_iter()
            .filter_map(|written| written.wait().err())
            .count();
        assert!((1..=GROUP + 3).contains(&refused), "{refused}");
    }
}
