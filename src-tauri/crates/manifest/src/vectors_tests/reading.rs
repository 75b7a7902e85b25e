//! What is read from the vectors, and that it verifies.

use firmdrop_core::{CheckResult, Sha256};

use super::vectors::{
    A, B, C, FINGERPRINT, URI, bytes, draft, firmware, judged, payload, result, v3,
};
use crate::{
    Draft, ImageFacts, Schema, SchemaDraft, SigningKey, Trailing, Version, device_limits, parse,
    require_image,
};

#[test]
fn every_vector_verifies_with_its_key_and_its_image() {
    let image = ImageFacts {
        sha256: Sha256::of(&firmware()),
        size_bytes: 100_000,
        uri: Some(URI.to_owned()),
    };
    for (vector, size) in [(A, 200), (B, 271), (C, 316)] {
        let (manifest, verification) = judged(&bytes(vector));
        assert!(verification.is_verified(), "{verification:?}");
        assert_eq!(manifest.size_bytes, size);
        assert_eq!(manifest.trailing, Trailing::Nothing);
        require_image(&manifest, &image).unwrap();
    }
}

#[test]
fn the_fields_of_the_vectors_are_read() {
    let (a, _) = judged(&bytes(A));
    assert_eq!((a.schema, a.priority), (Schema::V3, Some(1)));
    assert_eq!(a.version.to_string(), "1.2.3");
    assert_eq!(a.component.as_deref(), Some("MAIN"));
    assert_eq!(a.payload, Some(payload()));
    let (b, verification) = judged(&bytes(B));
    assert_eq!(
        (b.priority, b.vendor_data.as_slice()),
        (Some(128), &b"vd"[..])
    );
    assert_eq!(
        result(&verification, "Image signature"),
        CheckResult::Passed
    );
    let (c, _) = judged(&bytes(C));
    assert_eq!(c.version, Version::Number(1_700_000_000));
    assert_eq!(c.vendor_id, a.vendor_id);
    assert_eq!(c.signatures[0].certificates[0].to_string(), FINGERPRINT);
    assert!(c.v1.unwrap().nonce.is_empty());
}

#[test]
fn each_field_stands_where_its_offset_says() {
    for vector in [A, B, C] {
        let bytes = bytes(vector);
        let manifest = parse(&bytes).unwrap();
        let digest = manifest
            .fields
            .iter()
            .find(|field| {
                field.name.ends_with("payload-digest") || field.name.ends_with("reference.hash")
            })
            .unwrap();
        let at = digest.offset as usize;
        assert_eq!(bytes[at..at + 2], [4, 32]);
        assert_eq!(digest.length_bytes, 34);
        assert_eq!(digest.value, Sha256::of(&firmware()).to_string());
    }
}

#[test]
fn trailing_bytes_are_reported_and_the_payload_key_is_recognised_and_not_shown() {
    let mut with_garbage = bytes(A);
    with_garbage.extend([1, 2, 3]);
    let (manifest, verification) = judged(&with_garbage);
    let expected = Trailing::Unknown {
        offset: 200,
        length_bytes: 3,
    };
    assert_eq!(manifest.trailing, expected);
    assert_eq!(
        result(&verification, "Trailing bytes"),
        CheckResult::Warning
    );

    let mut with_key = bytes(A);
    with_key.extend([0x81, 16]);
    with_key.extend([0xab; 16]);
    let (manifest, _) = judged(&with_key);
    assert_eq!(manifest.trailing, Trailing::PayloadKey);
    assert!(!format!("{manifest:?}").contains("abab"));
    with_key.push(0);
    assert!(matches!(
        judged(&with_key).0.trailing,
        Trailing::Unknown { .. }
    ));
}

#[test]
fn what_the_default_device_build_does_not_take_is_a_warning() {
    let names = |draft: &Draft| -> Vec<String> {
        let key = SigningKey::generate().unwrap();
        let made = draft
            .prepare()
            .unwrap()
            .sign(&key, crate::Nonces::Deterministic);
        let checks = device_limits(&parse(&made.unwrap()).unwrap());
        let warned = checks
            .iter()
            .filter(|check| check.result == CheckResult::Warning);
        warned.map(|check| check.name.clone()).collect()
    };
    assert_eq!(names(&draft(1, v3("1.2.3"))), [""; 0]);
    let mut wrong = draft(u32::MAX, v3("1.2.3"));
    wrong.vendor_data = b"vd".to_vec();
    wrong.payload.size_bytes = 1 << 31;
    wrong.payload.uri = format!("http://example.com/{}", "a".repeat(400));
    if let SchemaDraft::V3 { component, .. } = &mut wrong.schema {
        "COMPONENT".clone_into(component);
    }
    let expected = [
        "Address",
        "Address, bytes",
        "Payload's size, bytes",
        "Priority",
        "Vendor data, bytes",
        "Component's name, bytes",
        "Manifest's size, bytes",
    ];
    assert_eq!(names(&wrong), expected);
}
