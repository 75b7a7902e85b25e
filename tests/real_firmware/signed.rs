//! Signatures that others made, checked with the public halves of their keys: `espsecure` for ESP chips,
//! `nrfutil` for Nordic packages, OpenSSL for GBL images that are put together here by the specification.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crc::{CRC_32_ISO_HDLC, Crc};
use firmdrop_image::{
    CheckResult, Inspection, Integrity, MemorySource, PublicKey, Source, check_signatures, inspect,
};

use crate::outside::{self, Outside, run};
use crate::result;

fn look(bytes: &[u8], keys: &[PublicKey]) -> Inspection {
    let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
    let mut found = inspect(source.as_ref()).unwrap();
    check_signatures(&source, &mut found, keys).unwrap();
    found
}

fn said(found: &Inspection, check: &str) -> String {
    let check = found.checks.iter().find(|found| found.name == check);
    check.unwrap().explanation.clone()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A private key on P-256 and the public one.
fn pair(outside: &Outside, name: &str) -> (PathBuf, PublicKey) {
    let private = outside.path(&format!("{name}.pem"));
    let curve = [
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
    ];
    run("openssl", [&curve[..], &["-out", text(&private)]].concat());
    let public = public(outside, name, &private);
    (private, public)
}

fn public(outside: &Outside, name: &str, private: &Path) -> PublicKey {
    let path = outside.path(&format!("{name}.pub.pem"));
    let arguments = ["pkey", "-pubout", "-in", text(private), "-out", text(&path)];
    run("openssl", arguments);
    PublicKey::read(name, &std::fs::read(path).unwrap()).unwrap()
}

/// The two numbers of OpenSSL's signature of these bytes, 32 bytes each.
fn numbers(outside: &Outside, private: &Path, bytes: &[u8]) -> Vec<u8> {
    let (message, signature) = (outside.path("message"), outside.path("signature"));
    std::fs::write(&message, bytes).unwrap();
    let sign = [
        "dgst",
        "-sha256",
        "-sign",
        text(private),
        "-out",
        text(&signature),
        text(&message),
    ];
    run("openssl", sign);
    let der = std::fs::read(signature).unwrap();
    // A sequence of two integers, each with its length and perhaps a zero in front.
    let mut rest = &der[2..];
    let mut both = Vec::new();
    for _ in 0..2 {
        let length = usize::from(rest[1]);
        let value = &rest[2..2 + length];
        let value = &value[value.len().saturating_sub(32)..];
        both.extend(vec![0; 32 - value.len()]);
        both.extend(value);
        rest = &rest[2 + length..];
    }
    both
}

#[test]
fn signatures_of_espsecure_are_verified_and_a_changed_image_is_damage() {
    let outside = Outside::new();
    let espsecure = outside::python_program("espsecure");
    let plain = crate::agreement::esp::image(&outside, "esp32c3");
    for scheme in ["rsa3072", "ecdsa256"] {
        let private = outside.path(&format!("{scheme}.pem"));
        let make = [
            "generate-signing-key",
            "--version",
            "2",
            "--scheme",
            scheme,
            text(&private),
        ];
        run(&espsecure, make);
        let signed = outside.path("signed.bin");
        let _ = std::fs::remove_file(&signed);
        let sign = [
            "sign-data",
            "--version",
            "2",
            "--keyfile",
            text(&private),
            "--output",
        ];
        run(
            &espsecure,
            [&sign[..], &[text(&signed), text(&plain)]].concat(),
        );
        let bytes = std::fs::read(&signed).unwrap();

        let found = look(&bytes, &[]);
        assert_eq!(
            result(&found, "Secure boot block"),
            Some(CheckResult::Passed),
            "{found:#?}"
        );
        let key = public(&outside, scheme, &private);
        let found = look(&bytes, std::slice::from_ref(&key));
        assert_eq!(
            result(&found, "Signature"),
            Some(CheckResult::Passed),
            "{found:#?}"
        );
        assert_eq!(found.integrity(), Integrity::Intact);

        let (_, other) = pair(&outside, "other");
        let found = look(&bytes, &[other]);
        assert_eq!(
            result(&found, "Signature"),
            Some(CheckResult::NotMade),
            "{found:#?}"
        );

        // The padding between image and signature has no checksum but the signature's.
        let mut changed = bytes.clone();
        let at = std::fs::metadata(&plain).unwrap().len();
        changed[usize::try_from(at).unwrap() + 5] ^= 1;
        let found = look(&changed, std::slice::from_ref(&key));
        assert!(
            said(&found, "Secure boot block").contains("hash of another image"),
            "{found:#?}"
        );
        assert_eq!(result(&found, "Signature"), Some(CheckResult::Failed));

        // A signature that was changed under a CRC that was made right again.
        let mut forged = bytes.clone();
        let block = bytes.len() - 4096;
        let at = if scheme == "rsa3072" {
            block + 820
        } else {
            block + 110
        };
        forged[at] ^= 1;
        let crc = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(&forged[block..block + 1196]);
        forged[block + 1196..block + 1200].copy_from_slice(&crc.to_le_bytes());
        let found = look(&forged, &[key]);
        assert_eq!(
            result(&found, "Secure boot block"),
            Some(CheckResult::Passed)
        );
        assert!(
            said(&found, "Signature").contains("was changed"),
            "{found:#?}"
        );
        assert_eq!(found.integrity(), Integrity::Damaged);
    }
}

#[test]
fn the_signature_of_nrfutil_is_verified_with_its_key_and_not_with_another() {
    let outside = Outside::new();
    let bytes = include_bytes!("nrfutil/package.zip");
    let key = PublicKey::read("nordic", include_bytes!("nrfutil/key.pem")).unwrap();
    let found = look(bytes, &[key]);
    let name = "Signature of the application";
    assert_eq!(
        result(&found, name),
        Some(CheckResult::Passed),
        "{found:#?}"
    );
    assert!(said(&found, name).contains("over the init command"));
    assert_eq!(found.integrity(), Integrity::Intact);
    let (_, other) = pair(&outside, "other");
    let found = look(bytes, &[other]);
    assert_eq!(result(&found, name), Some(CheckResult::NotMade));
}

fn tag(id: u32, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    [&id.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
}

/// A GBL image with a program, perhaps a certificate, and a signature.
fn gbl(outside: &Outside, private: &Path, certificate: Option<&[u8]>) -> Vec<u8> {
    let mut bytes = tag(0x03A6_17EB, &[0, 0, 0, 3, 0, 1, 0, 0]);
    let application = [&[0x10, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0][..], &[0; 16]].concat();
    bytes.extend(tag(0xF40A_0AF4, &application));
    bytes.extend(tag(0xFE01_01FE, &[0, 0x40, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]));
    bytes.extend(certificate.map_or_else(Vec::new, |found| tag(0xF30B_0BF3, found)));
    let signature = numbers(outside, private, &bytes);
    bytes.extend(tag(0xF70A_0AF7, &signature));
    bytes.extend(0xFC04_04FC_u32.to_le_bytes());
    bytes.extend(4_u32.to_le_bytes());
    let crc = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(&bytes);
    bytes.extend(crc.to_le_bytes());
    bytes
}

#[test]
fn the_signature_of_a_gbl_image_is_verified_by_its_key_or_by_that_of_its_certificate() {
    let outside = Outside::new();
    let (private, key) = pair(&outside, "signer");
    let (root, root_key) = pair(&outside, "root");
    let bytes = gbl(&outside, &private, None);
    let found = look(&bytes, std::slice::from_ref(&key));
    assert_eq!(
        result(&found, "Signature"),
        Some(CheckResult::Passed),
        "{found:#?}"
    );
    let found = look(&bytes, std::slice::from_ref(&root_key));
    assert_eq!(result(&found, "Signature"), Some(CheckResult::NotMade));

    // Version and flags, the point of the key, the certificate's version.
    let der = outside.path("signer.der");
    let arguments = [
        "pkey",
        "-pubout",
        "-outform",
        "DER",
        "-in",
        text(&private),
        "-out",
        text(&der),
    ];
    run("openssl", arguments);
    let der = std::fs::read(der).unwrap();
    let mut certificate = [&[1, 0, 0, 0][..], &der[der.len() - 64..], &[3, 0, 0, 0]].concat();
    let by_root = numbers(&outside, &root, &certificate);
    certificate.extend(by_root);
    let bytes = gbl(&outside, &private, Some(&certificate));
    let found = look(&bytes, std::slice::from_ref(&root_key));
    assert!(
        said(&found, "Signature").contains("of a certificate by root"),
        "{found:#?}"
    );
    certificate[10] ^= 1;
    let found = look(&gbl(&outside, &private, Some(&certificate)), &[root_key]);
    assert_eq!(result(&found, "Signature"), Some(CheckResult::NotMade));
}
