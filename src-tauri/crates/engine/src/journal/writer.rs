//! The journal thread: the only writer of this process.
//!
//! Whatever waits is written in one transaction, and the next group is taken while the disk is still
//! confirming the last one. Lines keep the order in which they were given. Callers never wait unless
//! they choose to.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::JournalError;
use super::checkpoint::Checkpoint;
use super::syncer::{Report, Syncer, is_reporting_thread};

/// Writes that may wait. Only a disk that stands still lets so many gather.
const WAITING: usize = 4096;
/// Writes of one transaction.
const GROUP: usize = 512;
/// Longest time until a line that nobody waits for is on the disk.
const SOON: Duration = Duration::from_secs(1);

/// When a write has to be on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// With the next write that has to be, or within a second. It survives the end of the process at
    /// once, and the end of the power supply from then on.
    Soon,
    /// Before it is reported as written.
    Now,
}

/// A write that was given to the journal thread. Ready when it is committed, and with
/// [`Durability::Now`] on the disk. Dropping it changes nothing about the write.
#[derive(Debug)]
#[must_use = "a failure to write is only seen by whoever waits for it"]
pub(crate) struct Written<T>(oneshot::Receiver<Result<T, JournalError>>);

impl<T> Written<T> {
    /// One that was refused.
    pub(super) fn failed(error: JournalError) -> Self {
        let (reply, written) = oneshot::channel();
        // The receiver is right here.
        let _ = reply.send(Err(error));
        Self(written)
    }

    /// Waits on this thread.
    #[cfg(test)]
    pub(crate) fn wait(self) -> Result<T, JournalError> {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(self)
    }
}

impl<T> Future for Written<T> {
    type Output = Result<T, JournalError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let reply = Pin::new(&mut self.0).poll(context);
        reply.map(|reply| reply.unwrap_or(Err(JournalError::Closed)))
    }
}

/// One write and who waits for it.
trait Task: Send {
    /// Does it, within a transaction.
    fn run(&mut self, connection: &Connection) -> Result<(), JournalError>;
    /// Reports it, after the transaction.
    fn settle(self: Box<Self>, committed: Result<(), JournalError>);
}

struct Write<T, W, S> {
    work: Option<W>,
    value: Option<T>,
    settled: S,
    reply: oneshot::Sender<Result<T, JournalError>>,
}

impl<T, W, S> Task for Write<T, W, S>
where
    T: Send,
    W: FnOnce(&Connection) -> Result<T, JournalError> + Send,
    S: FnOnce(&Result<T, JournalError>) + Send,
{
    fn run(&mut self, connection: &Connection) -> Result<(), JournalError> {
        let work = self.work.take().ok_or(JournalError::Closed)?;
        self.value = Some(work(connection)?);
        Ok(())
    }

    fn settle(self: Box<Self>, committed: Result<(), JournalError>) {
        let Self {
            value,
            settled,
            reply,
            ..
        } = *self;
        let result = committed.and_then(|()| value.ok_or(JournalError::Closed));
        settled(&result);
        // Nobody may be waiting.
        let _ = reply.send(result);
    }
}

struct Waiting {
    durability: Durability,
    task: Box<dyn Task>,
}

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
        let (reply, written) = oneshot::channel();
        let task = Box::new(Write {
            work: Some(work),
            value: None,
            settled,
            reply,
        });
        let refused = match &self.queue {
            Some(queue) => match queue.try_send(Waiting { durability, task }) {
                Ok(()) => None,
                Err(TrySendError::Full(waiting)) => Some((waiting, JournalError::Behind)),
                Err(TrySendError::Disconnected(waiting)) => Some((waiting, JournalError::Closed)),
            },
            None => Some((Waiting { durability, task }, JournalError::Closed)),
        };
        if let Some((waiting, error)) = refused {
            waiting.task.settle(Err(error));
        }
        Written(written)
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
            // A thread that panicked has written nothing more; who waited was told so.
            let _ = thread.join();
        }
    }
}

/// The thread's own side.
struct Thread {
    connection: Connection,
    /// The file that a commit is written to first. It is there once something was written.
    ahead: PathBuf,
    /// Puts that file onto the disk; `None` until it is there.
    syncer: Option<Syncer>,
    /// A synchronisation failed: `SQLite` does it.
    by_sqlite: bool,
    checkpoint: Checkpoint,
    /// How `SQLite` itself synchronises commits at present.
    synchronous: Option<Durability>,
    /// Since when there is something that a loss of power would undo.
    unsynced: Option<Instant>,
}

impl Thread {
    fn new(connection: Connection, ahead: PathBuf, checkpoint: Checkpoint) -> Self {
        Self {
            connection,
            ahead,
            syncer: None,
            by_sqlite: false,
            checkpoint,
            synchronous: None,
            unsynced: None,
        }
    }

    fn run(mut self, queue: &Receiver<Waiting>) {
        while let Some(group) = self.next(queue) {
            let asked = group.iter().any(|one| one.durability == Durability::Now);
            let due = self.unsynced.is_some_and(|since| since.elapsed() >= SOON);
            let durability = if asked || due {
                Durability::Now
            } else {
                Durability::Soon
            };
            let on_disk = self.write(durability, group);
            self.checkpoint.look();
            self.unsynced = match durability {
                Durability::Now if on_disk => None,
                _ => self.unsynced.or_else(|| Some(Instant::now())),
            };
        }
        if self.unsynced.is_some() {
            self.synchronise();
        }
    }

