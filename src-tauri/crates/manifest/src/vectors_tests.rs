//! The known-answer vectors: made by `manifest-tool` 2.6.2 with a key that was thrown away.
//!
//! Each is read, verified, made again from its own fields, and damaged in every bit.

use firmdrop_core::{CheckResult, Moment, Sha256};
use proptest::prelude::*;

use crate::{
    Certificate, CertificateDraft, Draft, Hex, Id, ImageFacts, Installed, Manifest, Payload,
    PayloadFormat, PublicKey, Schema, SchemaDraft, SemanticVersion, Signature, SigningKey,
    Trailing, Trust, Unsigned, Verification, Version, compare, device_limits, parse, require_image,
    verify,
};

const PUBLIC_KEY: &str = concat!(
    "04a3427e41ee73cd13e0d091c4a9d30d9885f287b1e0bd402e1e65793b4f423559e56194165020f9930a5258",
    "b4ffa1ca760968688c8de2ae902d4beaff74afb6dd",
);
const FINGERPRINT: &str = "c2b97373086a7c4b8d7adb8e570073663989e6cd4d5c80ed44737d1b8ba8e8a0";
const URI: &str = "http://127.0.0.1:8080/fw/abc";

/// Schema 3, raw, 1.2.3, priority 1.
const A: &str = concat!(
    "3081c50a0103307e0410cfbff0d193755685968c48ce8b15ae170410c9e5e8a4dd02584fbcad02e9cd816d21",
    "0201010c044d41494e0c05312e322e33",
    "0420cd2df694e424bc7968cc37f47751019e5ca0cd1bdf2e479ea537c3a1c32ee1aa02030186a00c1c687474",
    "703a2f2f3132372e302e302e313a3830",
    "38302f66772f6162630a01010400044091c2a94a235512429d22cb0ff09c02aa0d836999de78e329e49091e2",
    "ef387592989f5bccea44d4e3adc0097c",
    "6e285391d2737343568195d323815179bd416cba",
);
/// Schema 3, signed image, vendor data, 2.0.0, priority 128.
const B: &str = concat!(
    "3082010b0a01033081c30410cfbff0d193755685968c48ce8b15ae170410c9e5e8a4dd02584fbcad02e9cd81",
    "6d21020200800c044d41494e0c05322e",
    "302e300420cd2df694e424bc7968cc37f47751019e5ca0cd1bdf2e479ea537c3a1c32ee1aa02030186a00c1c",
    "687474703a2f2f3132372e302e302e31",
    "3a383038302f66772f6162630a010104402f9623850d2eed3720fbede77fff730e3643ebc3849cd1b194a433",
    "a4cc66ca314438a52685dd1cd62dc2a1",
    "85660d5f486c78c9c47701ee8825201ddd1c020dd3040276640440308172c1b794b42a72b04848f1fe8fd0f2",
    "057846a6aa22128b874ae0b6813e0f95",
    "1078873158c756004af5212f5ae89d891a95b1ef0f8ae5a34a179d675f90ce",
);
/// Schema 1, time as version, empty nonce.
const C: &str = concat!(
    "3082013830819b0a01003081950a010102046553f1000410cfbff0d193755685968c48ce8b15ae170410c9e5",
    "e8a4dd02584fbcad02e9cd816d210400",
    "040004000101ff0201010a01023000300030530a01010c0764656661756c7430450420cd2df694e424bc7968",
    "cc37f47751019e5ca0cd1bdf2e479ea5",
    "37c3a1c32ee1aa0c1c687474703a2f2f3132372e302e302e313a383038302f66772f61626302030186a03081",
    "97042041585470f8822a18b5363ecd92",
    "fdbe4b79a672c332cde5a3830160aa4e87e7c13073307104473045022100e2a7e33e0a7716c421ccca325370",
    "269fb5a4c798be9561552c12eacc7ef4",
    "cc640220075cece4bddd2603984135d52738ea12634b41203ef406f14c3f93830b53b8e3302630240420c2b9",
    "7373086a7c4b8d7adb8e570073663989",
    "e6cd4d5c80ed44737d1b8ba8e8a00c00",
);

