//! Runs one target for its time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::mutate::Mutator;

/// How long a target runs with the other tests.
const SECONDS: u64 = 4;
/// Longest time for one input, unoptimised and on a busy computer.
const SLOWEST: Duration = Duration::from_secs(20);

/// Gives mutations of these seeds to `one` until the time is over; the seeds themselves first.
pub(crate) fn fuzz(target: &str, seeds: Vec<Vec<u8>>, mut one: impl FnMut(&[u8])) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seconds = number("FIRMDROP_FUZZ_SECONDS").unwrap_or(SECONDS);
    let seed = number("FIRMDROP_FUZZ_SEED").unwrap_or(1);
    for input in &seeds {
        run(target, seed, input, &mut one);
    }
    let mut mutator = Mutator::new(seed, seeds);
    let (began, mut count) = (Instant::now(), 0_u64);
    while began.elapsed() < Duration::from_secs(seconds) {
        let input = mutator.next();
        run(target, seed, &input, &mut one);
        count += 1;
    }
    println!("{target}: {count} inputs in {seconds} s, seed {seed}");
}

fn run(target: &str, seed: u64, input: &[u8], one: &mut impl FnMut(&[u8])) {
    let began = Instant::now();
    let done = catch_unwind(AssertUnwindSafe(|| one(input)));
    let took = began.elapsed();
    if done.is_ok() && took < SLOWEST {
        return;
    }
    let folder = std::env::current_exe().unwrap();
    let folder = folder.ancestors().nth(3).unwrap().join("fuzz");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{target}-{seed}.bin"));
    std::fs::write(&path, input).unwrap();
    panic!("{target}: {} failed after {took:?}", path.display());
}
