//! How long the next chunk should be.
//!
//! Pure: it hears how chunks went and answers with a length. A break costs the whole chunk, a chunk
//! costs a fixed time, and the best length balances both: `C = B · sqrt(2 · o / λ)` with the line's
//! rate `B`, the fixed time `o` and the breaks per second `λ` (the checkpoint law of Young and Daly).

use std::time::Duration;

use firmdrop_core::MIB;

use super::Chunking;
use crate::pelion::limits::{LARGEST_CHUNK_BYTES, MOST_CHUNKS, SMALLEST_CHUNK_BYTES};

/// Length of the first chunk over an unknown line, bytes. 128 MiB then need two chunks on a good
/// line, so only one pause; on a line of 0.25 MB/s it is half of what fits between two breaks.
pub const FIRST_CHUNK_BYTES: u64 = 32 * MIB;

/// Weight of the newest chunk in the averages of rate and fixed time.
const NEWEST: f64 = 0.5;

/// Breaks are expected once an hour until they are seen more often.
const BREAK_PRIOR_SECONDS: f64 = 3600.0;

/// Plans the chunks of one upload. Lengths are whole MiB, except for the last chunk's.
#[derive(Debug, Clone)]
pub struct ChunkPlan {
    size_bytes: u64,
    chunking: Chunking,
    line: Option<Line>,
    breaks: f64,
    wire_seconds: f64,
    /// Longest chunk that is dared: all of them until the first break.
    ceiling_bytes: u64,
    /// Something on the way refuses longer ones.
    limit_bytes: u64,
    clean_since_break: u32,
}

/// What is known about the line.
#[derive(Debug, Clone, Copy)]
struct Line {
    bytes_per_second: f64,
    fixed_seconds: f64,
}

impl ChunkPlan {
    /// A plan for a file of this size, over a line about which nothing is known.
    pub fn new(size_bytes: u64, chunking: Chunking) -> Self {
        Self {
            size_bytes,
            chunking,
            line: None,
            breaks: 0.0,
            wire_seconds: 0.0,
            ceiling_bytes: LARGEST_CHUNK_BYTES,
            limit_bytes: LARGEST_CHUNK_BYTES,
            clean_since_break: 0,
        }
    }

    /// Length of the chunk that begins at `offset_bytes` after `stored` chunks; zero at the end.
    pub fn next_length(&self, offset_bytes: u64, stored: u64) -> u64 {
        let rest = self.size_bytes.saturating_sub(offset_bytes);
        let places = MOST_CHUNKS.saturating_sub(stored).max(1);
        let least =
            whole_mib(rest.div_ceil(places)).clamp(SMALLEST_CHUNK_BYTES, LARGEST_CHUNK_BYTES);
        let wanted = self.wanted().max(least);
        let length = match self.chunking {
            Chunking::Fixed { .. } => wanted,
            // A little more than wanted costs less than one chunk more.
            Chunking::Auto { .. } if rest <= (wanted + wanted / 4).min(self.ceiling_bytes) => rest,
            Chunking::Auto { .. } => {
                whole_mib(rest.div_ceil(rest.div_ceil(wanted).max(1))).max(least)
            }
        };
        length.min(self.limit_bytes.max(least)).min(rest)
    }

    /// The chunk after the one in flight will not be longer than this, however that one goes.
    pub fn longest_next(&self) -> u64 {
        let least = whole_mib(self.size_bytes.div_ceil(MOST_CHUNKS));
        let longest = match self.chunking {
            Chunking::Fixed { chunk_bytes } => in_bounds(chunk_bytes),
            Chunking::Auto { .. } => self.ceiling_bytes * 2,
        };
        longest
            .min(self.limit_bytes)
            .max(least)
            .min(LARGEST_CHUNK_BYTES)
    }

    /// A chunk arrived: how long the line took it, and how long its answer was awaited after that.
    pub fn arrived(&mut self, length_bytes: u64, handover: Duration, wait: Duration) {
        let seconds = (handover + wait).as_secs_f64().max(1e-6);
        self.wire_seconds += seconds;
        let newest = Line {
            bytes_per_second: as_f64(length_bytes) / seconds,
            fixed_seconds: wait.as_secs_f64(),
        };
        let mix = |old: f64, new: f64| old + NEWEST * (new - old);
        self.line = Some(self.line.map_or(newest, |old| Line {
            bytes_per_second: mix(old.bytes_per_second, newest.bytes_per_second),
            fixed_seconds: mix(old.fixed_seconds, newest.fixed_seconds),
        }));
        self.clean_since_break += 1;
        if self.clean_since_break.is_multiple_of(2) {
            self.ceiling_bytes = (self.ceiling_bytes * 2).min(self.limit_bytes);
        }
    }

