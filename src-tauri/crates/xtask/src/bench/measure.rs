//! Time and medians.
//!
//! Pairs are run in turn (A B A B), so that a slow moment of the machine meets both.

use std::time::{Duration, Instant};

use crate::failure::{Done, Failure};

/// How long a step takes, on the wall.
pub(super) fn time(step: impl FnOnce() -> Done) -> Result<Duration, Failure> {
    let start = Instant::now();
    step()?;
    Ok(start.elapsed())
}

/// Seconds of two steps, run in turn `count` times after `warm_ups` of each: the medians.
pub(super) fn pairs(
    warm_ups: usize,
    count: usize,
    ours: impl Fn(usize) -> Done,
    peer: impl Fn(usize) -> Done,
) -> Result<(f64, f64), Failure> {
    let mut times = (Vec::new(), Vec::new());
    for turn in 0..warm_ups + count {
        let one = time(|| ours(turn))?;
        let other = time(|| peer(turn))?;
        if turn >= warm_ups {
            times.0.push(one.as_secs_f64());
            times.1.push(other.as_secs_f64());
        }
    }
    Ok((median(times.0), median(times.1)))
}

/// The middle value; the mean of the two middle ones of an even count; no number of none.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle), values.len() % 2) {
        (Some(value), 1) => *value,
        (Some(value), _) => f64::midpoint(values[middle - 1], *value),
        (None, _) => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "these values are exact")]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(Vec::new()).is_nan());
    }

    #[test]
    fn warm_ups_run_and_do_not_count() {
        let turns = std::cell::Cell::new(0);
        let count = |_| {
            turns.set(turns.get() + 1);
            Ok(())
        };
        let measured = pairs(2, 3, count, |_| Ok(()));
        assert!(measured.is_ok());
        assert_eq!(turns.get(), 5);
    }
}
