//! Three manifests that `manifest-tool` 2.6.2 made, the key they were signed with, and what is in them.

use firmdrop_core::{CheckResult, Sha256};

use crate::{
    Draft, Hex, Id, Installed, Manifest, Payload, PayloadFormat, PublicKey, SchemaDraft,
    SemanticVersion, Trust, Verification, parse, verify,
};

pub(crate) const PUBLIC_KEY: &str = concat!(
    "04a3427e41ee73cd13e0d091c4a9d30d9885f287b1e0bd402e1e65793b4f423559e56194165020f9930a5258",
    "b4ffa1ca760968688c8de2ae902d4beaff74afb6dd",
);

pub(crate) const FINGERPRINT: &str =
    "c2b97373086a7c4b8d7adb8e570073663989e6cd4d5c80ed44737d1b8ba8e8a0";

pub(crate) const URI: &str = "http://127.0.0.1:8080/fw/abc";

/// Schema 3, raw, 1.2.3, priority 1.
pub(crate) const A: &str = concat!(
    "3081c50a0103307e0410cfbff0d193755685968c48ce8b15ae170410c9e5e8a4dd02584fbcad02e9cd816d21",
    "0201010c044d41494e0c05312e322e33",
    "0420cd2df694e424bc7968cc37f47751019e5ca0cd1bdf2e479ea537c3a1c32ee1aa02030186a00c1c687474",
    "703a2f2f3132372e302e302e313a3830",
    "38302f66772f6162630a01010400044091c2a94a235512429d22cb0ff09c02aa0d836999de78e329e49091e2",
    "ef387592989f5bccea44d4e3adc0097c",
    "6e285391d2737343568195d323815179bd416cba",
);

/// Schema 3, signed image, vendor data, 2.0.0, priority 128.
pub(crate) const B: &str = concat!(
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
pub(crate) const C: &str = concat!(
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

pub(crate) fn bytes(vector: &str) -> Vec<u8> {
    Hex::read(vector).unwrap().0
}

pub(crate) fn firmware() -> Vec<u8> {
    (0..100_000_u32).map(|i| (i % 251) as u8).collect()
}

pub(crate) fn trust() -> Trust {
    let key = PublicKey::read(&bytes(PUBLIC_KEY)).unwrap();
    Trust::key_of_certificate(key, FINGERPRINT.parse().unwrap())
}

pub(crate) fn judged(bytes: &[u8]) -> (Manifest, Verification) {
    let manifest = parse(bytes).unwrap();
    let verification = verify(&manifest, Some(&trust()));
    (manifest, verification)
}

pub(crate) fn result(verification: &Verification, name: &str) -> CheckResult {
    let check = verification.checks.iter().find(|check| check.name == name);
    check.unwrap().result
}

/// Whether somebody who trusts the vectors' key would take these bytes.
pub(crate) fn verifies(bytes: &[u8]) -> bool {
    parse(bytes).is_ok_and(|manifest| verify(&manifest, Some(&trust())).is_verified())
}

pub(crate) fn payload() -> Payload {
    Payload {
        format: PayloadFormat::Raw,
        digest: Sha256::of(&firmware()),
        size_bytes: 100_000,
        uri: URI.to_owned(),
        installed: None,
        precursor_digest: None,
    }
}

pub(crate) fn draft(priority: u32, schema: SchemaDraft) -> Draft {
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

pub(crate) fn v3(version: &str) -> SchemaDraft {
    SchemaDraft::V3 {
        component: "MAIN".to_owned(),
        version: SemanticVersion::read(version).unwrap(),
        image_signature: None,
    }
}

pub(crate) fn v1(nonce: Option<[u8; 16]>) -> SchemaDraft {
    SchemaDraft::V1 {
        version: 1_700_000_000,
        nonce,
        certificate: FINGERPRINT.parse().unwrap(),
    }
}

pub(crate) fn every_format() -> Vec<Draft> {
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
