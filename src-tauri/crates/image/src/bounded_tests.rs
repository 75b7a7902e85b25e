//! Tests of hostile files: little input must not become much work or much output.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use zip::CompressionMethod;

use super::*;
use crate::archive::tests::zipped;
use crate::format::intel_hex::tests::record;
use crate::format::mcuboot::tests::Build;
use crate::format::test_support::fact;
use crate::{Format, Integrity, MemorySource, Source, inspect, inspect_with};

/// A source that counts the bytes read from it.
struct Counting(MemorySource, AtomicU64);

impl Source for Counting {
    fn len(&self) -> u64 {
        self.0.len()
    }
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.read_at(offset, buffer)?;
        self.1.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

fn counting(bytes: impl Into<Vec<u8>>) -> Counting {
    Counting(MemorySource::new(bytes), AtomicU64::new(0))
}

/// Inspects, and asserts that the description is small.
fn inspected(bytes: impl Into<Vec<u8>>) -> Inspection {
    let found = inspect(&MemorySource::new(bytes)).unwrap();
    let json = serde_json::to_vec(&found).unwrap().len();
    assert!(json <= INSPECTION_BYTES, "{json} bytes of JSON");
    found
}

fn mcumgr(files: &Value, entries: &[(&str, &[u8])]) -> Vec<u8> {
    let manifest = json!({"format-version": 1, "name": "toaster", "files": files}).to_string();
    let mut all = vec![("manifest.json", manifest.as_bytes())];
    all.extend(entries);
    zipped(&all, CompressionMethod::Deflated)
}

/// An image with as many empty entries as an area has room for.
fn many_entries(kind: u16) -> Vec<u8> {
    Build {
        plain: vec![(kind, Vec::new()); 16_000],
        ..Build::default()
    }
    .bytes()
}

#[test]
fn an_entry_listed_many_times_is_unpacked_once_and_described_once() {
    let image = many_entries(0x4242);
    let files: Vec<_> = (0..64).map(|_| json!({"file": "a.bin"})).collect();
    let package = mcumgr(&json!(files), &[("a.bin", &image)]);
    assert!(package.len() < 2000, "{} bytes", package.len());
    let found = inspected(package);
    assert_eq!(found.format, Format::McumgrPackage);
    assert_eq!(found.integrity(), Integrity::Intact);
    assert_eq!(found.segments.len(), 1);
    assert!(fact(&found.parts[0].inspection, "Further entries").contains("not listed"));
    let listed = found.checks.iter().find(|check| check.name == "Manifest");
    assert_eq!(
        listed.map(|check| check.explanation.as_str()),
        Some("it lists a.bin 64 times; the file was read once")
    );

    // Bytes that do not pack, so that each unpacking would show in what is read.
    let noise: Vec<u8> = (0_u32..100_000)
        .flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    let source = counting(mcumgr(&json!(files), &[("a.bin", &noise)]));
    inspect(&source).unwrap();
    let (read, size) = (source.1.load(Ordering::Relaxed), source.len());
    assert!(read < size * 2 + 200_000, "{read} bytes read of {size}");
}

#[test]
fn a_nordic_package_of_four_parts_and_one_file_unpacks_it_once() {
    let noise: Vec<u8> = (0_u32..100_000)
        .flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    let part = json!({"bin_file": "a.bin", "dat_file": "a.dat"});
    let manifest = json!({"manifest": {
        "softdevice_bootloader": part, "softdevice": part, "bootloader": part, "application": part,
    }})
    .to_string();
    let source = counting(zipped(
        &[
            ("manifest.json", manifest.as_bytes()),
            ("a.bin", &noise),
            ("a.dat", b"no packet"),
        ],
        CompressionMethod::Deflated,
    ));
    let found = inspect(&source).unwrap();
    assert_eq!(found.format, Format::NordicPackage);
    assert_eq!(found.segments.len(), 4);
    let (read, size) = (source.1.load(Ordering::Relaxed), source.len());
    assert!(read < size * 2 + 200_000, "{read} bytes read of {size}");
}

#[test]
fn many_images_with_many_entries_stay_small_and_say_what_was_left_out() {
    let images: Vec<_> = (0..60_u8)
        .map(|i| {
            let mut tlvs = vec![(0x4242, Vec::new()); 8000];
            tlvs.extend(vec![(0x74, vec![i; 16]); 1000]);
            tlvs.push((0x01, vec![7; 9000]));
            let plain = tlvs;
            (
                format!("{i}{}.bin", "\"".repeat(90)),
                Build {
                    plain,
                    ..Build::default()
                }
                .bytes(),
            )
        })
        .collect();
    let files: Vec<_> = images
        .iter()
        .map(|(name, _)| json!({"file": name, "board": "\\".repeat(300)}))
        .collect();
    let entries: Vec<_> = images
        .iter()
        .map(|(name, image)| (name.as_str(), image.as_slice()))
        .collect();
    let found = inspected(mcumgr(&json!(files), &entries));
    assert_eq!(found.parts.len(), 60);
    let few = &found.parts[59].inspection;
    assert!(fact(few, "Not listed").contains("more facts"), "{few:#?}");
    assert_eq!(found.integrity(), Integrity::Intact);
}

#[test]
fn a_failed_check_is_never_among_those_left_out_unseen() {
    let mut images: Vec<_> = (0..60)
        .map(|i| (format!("{i}.bin"), Build::default().bytes()))
        .collect();
    images[59].1[100] ^= 1;
    let mut files: Vec<_> = images
        .iter()
        .map(|(name, _)| json!({"file": name, "version_MCUBOOT": "9"}))
        .collect();
    files.extend((0..4).map(|_| json!({})));
    let entries: Vec<_> = images
        .iter()
        .map(|(name, image)| (name.as_str(), image.as_slice()))
        .collect();
    let found = inspected(mcumgr(&json!(files), &entries));
    assert_eq!(found.integrity(), Integrity::Damaged);
    let failed: Vec<_> = found
        .checks
        .iter()
        .filter(|check| check.result == CheckResult::Failed)
        .map(|check| check.name.as_str())
        .collect();
    assert!(failed.contains(&"59.bin"), "{failed:?}");
}

#[test]
fn checks_over_the_limit_become_one_with_the_worst_result() {
    let mut inspection = Inspection::new(Format::Raw, 1);
    for _ in 0..LISTED_CHECKS {
        inspection.check("Good", CheckResult::Passed, "");
    }
    for _ in 0..LISTED_CHECKS + 7 {
        inspection.check("Bad", CheckResult::Failed, "x".repeat(10_000));
    }
    let found = bounded(inspection);
    let last = found.checks.last().unwrap();
    assert_eq!(
        (last.name.as_str(), last.result),
        ("Checks not listed", CheckResult::Failed)
    );
    let listed = found.checks.len() - 1;
    let left_out = LISTED_CHECKS + 7 - listed;
    let expected = format!("{left_out} failed, {LISTED_CHECKS} passed");
    assert_eq!(last.explanation, expected);
    assert!(serde_json::to_vec(&found).unwrap().len() <= INSPECTION_BYTES);
}

#[test]
fn every_format_with_many_parts_has_a_small_description() {
    let hex: String = (0..4000_u16).map(|i| record(0, i * 4, &[1])).collect();
    assert!(fact(&inspected(hex + ":00000001FF\n"), "Not listed").contains("more segments"));

    let mut gbl = vec![0xEB, 0x17, 0xA6, 0x03, 8, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0];
    for _ in 0..4000 {
        gbl.extend([0x78, 0x56, 0x34, 0x12, 0, 0, 0, 0]);
    }
    assert!(fact(&inspected(gbl), "Not listed").contains("more facts"));

    let image = Build {
        plain: vec![(0x01, vec![9; 30_000]), (0x71, vec![9; 30_000])],
        ..Build::default()
    };
    inspected(image.bytes());
}

#[test]
fn a_break_ends_an_inspection_after_the_piece_that_was_read() {
    let image = Build {
        code: vec![0xC3; 8 << 20],
        ..Build::default()
    };
    let source = counting(image.bytes());
    let whole = inspect_with(&source, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(whole, Some(inspect(&source).unwrap()));
    source.1.store(0, Ordering::Relaxed);
    let mut calls = 0;
    let stopped = inspect_with(&source, &mut |read| {
        calls += 1;
        if read > 1 << 20 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert!(matches!(stopped, Ok(None)), "{stopped:?}");
    assert!(source.1.load(Ordering::Relaxed) < 2 << 20);
    assert!(calls > 3);
}
