//! Tests of manifests as dropped files.

use firmdrop_core::{Moment, Sha256};
use firmdrop_image::Integrity;
use firmdrop_manifest::{
    CertificateDraft, Draft, Id, Nonces, Payload, PayloadFormat, SchemaDraft, SemanticVersion,
    SigningKey,
};

use super::*;

fn draft(schema: SchemaDraft) -> Draft {
    let vendor_id = Id::vendor_of_domain("example.com").unwrap();
    Draft {
        vendor_id,
        class_id: Id::class_of_model(vendor_id, "lamp").unwrap(),
        priority: Some(7),
        payload: Payload {
            format: PayloadFormat::Raw,
            digest: Sha256::of(b"lamp"),
            size_bytes: 4,
            uri: "https://store.example/lamp.bin".to_owned(),
            installed: None,
            precursor_digest: None,
        },
        vendor_data: Vec::new(),
        schema,
    }
}

fn v3(key: &SigningKey) -> Vec<u8> {
    let schema = SchemaDraft::V3 {
        component: "MAIN".to_owned(),
        version: SemanticVersion::read("1.4.2").unwrap(),
        image_signature: None,
    };
    let unsigned = draft(schema).prepare().unwrap();
    unsigned.sign(key, Nonces::Deterministic).unwrap()
}

fn inspected(bytes: &[u8], keys: &[(String, Vec<u8>)]) -> Inspection {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("manifest");
    std::fs::write(&path, bytes).unwrap();
    let (source, mut inspection) = firmdrop_engine::inspect(&path).unwrap();
    let manifest = manifest(&source, &inspection).unwrap();
    describe(&manifest, keys, &mut inspection);
    inspection
}

fn key_file(name: &str, key: &SigningKey) -> (String, Vec<u8>) {
    (name.to_owned(), key.public_key().point())
}

fn result(found: &Inspection, name: &str) -> Option<(CheckResult, String)> {
    let check = found.checks.iter().find(|check| check.name == name)?;
    Some((check.result, check.explanation.clone()))
}

#[test]
fn a_manifest_is_named_with_its_version_payload_and_whom_it_is_for() {
    let key = SigningKey::generate().unwrap();
    let found = inspected(&v3(&key), &[]);
    assert_eq!(found.summary, "Firmware manifest, schema v3, version 1.4.2");
    assert_eq!(found.format, Format::Named);
    let value = |label: &str| {
        let fact = found.facts.iter().find(|fact| fact.label == label);
        fact.map(|fact| fact.value.as_str())
    };
    assert_eq!(value("Payload"), Some("raw-binary, 4 bytes"));
    let digest = Sha256::of(b"lamp").to_string();
    assert_eq!(value("SHA-256 of the payload"), Some(digest.as_str()));
    // Nothing but the signature would show a changed byte.
    assert_eq!(found.integrity(), Integrity::NotFullyCheckable);
}

#[test]
fn a_signature_is_verified_with_the_right_key_among_others() {
    let (key, other) = (
        SigningKey::generate().unwrap(),
        SigningKey::generate().unwrap(),
    );
    let bytes = v3(&key);
    let rsa = ("rsa.pem".to_owned(), b"not of this kind".to_vec());
    let keys = [
        rsa.clone(),
        key_file("other", &other),
        key_file("ours", &key),
    ];
    let found = inspected(&bytes, &keys);
    let (verdict, why) = result(&found, "Signature").unwrap();
    assert_eq!(verdict, CheckResult::Passed);
    assert!(why.ends_with("made with the key ours"), "{why}");
    assert_eq!(found.integrity(), Integrity::Intact);
    let (verdict, why) = result(&inspected(&bytes, &keys[..2]), "Signature").unwrap();
    assert_eq!(verdict, CheckResult::NotMade);
    assert!(why.starts_with("it is not that of other"), "{why}");
    let (verdict, why) = result(&inspected(&bytes, &[rsa]), "Signature").unwrap();
    assert_eq!(verdict, CheckResult::NotMade);
    assert!(why.ends_with("no key of that kind was given"), "{why}");
}

#[test]
fn a_changed_byte_is_not_verified_in_v3_and_damage_in_v1() {
    let key = SigningKey::generate().unwrap();
    let mut bytes = v3(&key);
    let at = bytes.windows(4).position(|four| four == b"lamp").unwrap();
    bytes[at] ^= 1;
    let (verdict, _) = result(&inspected(&bytes, &[key_file("ours", &key)]), "Signature").unwrap();
    assert_eq!(verdict, CheckResult::NotMade);

    let certificate = CertificateDraft {
        name: "lamp".to_owned(),
        vendor_id: None,
        class_id: None,
        is_development: false,
        not_before: Moment::from_millisecond(1_700_000_000_000),
        days: 90,
    };
    let certificate = certificate.sign(&key).unwrap();
    let schema = SchemaDraft::V1 {
        version: 1_700_000_001,
        nonce: Some([7; 16]),
        certificate: certificate.facts().fingerprint,
    };
    let unsigned = draft(schema).prepare().unwrap();
    let mut bytes = unsigned.sign(&key, Nonces::Deterministic).unwrap();
    assert_eq!(inspected(&bytes, &[]).integrity(), Integrity::Intact);
    let named = [("device.der".to_owned(), certificate.der().to_vec())];
    let found = inspected(&bytes, &named);
    assert_eq!(found.integrity(), Integrity::Intact, "{:?}", found.checks);
    assert_eq!(
        result(&found, "Signature").map(|(verdict, _)| verdict),
        Some(CheckResult::Passed)
    );
    let at = bytes.windows(4).position(|four| four == b"lamp").unwrap();
    bytes[at] ^= 1;
    let found = inspected(&bytes, &[]);
    assert_eq!(found.integrity(), Integrity::Damaged);
    assert!(result(&found, "Hash").unwrap().1.contains("its bytes give"));
}

#[test]
fn what_is_no_manifest_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let zeros = vec![0; 70_000];
    for bytes in [&b"\x30\x03\x0A\x01\x03"[..], b"hello", &zeros] {
        std::fs::write(&path, bytes).unwrap();
        let (source, inspection) = firmdrop_engine::inspect(&path).unwrap();
        assert!(manifest(&source, &inspection).is_none());
    }
}
