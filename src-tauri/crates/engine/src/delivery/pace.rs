//! How fast a job is and how long it will take, from what the other side has confirmed.
//!
//! Bytes on the line are a sign of life and nothing more: a buffer on the way may take them all at once.

use std::collections::VecDeque;
use std::time::Duration;

use firmdrop_core::Progress;
use tokio::time::Instant;

use crate::Pace;

/// The rate is the mean of at least this long.
const WINDOW: Duration = Duration::from_secs(5);
/// A rate is the mean of at least this long.
const SHORTEST: Duration = Duration::from_millis(500);
/// A time left is shown after this long and this share, in percent; before, it would jump.
const SHOW_AFTER: (Duration, u64) = (Duration::from_secs(3), 2);
/// Confirmations closer than this are folded into one.
const GRAIN: Duration = Duration::from_millis(100);
/// Silence for this long, and for this many of the gaps that were usual before, ends a rate.
const SILENT: (Duration, u32) = (WINDOW, 3);

/// Measures the pace of one phase.
#[derive(Debug)]
pub(super) struct Meter {
    began: Instant,
    stall: Duration,
    /// When confirmed bytes grew, and to how many.
    samples: VecDeque<(Instant, u64)>,
    /// Bytes confirmed or on the line at the last progress.
    seen: Option<u64>,
    /// When those last grew, or something else happened in a phase without bytes.
    grew: Instant,
}

impl Meter {
    /// A meter of a phase that begins now and is called stalled after `stall` of silence.
    pub(super) fn new(now: Instant, stall: Duration) -> Self {
        Self {
            began: now,
            stall,
            samples: VecDeque::new(),
            seen: None,
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
        if self.seen.is_none_or(|seen| bytes > seen) {
            self.grew = now;
        }
        self.seen = Some(bytes);
        let confirmed = progress.confirmed_bytes;
        match self.samples.back().copied() {
            Some((_, last)) if confirmed <= last => return,
            Some((at, _)) if now - at < GRAIN && self.samples.len() > 1 => {
                self.samples.pop_back();
                self.samples.push_back((at, confirmed));
                return;
            }
            _ => {}
        }
        self.samples.push_back((now, confirmed));
        let second = |samples: &VecDeque<(Instant, u64)>| samples.get(1).map(|(at, _)| *at);
        while self.samples.len() > 2
            && second(&self.samples).is_some_and(|second| now - second >= WINDOW)
        {
            self.samples.pop_front();
        }
    }

    /// The pace at this moment.
    pub(super) fn pace(&self, now: Instant, progress: Progress) -> Pace {
        let stalled = self.silent(now) >= self.stall;
        let bytes_per_second = self.rate(now).filter(|_| !stalled);
        let share = u128::from(progress.confirmed_bytes) * 100;
        let steady = now - self.began >= SHOW_AFTER.0
            && share >= u128::from(progress.total_bytes) * u128::from(SHOW_AFTER.1);
        let left = progress
            .total_bytes
            .saturating_sub(progress.confirmed_bytes);
        let seconds_left = bytes_per_second
            .filter(|rate| steady && *rate > 0)
            .map(|rate| u32::try_from(left.div_ceil(rate)).unwrap_or(u32::MAX));
        Pace {
            bytes_per_second,
            seconds_left,
            stalled,
            waiting: None,
        }
    }

    /// The mean over the last confirmations. It falls once the next one is late, and ends in silence.
    fn rate(&self, now: Instant) -> Option<u64> {
        let (first, last) = (self.samples.front()?, self.samples.back()?);
        let between = self.samples.iter().zip(self.samples.iter().skip(1));
        let usual = between.map(|(one, next)| next.0 - one.0).max()?;
        let since = now - last.0;
        if since >= SILENT.0 && since >= usual * SILENT.1 {
            return None;
        }
        let measured = last.0 - first.0 + since.saturating_sub(usual);
        if measured < SHORTEST {
            return None;
        }
        let bytes = u128::from(last.1.saturating_sub(first.1));
        u64::try_from(bytes * 1000 / measured.as_millis()).ok()
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
    fn what_is_only_on_the_line_has_no_rate() {
        let begin = Instant::now();
        let mut meter = Meter::new(begin, Duration::from_secs(30));
        for second in 0..=10 {
            let progress = Progress {
                confirmed_bytes: 0,
                in_flight_bytes: second * 1000,
                total_bytes: 100_000,
            };
            meter.take(begin + Duration::from_secs(second), progress);
            let pace = meter.pace(begin + Duration::from_secs(second), progress);
            assert_eq!((pace.bytes_per_second, pace.seconds_left), (None, None));
            assert!(!pace.stalled);
        }
    }

    #[test]
    fn a_rate_falls_when_a_confirmation_is_late_and_ends_in_silence() {
        let begin = Instant::now();
        let at = |second: u64| begin + Duration::from_secs(second);
        let mut meter = Meter::new(begin, Duration::from_mins(10));
        // A chunk each four seconds.
        for chunk in 0..=3 {
            meter.take(at(chunk * 4), progress(chunk * 4000));
        }
        let rate = |second| meter.pace(at(second), progress(12_000)).bytes_per_second;
        assert_eq!(rate(12), Some(1000));
        assert_eq!(rate(16), Some(1000), "the next chunk is not late yet");
        assert_eq!(rate(20), Some(666));
        assert_eq!(rate(24), None);
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
