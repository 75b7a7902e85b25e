//! Puts committed groups onto the disk, several at a time.
//!
//! A disk that is slow to confirm takes the next order while it works on the last one. So a group waits
//! for its own synchronisation only, never for the rest of one that began before it was committed. Groups
//! are reported in the order in which they were committed.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

thread_local! {
    static REPORTING_THREAD: Cell<bool> = const { Cell::new(false) };
}

/// Whether this is a thread of a [`Syncer`], which calls reports. It must not wait for one to end.
pub(super) fn is_reporting_thread() -> bool {
    REPORTING_THREAD.get()
}

/// Most synchronisations under way at once, each with a thread that waits for the disk and does nothing
/// else. They are started when they are needed: one job needs one or two.
const AT_ONCE: usize = 16;

/// What is called once a group is on the disk, or is known not to be.
pub(super) type Report = Box<dyn FnOnce(Result<(), io::ErrorKind>) + Send>;

/// Synchronises one file. Dropping it waits until everything is reported.
pub(super) struct Syncer {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    /// What puts everything that was written before onto the disk.
    sync: Box<dyn Fn() -> io::Result<()> + Send + Sync>,
    state: Mutex<State>,
    /// There is something to do, or nothing more will come.
    work: Condvar,
    /// Held while groups are reported, so that their order is that of the commits.
    reporting: Mutex<()>,
}

#[derive(Default)]
struct State {
    /// Groups that no synchronisation covers yet.
    waiting: Vec<Report>,
    /// Threads that wait for something to do.
    idle: usize,
    /// Synchronisations, the oldest first. The first one is always still under way.
    under_way: VecDeque<Cover>,
    begun: u64,
    /// The first failure. What was written before it may be lost although a later synchronisation
    /// succeeds: the system reports a page that could not be written only once.
    failed: Option<io::ErrorKind>,
    closed: bool,
}

/// One synchronisation and what it covers.
struct Cover {
    number: u64,
    groups: Vec<Report>,
    ended: bool,
}

impl Syncer {
    /// Synchronises this file.
    pub(super) fn of(file: File) -> io::Result<Self> {
        Self::new(Box::new(move || file.sync_data()))
    }

    fn new(sync: Box<dyn Fn() -> io::Result<()> + Send + Sync>) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            sync,
            state: Mutex::default(),
            work: Condvar::new(),
            reporting: Mutex::default(),
        });
        let mut syncer = Self {
            shared,
            threads: Vec::new(),
        };
        syncer.start_thread()?;
        Ok(syncer)
    }

    fn start_thread(&mut self) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new()
            .name("journal-sync".into())
            .spawn(move || shared.run())?;
        self.threads.push(thread);
        Ok(())
    }

    /// Reports once everything that was written until now is on the disk. Gives the report back when a
    /// synchronisation failed before: this way it can no longer be known.
    pub(super) fn cover(&mut self, report: Report) -> Result<(), Report> {
        let mut state = self.shared.state();
        if state.failed.is_some() {
            return Err(report);
        }
        state.waiting.push(report);
        let all_busy = state.idle == 0;
        drop(state);
        self.shared.work.notify_one();
        if all_busy && self.threads.len() < AT_ONCE {
            // Without another thread, the next that is free does it.
            let _ = self.start_thread();
        }
        Ok(())
    }
}

impl Drop for Syncer {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.work.notify_all();
        for thread in self.threads.drain(..) {
            // One that panicked has reported nothing more; who waits for it sees that it is gone.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) {
        REPORTING_THREAD.set(true);
        while let Some(number) = self.begin() {
            let result = (self.sync)();
            self.end(number, result);
        }
    }

