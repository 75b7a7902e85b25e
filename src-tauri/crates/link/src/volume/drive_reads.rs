//! Looks at each drive on a thread of its own, so that one that does not answer hides no other.
//!
//! What a dead drive holds up cannot be ended: it is not looked at again before that thread is free.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use super::mounts::Mount;

/// How long the drives of one look have to answer: less than the time of a look. A bootloader answers within milliseconds,
/// and within seconds while a file is copied onto it.
const ANSWERS_WITHIN: Duration = Duration::from_secs(4);

/// The looks under way. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct DriveReads(Arc<Mutex<HashMap<String, Turn>>>);

/// Whoever holds it looks at a drive.
type Turn = Arc<tokio::sync::Mutex<()>>;

impl DriveReads {
    /// What `read` finds at these folders, in their order, without the drives that do not answer in time.
    pub(super) async fn each<T: Send + 'static>(
        &self,
        mounts: Vec<Mount>,
        read: impl Fn(Mount) -> Option<T> + Clone + Send + 'static,
    ) -> Vec<T> {
        self.each_within(ANSWERS_WITHIN, mounts, read).await
    }

    async fn each_within<T: Send + 'static>(
        &self,
        time: Duration,
        mounts: Vec<Mount>,
        read: impl Fn(Mount) -> Option<T> + Clone + Send + 'static,
    ) -> Vec<T> {
        let deadline = Instant::now() + time;
        let looks: Vec<_> = mounts
            .into_iter()
            .map(|mount| {
                let (turn, read) = (self.turn(&mount), read.clone());
                tokio::spawn(timeout_at(deadline, async move {
                    let turn = turn.lock_owned().await;
                    let look = spawn_blocking(move || {
                        let found = read(mount);
                        drop(turn);
                        found
                    });
                    look.await.ok().flatten()
                }))
            })
            .collect();
        let mut found = Vec::new();
        for look in looks {
            if let Ok(Ok(Some(one))) = look.await {
                found.push(one);
            }
        }
        found
    }

    fn turn(&self, mount: &Mount) -> Turn {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Of drives that nobody looks at nothing has to be known.
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        let key = format!("{} {}", mount.device, mount.path.display());
        Arc::clone(turns.entry(key).or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc;

    use super::*;

    fn mount(path: &str) -> Mount {
        Mount {
            path: path.into(),
            device: "8:16".into(),
        }
    }

    #[tokio::test]
    async fn a_drive_that_does_not_answer_hides_no_other_and_holds_up_one_thread() {
        let (free, held) = mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let asked = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&asked);
        let read = move |mount: Mount| {
            if mount.path.ends_with("dead") {
                counted.fetch_add(1, Ordering::Relaxed);
                let _ = held.lock().unwrap().recv();
            }
            Some(mount.path)
        };
        let reads = DriveReads::default();
        let mounts = || vec![mount("/media/dead"), mount("/media/reader")];
        let short = Duration::from_millis(500);
        for _ in 0..2 {
            let found = reads.each_within(short, mounts(), read.clone()).await;
            assert_eq!(found, [std::path::Path::new("/media/reader")]);
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        drop(free);
        let found = reads.each(mounts(), read).await;
        assert_eq!(found.len(), 2);
    }
}
