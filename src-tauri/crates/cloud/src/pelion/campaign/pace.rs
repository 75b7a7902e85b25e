//! How often a watched campaign is asked about: often while something is about to happen, seldom
//! while devices are busy.

use std::time::Duration;

use super::CampaignPhase;

/// How often a campaign is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchPolicy {
    /// The wait while it starts, stops or is young.
    pub quick: Duration,
    /// The longest wait.
    pub slow: Duration,
    /// So long after a change a campaign counts as young.
    pub young: Duration,
}

impl Default for WatchPolicy {
    /// 3 s, which is what the vendor's own client waits all the time, up to 30 s.
    fn default() -> Self {
        Self {
            quick: Duration::from_secs(3),
            slow: Duration::from_secs(30),
            young: Duration::from_mins(1),
        }
    }
}

/// Each quiet answer lets the wait grow by a half.
const GROWTH: f64 = 1.5;

/// How long to wait before the next look at a campaign. A `Retry-After` of the service is the
/// caller's to honour: it waits the longer of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchPace {
    policy: WatchPolicy,
    quiet: u16,
    seed: u64,
}

impl WatchPace {
    /// A pace of its own for each seed, so that many watchers do not come in step.
    pub const fn new(policy: WatchPolicy, seed: u64) -> Self {
        Self {
            policy,
            quiet: 0,
            seed,
        }
    }

    /// Something changed: look often again.
    pub const fn changed(&mut self) {
        self.quiet = 0;
    }

    /// How long to wait, `since_change` after something last changed, a tenth more or less.
    pub fn next_wait(&mut self, phase: &CampaignPhase, since_change: Duration) -> Duration {
        let wait = if phase.is_passing() || since_change < self.policy.young {
            self.quiet = 0;
            self.policy.quick
        } else {
            self.quiet = self.quiet.saturating_add(1);
            let grown =
                self.policy.quick.as_secs_f64() * GROWTH.powi(i32::from(self.quiet.min(64)));
            Duration::from_secs_f64(grown.min(self.policy.slow.as_secs_f64()))
        };
        wait.mul_f64(self.jitter())
    }

    /// Between nine and eleven tenths.
    fn jitter(&mut self) -> f64 {
        // Steele, Lea, Flood: SplitMix64, 2014.
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let [byte, ..] = (mixed ^ (mixed >> 31)).to_le_bytes();
        0.9 + f64::from(byte) / 255.0 * 0.2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(wait: Duration, expected: Duration) -> bool {
        wait >= expected.mul_f64(0.899) && wait <= expected.mul_f64(1.101)
    }

    #[test]
    fn a_campaign_is_watched_closely_while_it_starts_and_seldom_while_devices_are_busy() {
        let mut pace = WatchPace::new(WatchPolicy::default(), 7);
        let hour = Duration::from_hours(1);
        for _ in 0..50 {
            assert!(within(
                pace.next_wait(&CampaignPhase::Starting, hour),
                WatchPolicy::default().quick
            ));
        }
        assert!(within(
            pace.next_wait(&CampaignPhase::Active, Duration::ZERO),
            WatchPolicy::default().quick
        ));
        let waits: Vec<_> = (0..100)
            .map(|_| pace.next_wait(&CampaignPhase::Active, hour))
            .collect();
        assert!(within(waits[0], Duration::from_millis(4500)));
        assert!(
            waits[10..]
                .iter()
                .all(|wait| within(*wait, WatchPolicy::default().slow))
        );
        pace.changed();
        assert!(within(
            pace.next_wait(&CampaignPhase::Active, hour),
            Duration::from_millis(4500)
        ));
    }

    #[test]
    fn watchers_do_not_come_in_step() {
        let wait = |seed| {
            WatchPace::new(WatchPolicy::default(), seed)
                .next_wait(&CampaignPhase::Starting, Duration::ZERO)
        };
        assert_ne!(wait(1), wait(2));
    }
}
