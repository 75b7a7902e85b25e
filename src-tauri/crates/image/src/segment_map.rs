//! Which addresses a file writes, with overlaps found as they come.
//!
//! It keeps runs, never bytes, and their number is bounded.

use std::collections::BTreeMap;

use crate::ImageError;
use crate::limits::SEGMENTS;

/// Runs of written addresses.
#[derive(Debug, Default)]
pub(crate) struct SegmentMap {
    /// Start to end (exclusive). Runs neither touch nor overlap.
    runs: BTreeMap<u64, u64>,
    /// Addresses written more than once, in the same form.
    twice: BTreeMap<u64, u64>,
    /// The run that was written last: what continues it costs no search.
    open: Option<Open>,
}

/// A run, and where the next one begins.
#[derive(Debug, Clone, Copy)]
struct Open {
    start: u64,
    end: u64,
    next: u64,
}

impl SegmentMap {
    /// Adds `start..end`. Returns the lowest address that was written before, if any.
    ///
    /// # Errors
    /// [`ImageError::TooLarge`] when the runs are more than any image has.
    pub(crate) fn add(
        &mut self,
        what: &'static str,
        start: u64,
        end: u64,
    ) -> Result<Option<u64>, ImageError> {
        if start >= end {
            return Ok(None);
        }
        if let Some(open) = &mut self.open
            && start == open.end
            && end < open.next
            && let Some(run_end) = self.runs.get_mut(&open.start)
        {
            open.end = end;
            *run_end = end;
            return Ok(None);
        }
        let (mut low, mut high, mut overlap) = (start, end, None);
        // From the last run that begins at or before our end, backwards while they touch.
        while let Some((&run_start, &run_end)) = self.runs.range(..=high).next_back() {
            if run_end < low {
                break;
            }
            if run_start < end && run_end > start {
                overlap = Some(run_start.max(start));
                merge(&mut self.twice, run_start.max(start), run_end.min(end));
            }
            self.runs.remove(&run_start);
            low = low.min(run_start);
            high = high.max(run_end);
        }
        self.runs.insert(low, high);
        let next = self.runs.range(high..).next();
        self.open = Some(Open {
            start: low,
            end: high,
            next: next.map_or(u64::MAX, |(start, _)| *start),
        });
        if self.runs.len().max(self.twice.len()) > SEGMENTS {
            return Err(ImageError::TooLarge {
                what,
                unit: "separate segments",
                limit: SEGMENTS as u64,
                found: self.runs.len().max(self.twice.len()) as u64,
            });
        }
        Ok(overlap)
    }

    /// The runs, start and length, in the order of their addresses.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.runs.iter().map(|(&start, &end)| (start, end - start))
    }

    /// The addresses that were written more than once, start and length, in their order.
    pub(crate) fn twice(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.twice.iter().map(|(&start, &end)| (start, end - start))
    }

    /// How many runs there are.
    pub(crate) fn len(&self) -> usize {
        self.runs.len()
    }
}

/// Adds `start..end` to runs that neither touch nor overlap afterwards.
fn merge(runs: &mut BTreeMap<u64, u64>, mut start: u64, mut end: u64) {
    while let Some((&run_start, &run_end)) = runs.range(..=end).next_back() {
        if run_end < start {
            break;
        }
        runs.remove(&run_start);
        start = start.min(run_start);
        end = end.max(run_end);
    }
    runs.insert(start, end);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn runs_that_touch_become_one_and_gaps_stay() {
        let mut map = SegmentMap::default();
        for (start, end) in [(16, 32), (0, 16), (64, 80), (5, 5)] {
            assert_eq!(map.add("x", start, end).unwrap(), None);
        }
        assert_eq!(map.runs().collect::<Vec<_>>(), [(0, 32), (64, 16)]);
    }

    #[test]
    fn too_many_runs_are_refused() {
        let mut map = SegmentMap::default();
        let refused = (0..=SEGMENTS as u64).find(|i| map.add("x", i * 2, i * 2 + 1).is_err());
        assert_eq!(refused, Some(SEGMENTS as u64));
    }

    proptest! {
        #[test]
        fn agrees_with_a_plain_set_of_addresses(ranges in prop::collection::vec((0u64..200, 0u64..30), 0..40)) {
            let mut map = SegmentMap::default();
            let mut written = std::collections::BTreeSet::new();
            let mut again = std::collections::BTreeSet::new();
            for (start, length) in ranges {
                let twice = (start..start + length).find(|a| written.contains(a));
                prop_assert_eq!(map.add("x", start, start + length).unwrap(), twice);
                again.extend((start..start + length).filter(|a| written.contains(a)));
                written.extend(start..start + length);
            }
            let flat: Vec<u64> = map.runs().flat_map(|(start, length)| start..start + length).collect();
            prop_assert_eq!(flat, written.into_iter().collect::<Vec<_>>());
            let flat: Vec<u64> = map.twice().flat_map(|(start, length)| start..start + length).collect();
            prop_assert_eq!(flat, again.into_iter().collect::<Vec<_>>());
        }
    }
}
