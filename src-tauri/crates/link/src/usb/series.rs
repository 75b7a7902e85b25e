//! Writes to a device, each of which follows only where the one before it let it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A series of writes. It ends with the first one that does not let the next one follow: that failed, was given up, or
/// was answered otherwise. What was handed over behind it is not sent.
#[derive(Debug, Clone, Default)]
pub struct Series(Arc<AtomicBool>);

impl Series {
    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Ends it: nothing of it is begun any more.
    pub fn end(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// One write of it. Dropping it ends the series, unless it let the next one follow.
    pub(super) fn turn(&self) -> Turn {
        Turn {
            series: self.clone(),
            lets_next: false,
        }
    }
}

/// One write of a series.
#[derive(Debug)]
pub(super) struct Turn {
    series: Series,
    lets_next: bool,
}

impl Turn {
    /// Whether it may be sent.
    pub(super) fn has_come(&self) -> bool {
        !self.series.has_ended()
    }

    /// The next one may be sent.
    pub(super) fn lets_next(mut self) {
        self.lets_next = true;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.lets_next {
            self.series.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_is_given_up_ends_its_series() {
        let series = Series::default();
        let (first, second, third) = (series.turn(), series.turn(), series.turn());
        first.lets_next();
        assert!(second.has_come());
        drop(second);
        assert!(!third.has_come());
        assert!(series.has_ended());
    }
}
