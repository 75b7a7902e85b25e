//! What time the service has: what it made is compared with when it was asked to.

use std::sync::Mutex;
use std::time::Duration;

use firmdrop_core::{Clock as _, Moment, SystemClock};

/// A service that says its time says it in whole seconds, and its parts need not agree to the second.
const WHOLE_SECONDS: Duration = Duration::from_secs(5);
/// How far the clock of a service that never says its time may be from ours.
const UNKNOWN_CLOCK: Duration = Duration::from_mins(2);

/// How far the service's clock is ahead of ours, milliseconds, once an answer said its time.
#[derive(Debug, Default)]
pub(super) struct ServiceClock(Mutex<Option<i64>>);

impl ServiceClock {
    /// An answer came, with this date.
    pub(super) fn answered(&self, theirs: Option<Moment>) {
        if let Some(theirs) = theirs {
            let ours = SystemClock.now().as_millisecond();
            let ahead = theirs.as_millisecond().saturating_sub(ours);
            *self
                .0
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(ahead);
        }
    }

    /// What was made from now on is not older than this by the service's clock.
    pub(super) fn not_before(&self, ago: Duration) -> Moment {
        let ahead = *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let margin = ahead.map_or(UNKNOWN_CLOCK, |_| WHOLE_SECONDS) + ago;
        let margin = i64::try_from(margin.as_millis()).unwrap_or(i64::MAX);
        let now = SystemClock.now().as_millisecond();
        Moment::from_millisecond(
            now.saturating_add(ahead.unwrap_or_default())
                .saturating_sub(margin),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_whose_clock_is_wrong_is_asked_by_its_own_clock() {
        let clock = ServiceClock::default();
        let before = SystemClock.now();
        let unknown = clock.not_before(Duration::ZERO);
        assert!((119.0..121.0).contains(&before.seconds_since(unknown)));
        let theirs = before.after(Duration::from_hours(3));
        clock.answered(Some(theirs));
        clock.answered(None);
        let known = clock.not_before(Duration::ZERO);
        assert!((4.0..6.5).contains(&theirs.seconds_since(known)));
        let earlier = clock.not_before(Duration::from_mins(1));
        assert!((64.0..66.5).contains(&theirs.seconds_since(earlier)));
    }
}
