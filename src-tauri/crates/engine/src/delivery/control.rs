//! What a person wants of a running job.

use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::journal::Wish;

/// The wish for one running job, shared by whoever may express it and the task that obeys.
#[derive(Debug, Clone)]
pub(super) struct Control {
    wish: Arc<watch::Sender<Option<Wish>>>,
    stop: CancellationToken,
}

impl Control {
    pub(super) fn new() -> Self {
        Self {
            wish: Arc::new(watch::Sender::new(None)),
            stop: CancellationToken::new(),
        }
    }

    /// Expresses a wish. A cancel is stronger than a pause and is never taken back.
    pub(super) fn wish(&self, wish: Wish) {
        self.wish.send_if_modified(|present| {
            let stronger = *present != Some(Wish::Cancel) && *present != Some(wish);
            if stronger {
                *present = Some(wish);
            }
            stronger
        });
        self.stop.cancel();
    }

    /// What was wished for.
    pub(super) fn wished(&self) -> Option<Wish> {
        *self.wish.borrow()
    }

    /// Set once anything was wished for: everything a job does looks at it where stopping is safe.
    pub(super) fn stop(&self) -> &CancellationToken {
        &self.stop
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_after_a_cancel_stays_a_cancel() {
        let control = Control::new();
        control.wish(Wish::Cancel);
        control.wish(Wish::Pause);
        assert_eq!(control.wished(), Some(Wish::Cancel));
        assert!(control.stop().is_cancelled());
    }
}
