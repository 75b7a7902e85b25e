//! Manifests that are made again, in every format, and those that are not made.

use firmdrop_core::Sha256;

use super::vectors::{
    A, B, C, FINGERPRINT, PUBLIC_KEY, bytes, draft, every_format, judged, v1, v3,
};
use crate::{
    Draft, PayloadFormat, PublicKey, SchemaDraft, SemanticVersion, Signature, SigningKey, Trust,
    Unsigned, parse, verify,
};

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