    /// Everything that waits; `None` when nobody can write any more.
    fn next(&mut self, queue: &Receiver<Waiting>) -> Option<Vec<Waiting>> {
        let first = loop {
            let Some(since) = self.unsynced else {
                break queue.recv().ok()?;
            };
            match queue.recv_timeout(SOON.saturating_sub(since.elapsed())) {
                Ok(first) => break first,
                Err(RecvTimeoutError::Timeout) => self.synchronise(),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        };
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(next) = queue.try_recv()
        {
            group.push(next);
        }
        Some(group)
    }

    /// Puts what was committed before onto the disk.
    fn synchronise(&mut self) {
        // When it cannot be, the next write that has to be on the disk says so.
        self.write(Durability::Now, Vec::new());
        self.unsynced = None;
    }

    /// Writes a group in one transaction and reports each write of it, those that have to be on the
    /// disk once they are. Answers whether it is there or on its way.
    fn write(&mut self, durability: Durability, group: Vec<Waiting>) -> bool {
        let by_syncer = durability == Durability::Now && self.syncer().is_some();
        let mode = if by_syncer {
            Durability::Soon
        } else {
            durability
        };
        let barrier = group.is_empty() && !by_syncer;
        let (waiting, mut tasks): (Vec<_>, Vec<_>) = group
            .into_iter()
            .map(|one| (one.durability == Durability::Now, one.task))
            .unzip();
        let results = match self.commit(mode, barrier, &mut tasks) {
            Ok(results) => results,
            Err(error) => {
                for task in tasks {
                    task.settle(Err(error.clone()));
                }
                return false;
            }
        };
        let mut covered = Vec::new();
        let settled = tasks.into_iter().zip(waiting).zip(results);
        for ((task, now), result) in settled {
            if now && by_syncer && result.is_ok() {
                covered.push(task);
            } else {
                task.settle(result);
            }
        }
        !by_syncer || self.cover(covered)
    }

    /// Has what was committed put onto the disk; these are reported then.
    fn cover(&mut self, tasks: Vec<Box<dyn Task>>) -> bool {
        let report: Report = Box::new(move |result| {
            let result = result.map_err(JournalError::NotConfirmed);
            for task in tasks {
                task.settle(result.clone());
            }
        });
        let Some(syncer) = &mut self.syncer else {
            report(Err(std::io::ErrorKind::NotFound));
            return false;
        };
        match syncer.cover(report) {
            Ok(()) => true,
            Err(report) => {
                // A synchronisation failed. From here on `SQLite` does it, by its own rules.
                self.syncer = None;
                self.by_sqlite = true;
                let result = self.commit(Durability::Now, true, &mut Vec::new());
                report(result.map(drop).map_err(|_| std::io::ErrorKind::Other));
                false
            }
        }
    }

    /// What puts the file that is written first onto the disk, without waiting for it; `None` before
    /// anything was written, and after it failed once.
    fn syncer(&mut self) -> Option<&Syncer> {
        if self.syncer.is_none() && !self.by_sqlite {
            // A system that asks for the right to write before it synchronises is given it.
            let file = File::options().write(true).open(&self.ahead);
            self.syncer = file.and_then(Syncer::of).ok();
        }
        self.syncer.as_ref()
    }

    fn set(&mut self, durability: Durability) -> Result<(), JournalError> {
        if self.synchronous != Some(durability) {
            let mode = match durability {
                Durability::Soon => "NORMAL",
                Durability::Now => "FULL",
            };
            self.connection.pragma_update(None, "synchronous", mode)?;
            self.synchronous = Some(durability);
        }
        Ok(())
    }

    /// Writes a group in one transaction.
    fn commit(
        &mut self,
        durability: Durability,
        with_barrier: bool,
        tasks: &mut [Box<dyn Task>],
    ) -> Result<Vec<Result<(), JournalError>>, JournalError> {
        self.set(durability)?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut results = Vec::with_capacity(tasks.len());
        for task in tasks {
            let result = one(&transaction, task.as_mut());
            if transaction.is_autocommit() {
                // The disk failed in a way that undid all of it.
                return Err(result.err().unwrap_or(JournalError::Closed));
            }
            results.push(result);
        }
        if with_barrier {
            barrier(&transaction)?;
        }
        transaction.commit()?;
        Ok(results)
    }
}

/// One write of a group: all of it or nothing.
fn one(connection: &Connection, task: &mut dyn Task) -> Result<(), JournalError> {
    connection
        .prepare_cached("SAVEPOINT one_write")?
        .execute([])?;
    let done = task.run(connection);
    if connection.is_autocommit() {
        return done;
    }
    if done.is_err() {
        connection
            .prepare_cached("ROLLBACK TO one_write")?
            .execute([])?;
    }
    connection
        .prepare_cached("RELEASE one_write")?
        .execute([])?;
    done
}

/// Changes something, so that a commit has something to put onto the disk.
pub(super) fn barrier(connection: &Connection) -> Result<(), JournalError> {
    connection
        .prepare_cached("UPDATE barrier SET number = number + 1")?
        .execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

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
