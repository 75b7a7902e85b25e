//! How fast a job is and how long it will take, from what was confirmed and what is on the line.

use std::collections::VecDeque;
use std::time::Duration;

use firmdrop_core::Progress;
use tokio::time::Instant;

use crate::Pace;

/// The rate is the mean of this long.
const WINDOW: Duration = Duration::from_secs(5);
/// A time left is shown after this long and this share, in percent; before, it would jump.
const SHOW_AFTER: (Duration, u64) = (Duration::from_secs(3), 2);
/// Samples closer than this are folded into one.
const GRAIN: Duration = Duration::from_millis(100);

/// Measures the pace of one phase.
#[derive(Debug)]
pub(super) struct Meter {
    began: Instant,
    stall: Duration,
    /// When it was looked, and how many bytes were confirmed or on the line.
    samples: VecDeque<(Instant, u64)>,
    /// When the bytes last grew, or something else happened in a phase without bytes.
    grew: Instant,
}

impl Meter {
    /// A meter of a phase that begins now and is called stalled after `stall` of silence.
    pub(super) fn new(now: Instant, stall: Duration) -> Self {
        Self {
            began: now,
            stall,
            samples: VecDeque::new(),
            grew: now,
        }
    }

    /// Something happened that is not counted in bytes.
    pub(super) fn sign_of_life(&mut self, now: Instant) {
        self.grew = now;
    }

    /// For how long nothing happened.
    pub(super) fn silent(&self, now: Instant) -> Duration {
        now - self.grew
    }

    /// Takes a progress.
    pub(super) fn take(&mut self, now: Instant, progress: Progress) {
        let bytes = progress.confirmed_bytes + progress.in_flight_bytes;
        let last = self.samples.back().copied();
        if last.is_none_or(|(_, last)| bytes > last) {
            self.grew = now;
        }
        match last {
            // A piece is sent again: what was on the line is not, and the rate begins anew.
            Some((_, last)) if bytes < last => self.samples.clear(),
            Some((at, _)) if now - at < GRAIN && self.samples.len() > 1 => {
                self.samples.pop_back();
                self.samples.push_back((at, bytes));
                return;
            }
            _ => {}
        }
        self.samples.push_back((now, bytes));
        while self.samples.len() > 2
            && self
                .samples
                .get(1)
                .is_some_and(|(at, _)| now - *at >= WINDOW)
        {
            self.samples.pop_front();
        }
    }

    /// The pace at this moment.
    pub(super) fn pace(&self, now: Instant, progress: Progress) -> Pace {
        let stalled = self.silent(now) >= self.stall;
        let bytes_per_second = self.rate(now).filter(|_| !stalled);
        let share = (progress.confirmed_bytes + progress.in_flight_bytes) * 100;
        let steady =
            now - self.began >= SHOW_AFTER.0 && share >= progress.total_bytes * SHOW_AFTER.1;
        let left = progress
            .total_bytes
            .saturating_sub(progress.confirmed_bytes + progress.in_flight_bytes);
        let seconds_left = bytes_per_second
            .filter(|rate| steady && *rate > 0)
            .map(|rate| u32::try_from(left.div_ceil(rate)).unwrap_or(u32::MAX));
        Pace {
            bytes_per_second,
            seconds_left,
            stalled,
        }
    }

    fn rate(&self, now: Instant) -> Option<u64> {
        let (first, last) = (self.samples.front()?, self.samples.back()?);
        let milliseconds = u64::try_from((now - first.0).as_millis()).ok()?;
        (milliseconds >= 500).then(|| last.1.saturating_sub(first.1) * 1000 / milliseconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(confirmed_bytes: u64) -> Progress {
        Progress {
            confirmed_bytes,
            in_flight_bytes: 0,
            total_bytes: 100_000,
        }
    }

    #[test]
    fn the_rate_is_the_mean_of_the_last_five_seconds() {
        let begin = Instant::now();
        let mut meter = Meter::new(begin, Duration::from_secs(30));
        for second in 0..=10 {
            // One kilobyte a second, then two.
            let bytes = if second <= 5 {
                second * 1000
            } else {
                5000 + (second - 5) * 2000
            };
            meter.take(begin + Duration::from_secs(second), progress(bytes));
        }
        let pace = meter.pace(begin + Duration::from_secs(10), progress(15_000));
        assert_eq!(pace.bytes_per_second, Some(2000));
        assert_eq!(pace.seconds_left, Some(43));
    }

    #[test]
    fn no_time_left_is_shown_before_three_seconds_and_two_percent() {
        let begin = Instant::now();
        let mut meter = Meter::new(begin, Duration::from_secs(30));
        meter.take(begin, progress(0));
        meter.take(begin + Duration::from_secs(2), progress(50_000));
        assert_eq!(
            meter
                .pace(begin + Duration::from_secs(2), progress(50_000))
                .seconds_left,
            None
        );
        let mut slow = Meter::new(begin, Duration::from_secs(30));
        slow.take(begin, progress(0));
        slow.take(begin + Duration::from_secs(4), progress(1000));
        assert_eq!(
            slow.pace(begin + Duration::from_secs(4), progress(1000))
                .seconds_left,
            None
        );
    }

    #[test]
    fn silence_longer_than_the_phase_allows_is_a_stall() {
        let begin = Instant::now();
        let mut meter = Meter::new(begin, Duration::from_secs(30));
        meter.take(begin, progress(1000));
        for second in 1..=30 {
            meter.take(begin + Duration::from_secs(second), progress(1000));
        }
        assert!(
            !meter
                .pace(begin + Duration::from_secs(29), progress(1000))
                .stalled
        );
        assert!(
            meter
                .pace(begin + Duration::from_secs(30), progress(1000))
                .stalled
        );
    }
}
