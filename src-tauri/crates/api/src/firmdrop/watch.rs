//! The one channel to a face that shows what happens: a snapshot, then numbered changes.

use std::sync::Arc;
use std::time::Duration;

use firmdrop_engine::Change;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch::Receiver;
use tokio::task::AbortHandle;
use tokio::time::{Interval, timeout};

use super::{Firmdrop, hold};
use crate::{Feed, FeedChange, ReaderView};

/// How often the readers are looked for. Listing ports opens none of them.
const LOOK_FOR_READERS: Duration = Duration::from_secs(1);
/// Jobs a snapshot holds.
const SNAPSHOT_JOBS: u32 = 2_000;

/// Watches until it is dropped.
#[derive(Debug)]
pub struct Watch(AbortHandle);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Firmdrop {
    /// Calls `sink` with a snapshot and then with every change. Changes of other processes that use
    /// the home are among them. A sink that falls behind gets a new snapshot.
    pub fn watch(&self, sink: impl Fn(Feed) + Send + Sync + 'static) -> Watch {
        let follows = &self.inner.following;
        hold(follows).get_or_insert_with(|| self.inner.engine.follow());
        let mut changes = self.inner.engine.watch();
        let this = self.clone();
        let task = tokio::spawn(async move {
            let sink: Arc<dyn Fn(Feed) + Send + Sync> = Arc::new(sink);
            let mut readers = this.readers().await;
            let mut number = 0;
            sink(Feed {
                number,
                change: this.snapshot(&readers),
            });
            let mut look = tokio::time::interval(LOOK_FOR_READERS);
            let mut coming = this.inner.readers.watch();
            let mut contacts = this.inner.readers.contacts();
            look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
            loop {
                let change = tokio::select! {
                    change = changes.recv() => match change {
                        Ok(change) => match feed_change(change) {
                            Some(change) => change,
                            None => continue,
                        },
                        Err(RecvError::Lagged(_)) => {
                            number = 0;
                            sink(Feed { number, change: this.snapshot(&readers) });
                            continue;
                        }
                        Err(RecvError::Closed) => return,
                    },
                    () = looked_for(&mut look, &mut coming, &mut contacts) => {
                        let seen = this.readers().await;
                        if seen == readers {
                            continue;
                        }
                        readers.clone_from(&seen);
                        FeedChange::Readers { readers: seen }
                    }
                };
                number = number.wrapping_add(1).max(1);
                sink(Feed { number, change });
            }
        });
        Watch(task.abort_handle())
    }

    fn snapshot(&self, readers: &[ReaderView]) -> FeedChange {
        let jobs = self.inner.engine.jobs(SNAPSHOT_JOBS).unwrap_or_default();
        FeedChange::Snapshot {
            jobs,
            readers: readers.to_vec(),
        }
    }
}

/// Waits until it is time to look for the readers: one came or left, answered or failed, or may have another state by
/// now.
async fn looked_for(
    look: &mut Interval,
    coming: &mut firmdrop_link::Watch,
    contacts: &mut Receiver<u64>,
) {
    tokio::select! {
        _ = look.tick() => return,
        // Its sender lives as long as the readers do.
        Ok(()) = contacts.changed() => return,
        change = coming.next() => if change.is_none() {
            look.tick().await;
            return;
        },
    }
    // Of several that came together one look shows all.
    while let Ok(Some(_)) = timeout(Duration::ZERO, coming.next()).await {}
}

/// A change as a window gets it; the notes of a job are read with the job.
fn feed_change(change: Change) -> Option<FeedChange> {
    Some(match change {
        Change::Note { .. } => return None,
        Change::Job(job) => FeedChange::Job { job },
        Change::Progress {
            id,
            progress,
            percent,
            pace,
        } => FeedChange::Progress {
            id,
            progress,
            percent,
            pace,
        },
    })
}
