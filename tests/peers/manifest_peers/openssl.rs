//! Signatures, keys and certificates that go between us and `openssl`.

use firmdrop_manifest::{PayloadFormat, PublicKey, Signature, SigningKey, Unsigned, parse};

use super::bench::{Bench, VENDOR, draft, manifest_tool, payload, v3};

#[test]
fn openssl_verifies_our_signatures_over_the_bytes_as_they_stand() {
    let bench = Bench::of_ours();
    bench.go(
        "openssl",
        "x509 -inform der -in cert.der -noout -pubkey -out pub.pem",
    );
    for schema in [v3(None), bench.v1(1_700_000_000)] {
        bench.write_signed("m.bin", &draft(payload(PayloadFormat::Raw), schema));
        let bytes = bench.read("m.bin");
        let manifest = parse(&bytes).unwrap();
        let signature = Signature::read(manifest.signatures[0].signature.as_slice()).unwrap();
        bench.write("signed.bin", &bytes[manifest.signed_range()]);
        bench.write("signature.der", &signature.to_der());
        let stated = bench.go(
            "openssl",
            "dgst -sha256 -verify pub.pem -signature signature.der signed.bin",
        );
        assert!(stated.contains("Verified OK"), "{stated}");
    }
}

#[test]
fn openssl_signs_what_we_export_and_the_vendors_tool_takes_the_result() {
    let bench = Bench::of_ours();
    for schema in [v3(None), bench.v1(1_700_000_000)] {
        let wanted = draft(payload(PayloadFormat::Raw), schema);
        bench.write("export.bin", wanted.prepare().unwrap().bytes_to_sign());
        bench.go(
            "openssl",
            "dgst -sha256 -sign key.pem -out signature.der export.bin",
        );
        let fingerprint = bench.certificate.facts().fingerprint;
        let unsigned = Unsigned::read(&bench.read("export.bin"), Some(fingerprint)).unwrap();
        let signature = Signature::read(&bench.read("signature.der")).unwrap();
        let key = bench.certificate.public_key();
        bench.write("m.bin", &unsigned.with_signature(&signature, key).unwrap());
        bench.verified("m.bin");
        let stated = bench.go(manifest_tool(), "parse m.bin --public-key pub.bin");
        assert!(stated.contains("Manifest Signature verified!"), "{stated}");
    }
}

#[test]
fn keys_and_certificates_are_understood_in_both_directions() {
    let ours = Bench::of_ours();
    let stated = ours.go("openssl", "pkey -in key.pem -noout -check");
    assert!(stated.contains("valid"), "{stated}");
    let stated = ours.go(
        "openssl",
        "x509 -inform der -in cert.der -noout -subject -fingerprint -sha256",
    );
    assert!(stated.contains(&format!("vendor {VENDOR}")), "{stated}");
    let fingerprint = ours.certificate.facts().fingerprint.to_string();
    assert!(
        stated
            .replace(':', "")
            .to_lowercase()
            .contains(&fingerprint),
        "{stated}"
    );
    ours.go(manifest_tool(), "public-key key.pem --out theirs.bin");
    assert_eq!(ours.read("theirs.bin"), ours.read("pub.bin"));

    let theirs = Bench::of_openssl();
    assert!(theirs.certificate.facts().is_development, "CN=localhost");
    theirs.go(
        "openssl",
        "pkcs8 -topk8 -nocrypt -in key.pem -out pkcs8.pem",
    );
    theirs.go("openssl", "pkey -in key.pem -pubout -out pub.pem");
    theirs.go("openssl", "x509 -inform der -in cert.der -out cert.pem");
    let pem = String::from_utf8(theirs.read("pkcs8.pem")).unwrap();
    let expected = theirs.key.public_key();
    assert_eq!(SigningKey::from_pem(&pem).unwrap().public_key(), expected);
    for name in ["pub.pem", "cert.der", "cert.pem"] {
        assert_eq!(
            PublicKey::read(&theirs.read(name)).unwrap(),
            expected,
            "{name}"
        );
    }
    theirs.go(
        "openssl",
        "ec -aes128 -passout pass:x -in key.pem -out locked.pem",
    );
    theirs.go(
        "openssl",
        "ecparam -genkey -name secp384r1 -noout -out p384.pem",
    );
    for name in ["locked.pem", "p384.pem"] {
        let pem = String::from_utf8(theirs.read(name)).unwrap();
        assert!(SigningKey::from_pem(&pem).is_err(), "{name}");
    }
}
