//! Damaged vectors, other keys and any bytes: nothing verifies that should not, and nothing panics.

use firmdrop_core::{CheckResult, Moment};
use proptest::prelude::*;

use super::vectors::{A, B, C, FINGERPRINT, bytes, judged, result, trust, verifies};
use crate::{
    Certificate, CertificateDraft, PublicKey, Signature, SigningKey, Trust, Unsigned,
    device_limits, parse, verify,
};

#[test]
fn no_flipped_bit_of_a_vector_verifies() {
    for vector in [A, B, C] {
        let sound = bytes(vector);
        assert!(verifies(&sound));
        for bit in 0..sound.len() * 8 {
            let mut damaged = sound.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(!verifies(&damaged), "bit {bit}");
        }
    }
}

#[test]
fn no_truncated_vector_is_read() {
    for vector in [A, B, C] {
        let sound = bytes(vector);
        for length in 0..sound.len() {
            assert!(parse(&sound[..length]).is_err(), "{length} bytes");
        }
    }
}

#[test]
fn the_v1_hash_and_fingerprint_are_judged_although_nobody_signed_them() {
    let sound = bytes(C);
    let damage = |value: &[u8]| {
        let at = sound
            .windows(value.len())
            .position(|window| window == value);
        let mut damaged = sound.clone();
        damaged[at.unwrap()] ^= 1;
        judged(&damaged).1
    };
    let hash = judged(&sound).0.v1.unwrap().hash;
    let verification = damage(hash.as_bytes());
    assert_eq!(result(&verification, "Signature"), CheckResult::Passed);
    assert_eq!(result(&verification, "Hash"), CheckResult::Failed);
    assert!(!verification.is_verified());
    let verification = damage(&bytes(FINGERPRINT));
    assert_eq!(result(&verification, "Signature"), CheckResult::Passed);
    let name = "Certificate's fingerprint";
    assert_eq!(result(&verification, name), CheckResult::Failed);
}

#[test]
fn another_key_an_empty_file_and_garbage_do_not_verify() {
    let other = Trust::key(SigningKey::generate().unwrap().public_key());
    for vector in [A, B, C] {
        let manifest = parse(&bytes(vector)).unwrap();
        assert!(!verify(&manifest, Some(&other)).is_verified());
        assert!(!verify(&manifest, None).is_verified());
    }
    assert!(parse(b"").is_err() && parse(b"garbage").is_err());
    assert!(parse(&vec![0x30; 100_000]).is_err());
}

#[test]
fn a_signed_byte_in_another_encoding_does_not_verify() {
    // The outer length in its long form with a zero before it: the same tree, other bytes.
    let sound = bytes(A);
    let mut padded = vec![0x30, 0x82, 0x00];
    padded.extend(&sound[2..]);
    assert!(parse(&padded).is_err());
    // The same inside what is signed: the manifest's own length.
    let mut inner = sound.clone();
    assert_eq!(inner[6..8], [0x30, 0x7e]);
    inner.splice(6..8, [0x30, 0x81, 0x7e]);
    inner[2] += 1;
    assert!(parse(&inner).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_reading_or_judging_panic(bytes: Vec<u8>) {
        verifies(&bytes);
        let _ = Unsigned::read(&bytes, None);
        let _ = PublicKey::read(&bytes);
        let _ = Signature::read(&bytes);
    }

    #[test]
    fn no_text_makes_reading_a_key_panic(text: String, base64 in "[A-Za-z0-9+/=\n]{0,200}") {
        let _ = SigningKey::from_pem(&text);
        for label in ["EC PRIVATE KEY", "PRIVATE KEY", "CERTIFICATE", "PUBLIC KEY"] {
            let pem = format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n");
            prop_assert!(SigningKey::from_pem(&pem).is_err());
            prop_assert!(PublicKey::read(pem.as_bytes()).is_err());
        }
    }

    #[test]
    fn no_damaged_certificate_makes_anything_panic(at in 0_usize..600, value: u8) {
        let draft = CertificateDraft {
            name: "a".to_owned(),
            vendor_id: None,
            class_id: None,
            is_development: true,
            not_before: Moment::from_millisecond(0),
            days: 1,
        };
        let key = SigningKey::generate().unwrap();
        let mut der = draft.sign(&key).unwrap().der().to_vec();
        let at = at % der.len();
        der[at] = value;
        if let Ok(certificate) = Certificate::read(&der) {
            prop_assert!(!certificate.facts().fingerprint.to_string().is_empty());
        }
    }

    #[test]
    fn no_damaged_vector_makes_anything_panic(
        which in 0_usize..3,
        at in 0_usize..320,
        bytes_there in proptest::collection::vec(any::<u8>(), 0..12),
    ) {
        let mut damaged = bytes([A, B, C][which]);
        let start = at.min(damaged.len());
        let end = (start + bytes_there.len()).min(damaged.len());
        damaged.splice(start..end, bytes_there);
        if let Ok(manifest) = parse(&damaged) {
            verify(&manifest, Some(&trust()));
            device_limits(&manifest);
            prop_assert!(!manifest.fields.is_empty());
        }
    }
}