    /// A chunk of this length broke off after this time: the next one is half as long.
    pub fn broke(&mut self, length_bytes: u64, after: Duration) {
        self.breaks += 1.0;
        self.wire_seconds += after.as_secs_f64();
        self.clean_since_break = 0;
        self.ceiling_bytes = in_bounds(length_bytes / 2).min(self.limit_bytes);
    }

    /// Something on the way took no chunk of this length: none will be longer than its half, but
    /// for the last MiB that 10,000 chunks or the smallest chunk need.
    pub fn refused(&mut self, length_bytes: u64) {
        self.limit_bytes = self.limit_bytes.min(in_bounds(length_bytes / 2));
        self.ceiling_bytes = self.ceiling_bytes.min(self.limit_bytes);
    }

    fn wanted(&self) -> u64 {
        let ideal = match (self.chunking, self.line) {
            (Chunking::Fixed { chunk_bytes }, _) => {
                return in_bounds(chunk_bytes).min(self.limit_bytes);
            }
            (Chunking::Auto { first_bytes }, None) => first_bytes.unwrap_or(FIRST_CHUNK_BYTES),
            (Chunking::Auto { .. }, Some(line)) => {
                let breaks_per_second =
                    (self.breaks + 1.0) / (self.wire_seconds + BREAK_PRIOR_SECONDS);
                let seconds = (2.0 * line.fixed_seconds / breaks_per_second).sqrt();
                as_u64(line.bytes_per_second * seconds)
            }
        };
        in_bounds(ideal).min(self.ceiling_bytes)
    }
}

fn in_bounds(bytes: u64) -> u64 {
    whole_mib(bytes.min(LARGEST_CHUNK_BYTES)).clamp(SMALLEST_CHUNK_BYTES, LARGEST_CHUNK_BYTES)
}

