//! Random moments that can be had again: `FIRMDROP_SEED` names them, `--kills` or `FIRMDROP_KILLS` says how many.

use std::fs::File;
use std::io::Read as _;
use std::sync::OnceLock;
use std::time::Duration;

use crate::failure::{Doing, Failure};

/// Numbers that are the same for the same seed. `SplitMix64`, by Sebastiano Vigna.
#[derive(Debug)]
pub(super) struct Chance(u64);

impl Chance {
    /// From the seed of the environment, or a new one, which is printed.
    pub(super) fn new() -> Result<Self, Failure> {
        let seed = match environment("FIRMDROP_SEED")? {
            Some(seed) => seed,
            None => random()?,
        };
        println!("FIRMDROP_SEED={seed}");
        Ok(Self(seed))
    }

    /// A part of this time, never all of it.
    pub(super) fn part_of(&mut self, whole: Duration) -> Result<Duration, Failure> {
        let limit = u64::try_from(whole.as_micros()).doing("count microseconds")?;
        Ok(Duration::from_micros(self.next() % limit.max(1)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// What `--kills` said.
static KILLS: OnceLock<u32> = OnceLock::new();

/// Says how many kills there are, if anybody asked for a number.
pub(super) fn set_kills(number: Option<u32>) {
    if let Some(number) = number {
        // Said once, at the start.
        let _ = KILLS.set(number);
    }
}

/// How many kills, unless `--kills` or the environment says otherwise.
pub(super) fn kills(usual: u32) -> Result<u32, Failure> {
    if let Some(asked) = KILLS.get() {
        return Ok(*asked);
    }
    let asked = environment("FIRMDROP_KILLS")?;
    Ok(asked
        .and_then(|asked| u32::try_from(asked).ok())
        .unwrap_or(usual))
}

fn environment(name: &str) -> Result<Option<u64>, Failure> {
    let Ok(text) = std::env::var(name) else {
        return Ok(None);
    };
    text.parse()
        .map(Some)
        .doing(format_args!("read {name} as a number"))
}

fn random() -> Result<u64, Failure> {
    let mut bytes = [0; 8];
    File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .doing("read /dev/urandom")?;
    Ok(u64::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_names_the_same_moments() -> crate::failure::Done {
        let moments = |seed| {
            let mut chance = Chance(seed);
            (0..5)
                .map(|_| chance.part_of(Duration::from_secs(1)))
                .collect::<Result<Vec<_>, _>>()
        };
        assert_eq!(moments(7)?, moments(7)?);
        assert_ne!(moments(7)?, moments(8)?);
        Ok(())
    }
}
