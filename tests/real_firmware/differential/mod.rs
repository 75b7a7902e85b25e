//! Random valid HEX and S-record files that `intelhex`, `bincopy`, `srec_cat` and `objcopy` write: every byte that
//! their readers find is found here, at the same address. Some seconds with the other tests; longer with
//! `cargo xtask fuzz differential --seconds N`.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use firmdrop_core::Sha256;
use firmdrop_image::{Integrity, MemorySource, Source, inspect, payload};
use serde_json::Value;

use crate::outside::{Outside, python_program, run};

/// Files for which the writers are started once.
const BATCH: &str = "60";

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// Start, length and SHA-256 of every run of bytes that the file writes.
fn runs(path: &str) -> Vec<(u64, u64, String)> {
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
        let address = segment.address.unwrap();
        (
            address,
            segment.length_bytes,
            Sha256::of(&bytes).to_string(),
        )
    });
    runs.collect()
}

fn theirs(answer: &Value, path: &str) -> Vec<(u64, u64, String)> {
    let runs = answer["runs"].as_array();
    let runs = runs.unwrap_or_else(|| panic!("{path}: its own writer's file is refused: {answer}"));
    let run = |run: &Value| {
        let hash = run[2].as_str().unwrap().to_owned();
        (run[0].as_u64().unwrap(), run[1].as_u64().unwrap(), hash)
    };
    runs.iter().map(run).collect()
}

#[test]
fn random_files_of_four_writers_are_read_as_their_readers_read_them() {
    let outside = Outside::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../tests/real_firmware/differential/writers.py");
    let until = Instant::now() + Duration::from_secs(number("FIRMDROP_FUZZ_SECONDS", 5));
    let (first, mut files) = (number("FIRMDROP_FUZZ_SEED", 1), 0_u64);
    let mut seed = first;
    while files == 0 || Instant::now() < until {
        let folder = outside.path(&format!("{seed}"));
        std::fs::create_dir(&folder).unwrap();
        let (script, folder_text) = (script.to_str().unwrap(), folder.to_str().unwrap());
        let arguments = [script, &seed.to_string(), BATCH, folder_text].map(str::to_owned);
        for line in run(&python_program("python"), arguments).lines() {
            let said: Value = serde_json::from_str(line).unwrap();
            let path = said["file"].as_str().unwrap();
            let ours = runs(path);
            for (reader, answer) in said["readers"].as_object().unwrap() {
                let writer = &said["writer"];
                assert_eq!(
                    ours,
                    theirs(answer, path),
                    "{writer} wrote {path}, {reader} reads it"
                );
            }
            files += 1;
        }
        std::fs::remove_dir_all(folder).unwrap();
        seed += 1;
    }
    assert!(files > 0);
    eprintln!("differential: {files} files, seeds {first} to {}", seed - 1);
}
