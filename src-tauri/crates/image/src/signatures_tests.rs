//! Signatures of `imgtool` 2.5.0, checked with the keys it made. `tests/real_firmware/imgtool/README.md` says how.

use super::*;
use crate::archive::tests::zipped;
use crate::format::intel_hex::tests::record;
use crate::format::test_support::{failed, passed, warned};
use crate::{Integrity, inspect};
use zip::CompressionMethod;

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/real_firmware/imgtool/", $name))
    };
}

fn key(name: &str, bytes: &[u8]) -> PublicKey {
    PublicKey::read(name, bytes).unwrap()
}

fn inspected(bytes: &[u8], keys: &[PublicKey]) -> Inspection {
    let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
    let mut inspection = inspect(source.as_ref()).unwrap();
    check_signatures(&source, &mut inspection, keys).unwrap();
    inspection
}

fn not_made<'a>(found: &'a Inspection, name: &str) -> &'a str {
    let check = found
        .checks
        .iter()
        .find(|check| check.name == name)
        .unwrap();
    assert_eq!(check.result, CheckResult::NotMade, "{check:?}");
    &check.explanation
}

fn all() -> Vec<(&'static [u8], PublicKey)> {
    vec![
        (file!("rsa-2048.bin"), key("a", file!("rsa-2048.pem"))),
        (file!("rsa-3072.bin"), key("b", file!("rsa-3072.pem"))),
        (file!("ecdsa-p256.bin"), key("c", file!("ecdsa-p256.pem"))),
        (
            file!("ecdsa-p256-full.bin"),
            key("c", file!("ecdsa-p256.pem")),
        ),
        (file!("ecdsa-p384.bin"), key("d", file!("ecdsa-p384.pem"))),
        (file!("ed25519.bin"), key("e", file!("ed25519.pem"))),
        (file!("ed25519-pure.bin"), key("e", file!("ed25519.pem"))),
    ]
}

#[test]
fn signatures_of_imgtool_are_verified_with_the_right_key_among_many() {
    let keys: Vec<_> = all().into_iter().map(|(_, key)| key).collect();
    for (bytes, key) in all() {
        let found = inspected(bytes, &keys);
        assert_eq!(found.integrity(), Integrity::Intact, "{found:#?}");
        assert!(passed(&found, "Signature").ends_with(&format!("the key {}", key.name())));
    }
}

#[test]
fn a_changed_signature_of_a_key_that_the_image_names_is_damage() {
    for (bytes, key) in all() {
        let mut bytes = bytes.to_vec();
        // The signature is the last entry, and its own last bytes are the file's.
        let last = bytes.len() - 5;
        bytes[last] ^= 1;
        let found = inspected(&bytes, &[key]);
        let why = failed(&found, "Signature");
        assert!(why.contains("was changed"), "{why}");
        assert_eq!(found.integrity(), Integrity::Damaged);
    }
}

#[test]
fn another_key_is_said_to_be_another_and_no_damage() {
    let bytes = file!("ed25519.bin");
    let mut other = key("mine", file!("ed25519.pem"));
    let found = inspected(bytes, &[key("a", file!("rsa-2048.pem"))]);
    assert!(not_made(&found, "Signature").contains("no key of that kind"));
    // The same algorithm, and another key: RFC 8032, section 7.1, test 1.
    let der =
        "302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let der: Vec<u8> = (0..der.len() / 2)
        .map(|i| u8::from_str_radix(&der[i * 2..i * 2 + 2], 16).unwrap())
        .collect();
    other = PublicKey::read(other.name(), &der).unwrap();
    let found = inspected(bytes, &[other]);
    assert_eq!(
        not_made(&found, "Signature"),
        "the image names another key than mine"
    );
    assert_eq!(found.integrity(), Integrity::NotFullyCheckable);
}

#[test]
fn an_encrypted_image_has_a_signature_over_the_hash_it_names() {
    let found = inspected(
        file!("ecdsa-p256-encrypted.bin"),
        &[key("c", file!("ecdsa-p256.pem"))],
    );
    passed(&found, "Signature");
    // What the hash is of stays unknown without the key to decrypt.
    assert_eq!(found.integrity(), Integrity::NotFullyCheckable);
}

#[test]
fn images_inside_of_other_files_are_checked_and_the_whole_says_so() {
    let image = file!("ed25519-pure.bin");
    let keys = [key("e", file!("ed25519.pem"))];
    let rows = image.chunks(16).zip(0_u16..);
    let hex: String = rows
        .map(|(row, i)| record(0, 0x8000 + i * 16, row))
        .collect();
    let found = inspected((hex + ":00000001FF\n").as_bytes(), &keys);
    passed(&found, "Signature of image at 0x00008000");
    let manifest = br#"{"files":[{"file":"app.bin"}]}"#;
    let entries: [(&str, &[u8]); 2] = [("manifest.json", manifest), ("app.bin", image)];
    let package = zipped(&entries, CompressionMethod::Deflated);
    let found = inspected(&package, &keys);
    passed(&found, "Signature of app.bin");
    passed(&found.parts[0].inspection, "Signature");
}

#[test]
fn an_image_without_a_signature_is_said_to_have_none() {
    let plain = crate::format::mcuboot::tests::Build::default().bytes();
    let found = inspected(&plain, &[key("e", file!("ed25519.pem"))]);
    assert!(warned(&found, "Signature").contains("no signature"));
}