    /// Takes everything that waits; `None` when nothing will come any more.
    fn begin(&self) -> Option<u64> {
        let mut state = self.state();
        while state.waiting.is_empty() {
            if state.closed {
                return None;
            }
            state.idle += 1;
            state = self
                .work
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
        let number = state.begun;
        state.begun += 1;
        let groups = std::mem::take(&mut state.waiting);
        state.under_way.push_back(Cover {
            number,
            groups,
            ended: false,
        });
        Some(number)
    }

    /// Reports what is known now. One that began earlier and is still under way holds back those that
    /// began later: its failure would be theirs.
    fn end(&self, number: u64, result: io::Result<()>) {
        let reporting = self.reporting.lock();
        let _reporting = reporting.unwrap_or_else(PoisonError::into_inner);
        let mut state = self.state();
        if let Err(error) = result {
            state.failed.get_or_insert(error.kind());
        }
        if let Some(cover) = state
            .under_way
            .iter_mut()
            .find(|cover| cover.number == number)
        {
            cover.ended = true;
        }
        let mut known = Vec::new();
        while state.under_way.front().is_some_and(|cover| cover.ended) {
            known.extend(
                state
                    .under_way
                    .pop_front()
                    .into_iter()
                    .flat_map(|cover| cover.groups),
            );
        }
        let result = state.failed.map_or(Ok(()), Err);
        drop(state);
        for report in known {
            report(result);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// A disk of which the test decides when and how each synchronisation ends.
    struct Disk {
        begun: Receiver<Sender<io::Result<()>>>,
        reports: Receiver<(u32, bool)>,
        report: Sender<(u32, bool)>,
        syncer: Syncer,
    }

    fn disk() -> Disk {
        let (begin, begun) = channel();
        let (report, reports) = channel();
        let begin = Mutex::new(begin);
        let sync = move || {
            let (end, ended) = channel();
            begin.lock().unwrap().send(end).unwrap();
            ended.recv().unwrap()
        };
        let syncer = Syncer::new(Box::new(sync)).unwrap();
        Disk {
            begun,
            reports,
            report,
            syncer,
        }
    }

    impl Disk {
        fn cover(&mut self, number: u32) -> bool {
            let report = self.report.clone();
            let reported = Box::new(move |result: Result<(), _>| {
                report.send((number, result.is_ok())).unwrap();
            });
            self.syncer.cover(reported).is_ok()
        }

        /// Covers a group and waits until its synchronisation is under way.
        fn begin(&mut self, number: u32) -> Sender<io::Result<()>> {
            assert!(self.cover(number));
            self.begun.recv().unwrap()
        }
    }

    #[test]
    fn a_group_does_not_wait_for_a_synchronisation_that_began_before_it_was_committed() {
        let mut disk = disk();
        let first = disk.begin(1);
        let second = disk.begin(2);
        first.send(Ok(())).unwrap();
        second.send(Ok(())).unwrap();
        assert_eq!(disk.reports.recv().unwrap(), (1, true));
        assert_eq!(disk.reports.recv().unwrap(), (2, true));
    }

    #[test]
    fn groups_are_reported_in_the_order_of_their_commits_whichever_ends_first() {
        let mut disk = disk();
        let first = disk.begin(1);
        let second = disk.begin(2);
        second.send(Ok(())).unwrap();
        let third = disk.begin(3);
        third.send(Ok(())).unwrap();
        assert!(disk.reports.try_recv().is_err(), "1 is still under way");
        first.send(Ok(())).unwrap();
        let order: Vec<u32> = (0..3).map(|_| disk.reports.recv().unwrap().0).collect();
        assert_eq!(order, [1, 2, 3]);
    }

    #[test]
    fn after_a_failure_nothing_that_was_under_way_counts_as_written_and_nothing_more_is_taken() {
        let mut disk = disk();
        let first = disk.begin(1);
        let second = disk.begin(2);
        second.send(Ok(())).unwrap();
        first.send(Err(io::ErrorKind::StorageFull.into())).unwrap();
        assert_eq!(disk.reports.recv().unwrap(), (1, false));
        assert_eq!(disk.reports.recv().unwrap(), (2, false));
        assert!(!disk.cover(3));
    }

    #[test]
    fn one_synchronisation_covers_everything_that_waits_when_it_begins() {
        let mut disk = disk();
        let busy: Vec<_> = (0..16).map(|number| disk.begin(number)).collect();
        assert!((16..40).all(|number| disk.cover(number)));
        for end in busy {
            end.send(Ok(())).unwrap();
        }
        disk.begun.recv().unwrap().send(Ok(())).unwrap();
        let reported: Vec<u32> = (0..40).map(|_| disk.reports.recv().unwrap().0).collect();
        assert_eq!(reported, (0..40).collect::<Vec<_>>());
    }
}
