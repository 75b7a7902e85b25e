//! The journal thread.
//!
//! Whatever waits is written in one transaction, and the next group is taken while the disk is still
//! confirming the last one. Lines keep the order in which they were given.

use std::fs::File;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior};

use super::JournalError;
use super::checkpoint::Checkpoint;
use super::syncer::{Report, Syncer};
use super::write::{Durability, Task, Waiting};

/// Writes of one transaction.
pub(super) const GROUP: usize = 512;
/// Longest time until a line that nobody waits for is on the disk.
const SOON: Duration = Duration::from_secs(1);

/// The journal thread.
pub(super) struct Thread {
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
    pub(super) fn new(connection: Connection, ahead: PathBuf, checkpoint: Checkpoint) -> Self {
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

    pub(super) fn run(mut self, queue: &Receiver<Waiting>) {
        while let Some(group) = self.next(queue) {
            let asked = group.iter().any(|one| one.durability == Durability::Now);
            let due = self.unsynced.is_some_and(|since| since.elapsed() >= SOON);
            let durability = if asked || due {
                Durability::Now
            } else {
                Durability::Soon
            };
            let is_needed = |one: &Waiting| one.durability != Durability::Whenever;
            let needed = group.iter().any(is_needed);
            let on_disk = self.write(durability, group);
            self.checkpoint.begin_if_due();
            self.unsynced = match durability {
                Durability::Now if on_disk => None,
                _ if needed => self.unsynced.or_else(|| Some(Instant::now())),
                _ => self.unsynced,
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
                Durability::Whenever | Durability::Soon => "NORMAL",
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
