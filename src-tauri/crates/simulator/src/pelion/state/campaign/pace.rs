//! How fast campaigns move.

use std::time::Duration;

/// How fast campaigns move, by tokio's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How long each state lasts that a campaign passes through before it deploys.
    pub state: Duration,
    /// Over how long the devices get their manifests, one after the other.
    pub delivery: Duration,
    /// How long a device takes from its manifest to its result, on average.
    pub installation: Duration,
    /// How long a campaign is stopping.
    pub stopping: Duration,
}

impl Pace {
    /// A campaign is over at once: for tests.
    pub const FAST: Self = Self {
        state: Duration::from_millis(20),
        delivery: Duration::from_millis(100),
        installation: Duration::from_millis(100),
        stopping: Duration::from_millis(20),
    };
    /// A user can watch every phase: for the demo world.
    pub const VISIBLE: Self = Self {
        state: Duration::from_millis(600),
        delivery: Duration::from_secs(30),
        installation: Duration::from_secs(10),
        stopping: Duration::from_secs(2),
    };
}

/// Two numbers between 0 and 1 that are always the same for the same seed.
pub(crate) fn fractions(seed: u128) -> (f64, f64) {
    // SplitMix64 (Steele, Lea, Flood 2014).
    let mix = |word: u64| {
        let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    };
    let folded = u64::try_from((seed ^ (seed >> 64)) & u128::from(u64::MAX)).unwrap_or_default();
    let first = mix(folded.wrapping_add(0x9e37_79b9_7f4a_7c15));
    let second = mix(first.wrapping_add(0x9e37_79b9_7f4a_7c15));
    let fraction =
        |word: u64| f64::from(u32::try_from(word >> 32).unwrap_or_default()) / 2f64.powi(32);
    (fraction(first), fraction(second))
}
