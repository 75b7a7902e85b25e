//! Chance that repeats: the same seed gives the same faults. Not for anything secret.

/// `SplitMix64` (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// True with this probability; at 1.0 always, at 0.0 never.
    pub(super) fn happens(&mut self, probability: f64) -> bool {
        // 32 random bits are exact in an f64, and the quotient is always below 1.
        let drawn = f64::from(u32::try_from(self.next() >> 32).unwrap_or(u32::MAX));
        drawn / 4_294_967_296.0 < probability
    }

    /// Any number below `end`, or zero when `end` is zero.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.next() % end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_faults() {
        let draw = |seed| {
            let mut chance = Chance::seeded(seed);
            (0..64).map(|_| chance.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn certain_always_happens_impossible_never_and_half_about_half_the_time() {
        let mut chance = Chance::seeded(1);
        assert!((0..1000).all(|_| chance.happens(1.0)));
        assert!(!(0..1000).any(|_| chance.happens(0.0)));
        let half = (0..1000).filter(|_| chance.happens(0.5)).count();
        assert!((400..600).contains(&half), "{half}");
    }
}