fn bytes(vector: &str) -> Vec<u8> {
    Hex::read(vector).unwrap().0
}

fn firmware() -> Vec<u8> {
    (0..100_000_u32).map(|i| (i % 251) as u8).collect()
}

fn trust() -> Trust {
    let key = PublicKey::read(&bytes(PUBLIC_KEY)).unwrap();
    Trust::key_of_certificate(key, FINGERPRINT.parse().unwrap())
}

fn judged(bytes: &[u8]) -> (Manifest, Verification) {
    let manifest = parse(bytes).unwrap();
    let verification = verify(&manifest, Some(&trust()));
    (manifest, verification)
}

fn result(verification: &Verification, name: &str) -> CheckResult {
    let check = verification.checks.iter().find(|check| check.name == name);
    check.unwrap().result
}

/// Whether somebody who trusts the vectors' key would take these bytes.
fn verifies(bytes: &[u8]) -> bool {
    parse(bytes).is_ok_and(|manifest| verify(&manifest, Some(&trust())).is_verified())
}

fn payload() -> Payload {
    Payload {
        format: PayloadFormat::Raw,
        digest: Sha256::of(&firmware()),
        size_bytes: 100_000,
        uri: URI.to_owned(),
        installed: None,
        precursor_digest: None,
    }
}

fn draft(priority: u32, schema: SchemaDraft) -> Draft {
    let vendor_id = Id::vendor_of_domain("example.com").unwrap();
    Draft {
        vendor_id,
        class_id: Id::class_of_model(vendor_id, "Widget").unwrap(),
        priority: Some(priority),
        payload: payload(),
        vendor_data: Vec::new(),
        schema,
    }
}

fn v3(version: &str) -> SchemaDraft {
    SchemaDraft::V3 {
        component: "MAIN".to_owned(),
        version: SemanticVersion::read(version).unwrap(),
        image_signature: None,
    }
}

fn v1(nonce: Option<[u8; 16]>) -> SchemaDraft {
    SchemaDraft::V1 {
        version: 1_700_000_000,
        nonce,
        certificate: FINGERPRINT.parse().unwrap(),
    }
}

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
fn every_vector_is_made_again_byte_for_byte_with_its_signature() {
    let key = PublicKey::read(&bytes(PUBLIC_KEY)).unwrap();
    let image_signature = Signature::read(judged(&bytes(B)).0.image_signature.as_slice()).unwrap();
    let mut b = draft(
        128,
        SchemaDraft::V3 {
            component: "MAIN".to_owned(),
            version: SemanticVersion::read("2.0.0").unwrap(),
            image_signature: Some(image_signature),
        },
    );
    b.vendor_data = b"vd".to_vec();
    for (vector, draft) in [(A, draft(1, v3("1.2.3"))), (B, b), (C, draft(1, v1(None)))] {
        let expected = bytes(vector);
        let manifest = parse(&expected).unwrap();
        let unsigned = draft.prepare().unwrap();
        assert_eq!(unsigned.bytes_to_sign(), manifest.signed_bytes());
        let signature = Signature::read(manifest.signatures[0].signature.as_slice()).unwrap();
        assert_eq!(unsigned.with_signature(&signature, &key).unwrap(), expected);
    }
}

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

fn every_format() -> Vec<Draft> {
    let installed = Some(Installed {
        digest: Sha256::of(b"installed"),
        size_bytes: 200_000,
    });
    let with = |format, precursor_digest| Payload {
        format,
        installed,
        precursor_digest,
        ..payload()
    };
    let precursor = Some(Sha256::of(b"old"));
    let mut drafts = vec![draft(0, v3("1.0.0")), draft(1, v1(Some([7; 16])))];
    for payload in [
        with(PayloadFormat::Patch, precursor),
        with(PayloadFormat::Combined, None),
        with(PayloadFormat::EncryptedRaw, None),
        with(PayloadFormat::EncryptedCombined, None),
    ] {
        drafts.push(Draft {
            payload,
            ..draft(i32::MAX.unsigned_abs(), v3("999.999.999"))
        });
    }
    drafts.push(Draft {
        payload: with(PayloadFormat::Patch, precursor),
        ..draft(3, v1(Some([7; 16])))
    });
    drafts
}

