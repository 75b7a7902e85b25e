//! Tests of mcumgr packages.

use serde_json::json;
use zip::CompressionMethod;

use super::*;
use crate::archive::tests::zipped;
use crate::format::mcuboot::tests::Build;
use crate::format::test_support::{fact, failed, passed};

fn package(files: &Value, entries: &[(&str, &[u8])]) -> Vec<u8> {
    let manifest = json!({"format-version": 1, "name": "toaster", "files": files}).to_string();
    let mut all = vec![("manifest.json", manifest.as_bytes())];
    all.extend(entries);
    zipped(&all, CompressionMethod::Deflated)
}

fn inspected(bytes: Vec<u8>) -> Inspection {
    crate::inspect(&MemorySource::new(bytes)).unwrap()
}

fn signed() -> Vec<u8> {
    Build {
        plain: vec![(0x01, vec![1; 32]), (0x24, vec![2; 64])],
        ..Build::default()
    }
    .bytes()
}

#[test]
fn the_image_inside_is_inspected_as_if_it_had_come_alone() {
    let image = signed();
    let files = json!([{
        "type": "application", "board": "nrf5340dk/nrf5340/cpuapp", "soc": "nRF5340",
        "image_index": "0", "version_MCUBOOT": "1.2.3+4", "size": image.len(), "file": "app.bin",
    }]);
    let found = inspected(package(&files, &[("app.bin", &image)]));
    assert_eq!(found.format, Format::McumgrPackage);
    assert_eq!(found.integrity(), Integrity::Intact);
    assert_eq!(found.identity.product.as_deref(), Some("toaster"));
    assert_eq!(
        found.identity.target.as_deref(),
        Some("nrf5340dk/nrf5340/cpuapp")
    );
    assert_eq!(found.identity.version.as_deref(), Some("1.2.3+4"));
    let alone = inspected(image);
    assert_eq!(found.image_hash, alone.image_hash);
    assert_eq!(found.signature, alone.signature);
    passed(&found, "app.bin");
    let part = &found.parts[0];
    assert_eq!(
        (part.name.as_str(), part.integrity),
        ("app.bin", Integrity::Intact)
    );
    passed(&part.inspection, "Hash inside the image");
    assert_eq!(fact(&part.inspection, "Image index"), "0");
}

// The nRF Connect SDK packs an image twice for a bootloader that starts it where it lies.
#[test]
fn an_image_for_each_of_two_slots_says_for_which_it_is() {
    let image = signed();
    let file = |name: &str, slot: &str| {
        json!({
            "image_index": "0", "slot": slot, "version_MCUBOOT+XIP": "9.9.9", "file": name,
        })
    };
    let files = json!([file("app.bin", "0"), file("second.bin", "3")]);
    let found = inspected(package(
        &files,
        &[("app.bin", &image), ("second.bin", &image)],
    ));
    let slots: Vec<_> = found.parts.iter().map(Part::slot_number).collect();
    assert_eq!(slots, [Some(0), Some(1)]);
    let warned = |check: &&crate::Check| check.explanation.contains("says version 9.9.9");
    assert_eq!(found.checks.iter().filter(warned).count(), 2);
}

#[test]
fn of_several_images_the_unsigned_one_is_what_counts() {
    let (app, net) = (signed(), Build::default().bytes());
    let files = json!([{"file": "app.bin"}, {"file": "net.bin"}]);
    let found = inspected(package(&files, &[("app.bin", &app), ("net.bin", &net)]));
    assert_eq!(found.summary, "mcumgr package, 2 MCUboot images");
    assert_eq!(found.signature, Signature::Absent);
    assert_eq!(found.image_hash, None);
}

#[test]
fn damage_inside_wrong_sizes_and_missing_files_are_told() {
    let mut image = signed();
    image[100] ^= 1;
    let files = json!([{"file": "app.bin", "size": 7}, {"file": "gone.bin"}, {"size": 3}]);
    let found = inspected(package(&files, &[("app.bin", &image)]));
    assert!(failed(&found, "app.bin").starts_with("Hash inside the image: "));
    assert!(failed(&found, "Size of app.bin").contains("the manifest says 7 bytes"));
    assert!(failed(&found, "File gone.bin").contains("is not in the archive"));
    failed(&found, "Manifest");
    failed(&inspected(package(&json!([]), &[])), "Manifest");
}

#[test]
fn a_version_that_differs_from_the_manifest_is_a_warning() {
    let files = json!([{"file": "app.bin", "version_MCUBOOT": "9.9.9"}]);
    let found = inspected(package(&files, &[("app.bin", &signed())]));
    let warned = found.checks.iter().any(|check| {
        check.result == CheckResult::Warning && check.explanation.contains("says version 9.9.9")
    });
    assert!(warned, "{:#?}", found.checks);
}

#[test]
fn a_file_that_is_no_mcuboot_image_is_not_judged() {
    let found = inspected(package(&json!([{"file": "a.bin"}]), &[("a.bin", b"plain")]));
    assert_eq!(found.integrity(), Integrity::NotFullyCheckable);
    assert_eq!(found.signature, Signature::NotPossible);
}
