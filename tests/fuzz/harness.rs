//! Runs one target for its time.

use std::fs::File;
use std::io::Read as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use zip::ZipArchive;

use crate::mutate::Mutator;

/// How long a target runs with the other tests.
const SECONDS: u64 = 4;
/// Longest time for one input, unoptimised and on a busy computer.
const SLOWEST: Duration = Duration::from_secs(20);

/// Gives mutations of these seeds and of the target's corpus to `one` until the time is over; first what is mutated.
pub(crate) fn fuzz(target: &str, mut seeds: Vec<Vec<u8>>, mut one: impl FnMut(&[u8])) {
    seeds.extend(corpus(target));
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

/// What libFuzzer found: inputs that each reach code which no other of them reaches.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let tests = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests"));
    let Ok(file) = File::open(tests.join(format!("fuzz/corpus/{target}.zip"))) else {
        return Vec::new();
    };
    let mut archive = ZipArchive::new(file).unwrap();
    let count = archive.len();
    let read = |at| {
        let mut bytes = Vec::new();
        let mut file = archive.by_index(at).unwrap();
        file.read_to_end(&mut bytes).unwrap();
        bytes
    };
    (0..count).map(read).collect()
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
