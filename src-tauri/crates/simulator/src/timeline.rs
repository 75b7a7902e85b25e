//! What time it is in the simulated world: a calendar that moves with tokio's clock, so that a test
//! can stop it and move it on.

use std::time::Duration;

use firmdrop_core::{Clock, Moment};
use tokio::time::Instant;

/// The calendar of one server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeline {
    began_at: Instant,
    began_at_microsecond: i64,
}

impl Timeline {
    /// Begins at the clock's present moment.
    pub(crate) fn begin(clock: &dyn Clock) -> Self {
        Self {
            began_at: Instant::now(),
            began_at_microsecond: clock.now().as_microsecond(),
        }
    }

    /// The present moment, no finer than it is written in answers.
    pub(crate) fn now(&self) -> Moment {
        self.at(Instant::now())
    }

    fn microsecond(&self, instant: Instant) -> i64 {
        let elapsed = instant.saturating_duration_since(self.began_at).as_micros();
        let elapsed = i64::try_from(elapsed).unwrap_or(i64::MAX);
        self.began_at_microsecond.saturating_add(elapsed)
    }

    /// The instant of a moment; now, for one before the beginning: it is overdue.
    pub(crate) fn instant(&self, moment: Moment) -> Instant {
        let microseconds = moment.as_microsecond() - self.began_at_microsecond;
        let since = u64::try_from(microseconds).unwrap_or_default();
        self.began_at + Duration::from_micros(since)
    }

    /// The moment of an instant; the beginning for one before it.
    pub(crate) fn at(&self, instant: Instant) -> Moment {
        Moment::from_microsecond(self.microsecond(instant))
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_core::SystemClock;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_calendar_moves_with_the_clock_of_the_test() {
        let timeline = Timeline::begin(&SystemClock);
        let before = timeline.now();
        tokio::time::advance(Duration::from_hours(1)).await;
        assert!((timeline.now().seconds_since(before) - 3600.0).abs() < 0.1);
    }
}
