//! How far the storage's clock is from ours, as its answers say.
//!
//! Addresses and requests carry times that the storage judges by its own clock, so they are written
//! by that one once it is known.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use std::time::Duration;

use firmdrop_core::{Clock, Moment};

/// From here on a difference is worth a warning.
const WORTH_A_WARNING: Duration = Duration::from_mins(2);

/// No answer said what time it is.
const UNKNOWN: i64 = i64::MIN;

/// Both clocks. Clones share what was measured.
#[derive(Debug, Clone)]
pub(super) struct Clocks {
    ours: Arc<dyn Clock>,
    /// How far the storage's clock is ahead of ours, milliseconds.
    ahead: Arc<AtomicI64>,
}

impl Clocks {
    pub(super) fn new(ours: Arc<dyn Clock>) -> Self {
        Self {
            ours,
            ahead: Arc::new(AtomicI64::new(UNKNOWN)),
        }
    }

    /// An answer came with this date.
    pub(super) fn answered(&self, theirs: Moment) {
        let ours = self.ours.now().as_millisecond();
        let ahead = theirs.as_millisecond().saturating_sub(ours);
        self.ahead.store(ahead, Ordering::Relaxed);
    }

    pub(super) fn ours(&self) -> Moment {
        self.ours.now()
    }

    /// The time by the storage's clock, or by ours while it did not say.
    pub(super) fn theirs(&self) -> Moment {
        let ours = self.ours.now();
        let ahead = self.ahead().unwrap_or_default();
        Moment::from_millisecond(ours.as_millisecond().saturating_add(ahead))
    }

    /// By how much this computer's clock is wrong, if that is worth a warning: "12 min ahead of".
    pub(super) fn warning(&self) -> Option<String> {
        let ahead = self.ahead()?;
        let difference = Duration::from_millis(ahead.unsigned_abs());
        (difference >= WORTH_A_WARNING).then(|| {
            let minutes = difference.as_secs() / 60;
            let which = if ahead < 0 { "ahead of" } else { "behind" };
            format!("{minutes} min {which}")
        })
    }

    fn ahead(&self) -> Option<i64> {
        let ahead = self.ahead.load(Ordering::Relaxed);
        (ahead != UNKNOWN).then_some(ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> Moment {
            Moment::from_millisecond(1_795_867_200_000)
        }
    }

    #[test]
    fn once_the_storage_said_its_time_it_counts() {
        let clocks = Clocks::new(Arc::new(Stopped));
        assert_eq!(clocks.theirs(), Stopped.now());
        assert_eq!(clocks.warning(), None);
        let theirs = Stopped.now().after(Duration::from_mins(20));
        clocks.clone().answered(theirs);
        assert_eq!(clocks.theirs(), theirs);
        assert_eq!(clocks.warning().as_deref(), Some("20 min behind"));
        clocks.answered(Stopped.now().after(Duration::from_secs(9)));
        assert_eq!(clocks.warning(), None);
    }
}
