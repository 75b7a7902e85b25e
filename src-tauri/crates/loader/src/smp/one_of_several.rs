//! What is reported of one image of several: its bytes count behind those of the images before it.

use std::sync::Arc;
use std::time::Duration;

use firmdrop_core::{DeliveryEvents, Durable, Note, Progress, ProgressSink};

use super::phase;

/// The events of one image.
#[derive(Debug)]
pub(super) struct OneOfSeveral {
    pub(super) events: Arc<dyn DeliveryEvents>,
    /// Bytes of the images before it.
    pub(super) before_bytes: u64,
    /// Bytes of all of them.
    pub(super) total_bytes: u64,
}

impl ProgressSink for OneOfSeveral {
    fn progress(&self, progress: Progress) {
        self.events.progress(Progress {
            confirmed_bytes: self.before_bytes + progress.confirmed_bytes,
            total_bytes: self.total_bytes,
            ..progress
        });
    }
}

impl DeliveryEvents for OneOfSeveral {
    /// The comparison after each image is a part of the sending: phases come in the order of the plan.
    fn phase(&self, key: &str) {
        if key != phase::CHECK_HASH {
            self.events.phase(key);
        }
    }

    fn note(&self, note: Note) {
        self.events.note(note);
    }

    fn waiting(&self, wait: Duration) {
        self.events.waiting(wait);
    }

    fn durable(&self) -> Durable<'_> {
        self.events.durable()
    }

    fn written(&self) -> Durable<'_> {
        self.events.written()
    }
}
