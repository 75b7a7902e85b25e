//! What we make is judged by the vendor's tools.

use firmdrop_core::CheckResult;
use firmdrop_manifest::{NONCE_BYTES, Nonces, PayloadFormat, SchemaDraft, parse, verify};

use super::bench::{Bench, CLASS, VENDOR, draft, manifest_tool, payload, program, said, v3};

#[test]
fn our_manifests_verify_with_the_vendors_tool_in_every_format() {
    let bench = Bench::of_ours();
    for format in [
        PayloadFormat::Raw,
        PayloadFormat::Patch,
        PayloadFormat::Combined,
        PayloadFormat::EncryptedRaw,
        PayloadFormat::EncryptedCombined,
    ] {
        let payload = payload(format);
        // For other formats that change the bytes, the tool compares with the wrong digest.
        let is_judged = matches!(format, PayloadFormat::Raw | PayloadFormat::Patch);
        let signature = is_judged.then(|| {
            let digest = payload.installed_digest();
            bench.key.sign(&digest, Nonces::Deterministic).unwrap()
        });
        bench.write_signed("m.bin", &draft(payload, v3(signature)));
        for trusted in [
            "--certificate cert.der",
            "--public-key pub.bin",
            "--private-key key.pem",
        ] {
            let stated = bench.go(manifest_tool(), &format!("parse m.bin {trusted}"));
            assert!(stated.contains("Manifest Signature verified!"), "{stated}");
            assert_eq!(
                stated.contains("Image Signature verified!"),
                is_judged,
                "{stated}"
            );
        }
    }
    for format in [PayloadFormat::Raw, PayloadFormat::Patch] {
        bench.write_signed("m.bin", &draft(payload(format), bench.v1(1_700_000_000)));
        let stated = bench.go(manifest_tool(), "parse m.bin --certificate cert.der");
        assert!(stated.contains("Manifest Signature verified!"), "{stated}");
    }
}

#[test]
fn a_damaged_manifest_of_ours_is_refused_by_the_vendors_tool_and_here() {
    let bench = Bench::of_ours();
    bench.write_signed("m.bin", &draft(payload(PayloadFormat::Raw), v3(None)));
    let mut damaged = bench.read("m.bin");
    let at = damaged
        .windows(4)
        .position(|window| window == b"http")
        .unwrap();
    damaged[at] ^= 1;
    bench.write("m.bin", &damaged);
    let stated = bench.run(manifest_tool(), "parse m.bin --certificate cert.der");
    assert!(!stated.status.success(), "{}", said(&stated));
    let verification = verify(&parse(&damaged).unwrap(), Some(&bench.trust()));
    let failed: Vec<_> = verification
        .checks
        .iter()
        .filter(|check| check.result == CheckResult::Failed)
        .map(|check| check.name.as_str())
        .collect();
    assert_eq!(failed, ["Signature"]);
}

#[test]
fn our_v1_manifest_satisfies_the_stricter_older_tool() {
    let bench = Bench::of_ours();
    let wanted = draft(payload(PayloadFormat::Raw), bench.v1(1_700_000_000));
    bench.write_signed("m1.bin", &wanted);
    std::fs::create_dir(bench.path("certificates")).unwrap();
    let fingerprint = bench.certificate.facts().fingerprint;
    bench.write(
        &format!("certificates/{fingerprint}"),
        bench.certificate.der(),
    );
    let tool = program(".venv-manifest15", "manifest-tool");
    let arguments = format!("verify -d certificates -i m1.bin -V {VENDOR} -C {CLASS}");
    bench.go(&tool, &arguments);

    // It does look: it refuses the empty nonce of its successor.
    let mut without_nonce = wanted;
    if let SchemaDraft::V1 { nonce, .. } = &mut without_nonce.schema {
        assert_eq!(nonce.take().map(|bytes| bytes.len()), Some(NONCE_BYTES));
    }
    bench.write_signed("m1.bin", &without_nonce);
    let stated = bench.run(&tool, &arguments);
    assert!(
        said(&stated).to_lowercase().contains("nonce"),
        "{}",
        said(&stated)
    );
}
