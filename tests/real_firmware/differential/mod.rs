//! Random valid HEX, S-record and UF2 files that `intelhex`, `bincopy`, `srec_cat`, `objcopy`, `esptool` and
//! Microsoft's `uf2conv` write: every byte that their readers find is found here, at the same address. Some seconds
//! with the other tests; longer with `cargo xtask fuzz differential --seconds N`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use firmdrop_core::Sha256;
use firmdrop_image::{Integrity, MemorySource, Source, inspect, payload};
use serde_json::Value;

use crate::outside::{Outside, python_program, run};

/// Files for which the writers are started once: few with the other tests, many when they are to run long.
const BATCH: u64 = 60;
const LONG_BATCH: u64 = 1500;
const LONG_SECONDS: u64 = 20;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// A run of bytes: where it begins, and what it is.
type Run = (u64, Vec<u8>);

/// Every run of bytes that the file writes, in the order of addresses.
fn runs(path: &str) -> Vec<Run> {
    let source: Arc<dyn Source> = Arc::new(MemorySource::new(std::fs::read(path).unwrap()));
    let found = inspect(source.as_ref()).unwrap();
    assert_eq!(found.integrity(), Integrity::Intact, "{path}: {found:#?}");
    let payload = payload(source, &found, None).unwrap();
    let segments = payload.segments().iter().enumerate();
    let runs = segments.map(|(number, segment)| {
        let mut bytes = vec![0; usize::try_from(segment.length_bytes).unwrap()];
        let mut done = 0;
        while done < bytes.len() {
            done += payload
                .read_at(number, done as u64, &mut bytes[done..])
                .unwrap();
        }
        (segment.address.unwrap(), bytes)
    });
    runs.collect()
}

/// One run from the first address on, with zeros in the gaps.
fn filled(runs: &[Run]) -> Vec<Run> {
    let start = runs[0].0;
    let mut all = Vec::new();
    for (at, bytes) in runs {
        all.resize(usize::try_from(at - start).unwrap(), 0);
        all.extend(bytes);
    }
    vec![(start, all)]
}

/// Start, length and SHA-256 of each run.
type Said = Vec<(u64, u64, String)>;

fn said(runs: &[Run]) -> Said {
    let runs = runs.iter();
    runs.map(|(at, bytes)| (*at, bytes.len() as u64, Sha256::of(bytes).to_string()))
        .collect()
}

fn theirs(runs: &Value) -> Said {
    let run = |run: &Value| {
        let hash = run[2].as_str().unwrap().to_owned();
        (run[0].as_u64().unwrap(), run[1].as_u64().unwrap(), hash)
    };
    runs.as_array().unwrap().iter().map(run).collect()
}

/// What was found here beside an answer; none where their reader refuses the file.
fn both(ours: &[Run], answer: &Value) -> Option<[Said; 2]> {
    match (&answer["runs"], &answer["filled"]) {
        (runs @ Value::Array(_), _) => Some([said(ours), theirs(runs)]),
        (_, runs @ Value::Array(_)) => Some([said(&filled(ours)), theirs(runs)]),
        _ => None,
    }
}

#[test]
fn random_files_of_six_writers_are_read_as_their_readers_read_them() {
    let outside = Outside::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../tests/real_firmware/differential/writers.py");
    let seconds = number("FIRMDROP_FUZZ_SECONDS", 5);
    let batch = if seconds < LONG_SECONDS {
        BATCH
    } else {
        LONG_BATCH
    };
    let until = Instant::now() + Duration::from_secs(seconds);
    let (first, mut files) = (
        number("FIRMDROP_FUZZ_SEED", 1),
        BTreeMap::<String, u64>::new(),
    );
    let mut seed = first;
    while files.is_empty() || Instant::now() < until {
        let folder = outside.path(&format!("{seed}"));
        std::fs::create_dir(&folder).unwrap();
        let (script, folder_text) = (script.to_str().unwrap(), folder.to_str().unwrap());
        let arguments =
            [script, &seed.to_string(), &batch.to_string(), folder_text].map(str::to_owned);
        for line in run(&python_program("python"), arguments).lines() {
            let said: Value = serde_json::from_str(line).unwrap();
            let path = said["file"].as_str().unwrap();
            let ours = runs(path);
            for (reader, answer) in said["readers"].as_object().unwrap() {
                let what = format!(
                    "{} wrote {path}, {reader} reads it: {answer}",
                    said["writer"]
                );
                let [ours, theirs] = both(&ours, answer).unwrap_or_else(|| panic!("{what}"));
                assert_eq!(ours, theirs, "{what}");
            }
            *files.entry(said["format"].to_string()).or_default() += 1;
        }
        std::fs::remove_dir_all(folder).unwrap();
        seed += 1;
    }
    assert_eq!(files.len(), 3, "{files:?}");
    eprintln!("differential: {files:?}, seeds {first} to {}", seed - 1);
}