fn whole_mib(bytes: u64) -> u64 {
    bytes.div_ceil(MIB) * MIB
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a chunk's length is far below 2^53"
)]
fn as_f64(bytes: u64) -> f64 {
    bytes as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and the caller clamps to the bounds of a chunk"
)]
fn as_u64(bytes: f64) -> u64 {
    bytes as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AUTO: Chunking = Chunking::Auto { first_bytes: None };

    fn seconds(value: f64) -> Duration {
        Duration::from_secs_f64(value)
    }

    /// All lengths when every chunk takes the time the line gives it.
    fn lengths(size_bytes: u64, chunking: Chunking, rate: f64, fixed: f64) -> Vec<u64> {
        let mut plan = ChunkPlan::new(size_bytes, chunking);
        let (mut offset, mut all) = (0, Vec::new());
        while offset < size_bytes {
            let length = plan.next_length(offset, all.len() as u64);
            plan.arrived(length, seconds(as_f64(length) / rate), seconds(fixed));
            offset += length;
            all.push(length);
        }
        all
    }

    #[test]
    fn a_good_line_carries_128_mib_in_two_chunks() {
        for fixed in [0.05, 0.15, 0.6] {
            let all = lengths(128 * MIB, AUTO, 12.5e6, fixed);
            assert_eq!(all, [32 * MIB, 96 * MIB], "{fixed}");
        }
    }

    #[test]
    fn a_break_halves_the_next_chunk_and_two_clean_ones_double_it() {
        let mut plan = ChunkPlan::new(4096 * MIB, AUTO);
        plan.arrived(32 * MIB, seconds(2.7), seconds(0.3));
        plan.broke(96 * MIB, seconds(3.0));
        assert_eq!(plan.ceiling_bytes, 48 * MIB);
        plan.broke(48 * MIB, seconds(1.0));
        assert_eq!(plan.ceiling_bytes, 24 * MIB);
        plan.arrived(24 * MIB, seconds(2.0), seconds(0.3));
        assert_eq!(plan.ceiling_bytes, 24 * MIB);
        plan.arrived(24 * MIB, seconds(2.0), seconds(0.3));
        assert_eq!(plan.ceiling_bytes, 48 * MIB);
        for _ in 0..9 {
            plan.broke(plan.ceiling_bytes, seconds(1.0));
        }
        assert_eq!(plan.next_length(0, 0), SMALLEST_CHUNK_BYTES);
    }

    #[test]
    fn a_refused_length_is_halved_for_good_down_to_the_smallest_chunk() {
        let fixed = Chunking::Fixed {
            chunk_bytes: 64 * MIB,
        };
        for chunking in [AUTO, fixed] {
            let mut plan = ChunkPlan::new(4096 * MIB, chunking);
            plan.refused(32 * MIB);
            for _ in 0..9 {
                plan.arrived(16 * MIB, seconds(0.1), seconds(0.3));
                assert!(plan.next_length(0, 0) <= 16 * MIB, "{chunking:?}");
                assert!(plan.longest_next() <= 16 * MIB, "{chunking:?}");
            }
            for _ in 0..9 {
                plan.refused(plan.next_length(0, 0));
            }
            assert_eq!(plan.next_length(0, 0), SMALLEST_CHUNK_BYTES);
        }
    }

    #[test]
    fn a_weak_line_gets_small_chunks() {
        let mut plan = ChunkPlan::new(1024 * MIB, AUTO);
        for _ in 0..20 {
            plan.arrived(5 * MIB, seconds(20.0), seconds(0.6));
            plan.broke(5 * MIB, seconds(10.0));
        }
        assert!(plan.next_length(0, 0) <= 8 * MIB);
    }

    #[test]
    fn a_file_of_fixed_chunks_ends_with_its_rest() {
        let six = Chunking::Fixed {
            chunk_bytes: 6 * MIB,
        };
        let all = lengths(100 * MIB + 1, six, 1e6, 0.1);
        assert_eq!(all.len(), 17);
        assert_eq!(all.last(), Some(&(4 * MIB + 1)));
        let tiny = Chunking::Fixed { chunk_bytes: 1 };
        assert_eq!(lengths(11 * MIB, tiny, 1e6, 0.1), [5 * MIB, 5 * MIB, MIB]);
    }

    #[test]
    fn ten_thousand_chunks_are_enough_for_any_file() {
        let five = Chunking::Fixed {
            chunk_bytes: 5 * MIB,
        };
        let all = lengths(MOST_CHUNKS * 6 * MIB - 17, five, 1e9, 0.1);
        assert!(all.len() as u64 <= MOST_CHUNKS);
    }

    /// Time of an upload in the model: pieces restart whole after a break.
    fn model_seconds(chunk: f64, rate: f64, fixed: f64, between_breaks: f64) -> f64 {
        let (size, reconnect, breaks) = (1e9, 2.0, 1.0 / between_breaks);
        size / chunk
            * (between_breaks + reconnect)
            * ((breaks * (chunk / rate + fixed)).exp() - 1.0)
    }

    #[test]
    fn the_length_is_within_five_percent_of_the_best_in_the_model() {
        for rate in [0.25e6, 1.25e6, 12.5e6, 60e6] {
            for fixed in [0.15, 0.6] {
                for between_breaks in [120.0, 600.0, 3600.0] {
                    let mut plan = ChunkPlan::new(10_000 * MIB, AUTO);
                    // So many chunks and breaks that the averages are the model's own.
                    plan.line = Some(Line {
                        bytes_per_second: rate,
                        fixed_seconds: fixed,
                    });
                    plan.wire_seconds = 1e6;
                    plan.breaks = 1e6 / between_breaks;
                    let time =
                        |mib: u64| model_seconds(as_f64(mib * MIB), rate, fixed, between_breaks);
                    let best = (5..=100).map(time).fold(f64::INFINITY, f64::min);
                    let ours = time(plan.next_length(0, 0) / MIB);
                    assert!(
                        ours <= 1.05 * best,
                        "{rate} {fixed} {between_breaks}: {ours} {best}"
                    );
                }
            }
        }
    }

    proptest! {
        #[test]
        fn the_chunks_cover_the_file_and_keep_the_services_bounds(
            size_bytes in 1..70_000 * MIB,
            fixed_mib in proptest::option::of(0..200u64),
            story in proptest::collection::vec((any::<bool>(), 0.01..30.0f64, 0.0..3.0f64), 1..60),
        ) {
            let chunking = fixed_mib.map_or(AUTO, |mib| Chunking::Fixed { chunk_bytes: mib * MIB });
            let mut plan = ChunkPlan::new(size_bytes, chunking);
            let (mut offset, mut stored) = (0, 0);
            let mut story = story.iter().cycle();
            let mut breaks_in_a_row = 0;
            let mut longest = plan.longest_next();
            while offset < size_bytes {
                let length = plan.next_length(offset, stored);
                prop_assert!(length <= LARGEST_CHUNK_BYTES && length > 0);
                prop_assert!(length <= longest);
                prop_assert!(length >= SMALLEST_CHUNK_BYTES || offset + length == size_bytes);
                prop_assert!(length.is_multiple_of(MIB) || offset + length == size_bytes);
                let (broke, handover, wait) = story.next().copied().unwrap();
                if broke && breaks_in_a_row < 3 {
                    breaks_in_a_row += 1;
                    plan.broke(length, seconds(handover));
                    continue;
                }
                breaks_in_a_row = 0;
                longest = plan.longest_next();
                plan.arrived(length, seconds(handover), seconds(wait));
                offset += length;
                stored += 1;
            }
            prop_assert_eq!(offset, size_bytes);
            prop_assert!(stored <= MOST_CHUNKS);
        }
    }
}
