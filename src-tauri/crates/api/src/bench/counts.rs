//! The counters of a lot: every unit by its last try.

use std::collections::{HashMap, VecDeque};

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};

use super::unit::UnitResult;

/// What the rate is measured over, seconds: long enough for a slow line, short enough to follow a change.
const RATE_OVER_SECONDS: f64 = 15.0 * 60.0;
/// Ends that are remembered for the rate: 32 lanes of four seconds each.
const MOST_ENDS: usize = 8_192;

/// The counters of a lot. Units that were skipped, stopped or are on hold do not count.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct LotCounts {
    /// Units that ended: passed, failed, or sent without proof.
    pub done: u32,
    /// Passed.
    pub pass: u32,
    /// Failed.
    pub fail: u32,
    /// Sent, not verified.
    pub unverified: u32,
    /// Passed of done, tenths of a percent; `None` before the first unit.
    pub yield_per_mille: Option<u32>,
    /// Units in an hour, by the last quarter of one; `None` before two units ended.
    pub per_hour: Option<u32>,
    /// Time left for the lot by that rate, seconds; `None` without a size or a rate.
    pub seconds_left: Option<u32>,
}

/// What is counted.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    /// The last result of each unit.
    results: HashMap<u32, UnitResult>,
    /// When units ended, the latest last.
    ends: VecDeque<Moment>,
}

impl Counter {
    /// A try of this unit ended so.
    pub(crate) fn ended(&mut self, unit: u32, result: UnitResult, at: Moment) {
        self.results.insert(unit, result);
        if result != UnitResult::Stopped {
            self.ends.push_back(at);
            if self.ends.len() > MOST_ENDS {
                self.ends.pop_front();
            }
        }
    }

    /// The counters of a lot of this size, at this moment.
    pub(crate) fn counts(&self, size: Option<u32>, now: Moment) -> LotCounts {
        let of = |wanted| {
            let all = self.results.values().filter(|result| **result == wanted);
            u32::try_from(all.count()).unwrap_or(u32::MAX)
        };
        let (pass, fail) = (of(UnitResult::Pass), of(UnitResult::Fail));
        let unverified = of(UnitResult::Unverified);
        let done = pass + fail + unverified;
        let per_hour = self.per_hour(now);
        let left = size.map(|size| size.saturating_sub(done));
        LotCounts {
            done,
            pass,
            fail,
            unverified,
            yield_per_mille: (done > 0).then(|| per_mille(pass, done)),
            per_hour,
            seconds_left: left
                .zip(per_hour.filter(|rate| *rate > 0))
                .map(|(left, rate)| left.saturating_mul(3600) / rate),
        }
    }

    fn per_hour(&self, now: Moment) -> Option<u32> {
        let recent = self
            .ends
            .iter()
            .filter(|end| now.seconds_since(**end) <= RATE_OVER_SECONDS);
        let recent: Vec<_> = recent.collect();
        let first = recent.first().filter(|_| recent.len() > 1)?;
        let seconds = now.seconds_since(**first).max(1.0);
        let intervals = u32::try_from(recent.len() - 1).ok()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and at most thousands"
        )]
        let rate = (f64::from(intervals) * 3600.0 / seconds).round() as u32;
        Some(rate)
    }
}

/// Rounded to the nearest tenth of a percent, but only a whole is 1,000 and only nothing is 0.
fn per_mille(part: u32, whole: u32) -> u32 {
    let rounded = (u64::from(part) * 2000 + u64::from(whole)) / (u64::from(whole) * 2);
    let rounded = u32::try_from(rounded).unwrap_or(1000);
    match rounded {
        1000 if part < whole => 999,
        0 if part > 0 => 1,
        rounded => rounded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Moment {
        Moment::from_millisecond(second * 1000)
    }

    #[test]
    fn the_last_try_of_a_unit_counts_and_a_stopped_one_does_not() {
        let mut counter = Counter::default();
        counter.ended(1, UnitResult::Pass, at(0));
        counter.ended(2, UnitResult::Fail, at(10));
        counter.ended(2, UnitResult::Pass, at(20));
        counter.ended(3, UnitResult::Fail, at(30));
        counter.ended(4, UnitResult::Stopped, at(30));
        let counts = counter.counts(Some(10), at(36));
        assert_eq!((counts.done, counts.pass, counts.fail), (3, 2, 1));
        assert_eq!(counts.yield_per_mille, Some(667));
        // Three intervals in 36 seconds.
        assert_eq!(counts.per_hour, Some(300));
        assert_eq!(counts.seconds_left, Some(7 * 12));
    }

    #[test]
    fn only_a_whole_lot_is_a_hundred_percent() {
        assert_eq!(per_mille(9999, 10000), 999);
        assert_eq!(per_mille(10000, 10000), 1000);
        assert_eq!(per_mille(1, 10000), 1);
        assert_eq!(per_mille(0, 5), 0);
        assert_eq!(per_mille(208, 211), 986);
    }

    #[test]
    fn a_lot_without_a_unit_has_neither_yield_nor_rate() {
        let counts = Counter::default().counts(Some(5), at(0));
        assert_eq!(counts, LotCounts::default());
    }
}