#[test]
fn every_format_is_made_signed_twice_the_same_and_read_back() {
    let key = SigningKey::generate().unwrap();
    for mut draft in every_format() {
        if let SchemaDraft::V3 {
            image_signature, ..
        } = &mut draft.schema
        {
            let digest = draft.payload.installed_digest();
            *image_signature = Some(key.sign(&digest, crate::Nonces::Deterministic).unwrap());
        }
        let unsigned = draft.prepare().unwrap();
        let made = unsigned.sign(&key, crate::Nonces::Deterministic).unwrap();
        assert_eq!(
            unsigned.sign(&key, crate::Nonces::Deterministic).unwrap(),
            made
        );
        let manifest = parse(&made).unwrap();
        assert_eq!(manifest.payload.as_ref(), Some(&draft.payload));
        let trust = Trust::key_of_certificate(key.public_key(), FINGERPRINT.parse().unwrap());
        let verification = verify(&manifest, Some(&trust));
        assert!(verification.is_verified(), "{verification:?}");
        let random = unsigned.sign(&key, crate::Nonces::Random).unwrap();
        assert_ne!(random, made);
        assert!(verify(&parse(&random).unwrap(), Some(&trust)).is_verified());
    }
}

#[test]
fn exported_bytes_come_back_and_take_only_a_signature_over_them() {
    let key = SigningKey::generate().unwrap();
    let fingerprint = Some(FINGERPRINT.parse().unwrap());
    for draft in every_format() {
        let exported = draft.prepare().unwrap();
        let back = Unsigned::read(exported.bytes_to_sign(), fingerprint).unwrap();
        let digest = Sha256::of(back.bytes_to_sign());
        let signature = key.sign(&digest, crate::Nonces::Deterministic).unwrap();
        for written in [signature.to_der(), signature.to_raw()] {
            let read = Signature::read(&written).unwrap();
            let made = back.with_signature(&read, &key.public_key()).unwrap();
            assert!(parse(&made).is_ok());
        }
        let other = SigningKey::generate().unwrap().public_key();
        assert!(back.with_signature(&signature, &other).is_err());
    }
    let v1 = draft(1, v1(None)).prepare().unwrap();
    assert!(Unsigned::read(v1.bytes_to_sign(), None).is_err());
}

#[test]
fn what_contradicts_the_schema_is_not_made() {
    let refused = |change: &dyn Fn(&mut Draft)| {
        let mut draft = draft(1, v3("1.2.3"));
        change(&mut draft);
        assert!(draft.prepare().is_err(), "{draft:?}");
    };
    refused(&|draft| draft.priority = None);
    refused(&|draft| draft.payload.uri.clear());
    refused(&|draft| draft.payload.uri.push(' '));
    refused(&|draft| draft.payload.format = PayloadFormat::Patch);
    refused(&|draft| draft.payload.format = PayloadFormat::EncryptedRaw);
    refused(&|draft| draft.payload.format = PayloadFormat::Unknown(9));
    refused(&|draft| draft.payload.precursor_digest = Some(Sha256::of(b"")));
    let mut combined = every_format().remove(3);
    combined.schema = v1(None);
    assert!(combined.prepare().is_err());
    let mut large = draft(1, v3("1.2.3"));
    large.vendor_data = vec![0; 2048];
    let key = SigningKey::generate().unwrap();
    let signed = large
        .prepare()
        .unwrap()
        .sign(&key, crate::Nonces::Deterministic);
    assert!(matches!(signed, Err(crate::ManifestError::TooLarge { .. })));
}

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
        "Address, bytes",
        "Payload's size, bytes",
        "Priority",
        "Vendor data, bytes",
        "Component's name, bytes",
        "Manifest's size, bytes",
    ];
    assert_eq!(names(&wrong), expected);
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
