//! Follows what the other processes of this home do, by the journal they share.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;

use super::Change;
use super::engine::Engine;

/// How often the journal is looked at. The query reads one number from an index.
const LOOK: Duration = Duration::from_millis(300);

/// Follows until it is dropped.
#[derive(Debug)]
pub struct Following(AbortHandle);

impl Drop for Following {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Engine {
    /// Reports the changes of other processes' jobs to those who watch this engine, until the answer
    /// is dropped.
    pub fn follow(&self) -> Following {
        let shared = Arc::clone(&self.shared);
        let task = tokio::spawn(async move {
            let mut seen = shared.journal.revision().unwrap_or(0);
            let mut every = tokio::time::interval(LOOK);
            every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
            loop {
                every.tick().await;
                // A journal that is busy now is read at the next look.
                let newest = shared.journal.revision().unwrap_or(seen);
                if newest == seen {
                    continue;
                }
                for row in shared.journal.changed_after(seen).unwrap_or_default() {
                    seen = seen.max(row.revision());
                    if !shared.running().contains_key(row.id()) {
                        let summary = shared.list(&row);
                        shared.changes.publish(Change::Job(Box::new(summary)));
                    }
                }
            }
        });
        Following(task.abort_handle())
    }
}
