//! The image a manifest was made for, and every other.

use firmdrop_core::{CheckResult, Sha256};

use super::vectors::{A, bytes, every_format};
use crate::{ImageFacts, SigningKey, compare, parse, require_image};

#[test]
fn another_image_is_told_by_digest_size_and_address() {
    let manifest = parse(&bytes(A)).unwrap();
    let other = ImageFacts {
        sha256: Sha256::of(b"other"),
        size_bytes: 5,
        uri: Some("http://127.0.0.1:8080/fw/other".to_owned()),
    };
    let checks = compare(&manifest, &other);
    assert_eq!(checks.len(), 3);
    assert!(
        checks
            .iter()
            .all(|check| check.result == CheckResult::Failed)
    );
    assert!(require_image(&manifest, &other).is_err());
}

#[test]
fn the_plain_image_of_an_encrypted_payload_is_the_installed_one() {
    let key = SigningKey::generate().unwrap();
    let draft = every_format().remove(4);
    let made = draft
        .prepare()
        .unwrap()
        .sign(&key, crate::Nonces::Deterministic);
    let manifest = parse(&made.unwrap()).unwrap();
    let plain = ImageFacts {
        sha256: Sha256::of(b"installed"),
        size_bytes: 200_000,
        uri: None,
    };
    require_image(&manifest, &plain).unwrap();
}
