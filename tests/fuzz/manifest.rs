//! Manifests: read, verified and compared with whatever stands in them.

use firmdrop_manifest::{parse, payload_kind};

use crate::harness::fuzz;

#[test]
fn no_manifest_panics_hangs_or_grows() {
    fuzz("manifest", seeds(), |bytes| {
        let _ = payload_kind(bytes);
        match parse(bytes) {
            Ok(manifest) => {
                let fields = format!("{manifest:?}");
                assert!(fields.len() < 4 << 20, "{}", fields.len());
            }
            Err(error) => assert!(error.to_string().len() < 4096),
        }
    });
}

/// The vectors of the manifest's own tests, as they stand there.
fn seeds() -> Vec<Vec<u8>> {
    let vectors = include_str!("../../src-tauri/crates/manifest/src/vectors_tests/vectors.rs");
    let seeds: Vec<Vec<u8>> = vectors
        .split("concat!(")
        .skip(1)
        .map(|text| {
            let quoted = text
                .split(')')
                .next()
                .unwrap_or_default()
                .split('"')
                .skip(1)
                .step_by(2);
            bytes(&quoted.collect::<String>())
        })
        .collect();
    assert!(seeds.iter().any(|seed| parse(seed).is_ok()));
    seeds
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    let pairs = digits.chunks_exact(2);
    pairs
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}
