//! What the vendor's tools make is read and verifies here.

use firmdrop_core::Sha256;
use firmdrop_manifest::{
    ImageFacts, PayloadKind, Schema, Trailing, Version, payload_kind, require_image,
};

use super::bench::{Bench, CLASS, URI, VENDOR, configuration, firmware, manifest_tool, program};

#[test]
fn manifests_of_the_vendors_tool_verify_here_in_both_schemas() {
    let bench = Bench::of_openssl();
    bench.write(
        "raw.yaml",
        (configuration("raw-binary", "firmware.bin", "}, \"sign-image\": true")).as_bytes(),
    );
    bench.write(
        "v1.yaml",
        (configuration("raw-binary", "firmware.bin", "}")).as_bytes(),
    );
    bench.go(
        manifest_tool(),
        "create --config raw.yaml --key key.pem --fw-version 1.2.3 --output m3.bin",
    );
    bench.go(
        manifest_tool(),
        "create-v1 --config v1.yaml --key key.pem --update-certificate cert.der --output m1.bin",
    );
    bench.go(
        manifest_tool(),
        "create-v1 --config v1.yaml --key key.pem --update-certificate cert.der \
         --fw-migrate-ver 2.0.2 --output migrate.bin",
    );
    let image = ImageFacts {
        sha256: Sha256::of(&firmware()),
        size_bytes: 100_000,
        uri: Some(URI.to_owned()),
    };
    let v3 = bench.verified("m3.bin");
    assert_eq!(
        (v3.schema, v3.version.to_string().as_str()),
        (Schema::V3, "1.2.3")
    );
    assert_eq!(v3.vendor_id.to_string(), VENDOR);
    assert_eq!(v3.class_id.to_string(), CLASS);
    assert_eq!(v3.trailing, Trailing::Nothing);
    require_image(&v3, &image).unwrap();
    let v1 = bench.verified("m1.bin");
    assert_eq!(v1.schema, Schema::V1);
    require_image(&v1, &image).unwrap();
    let migrated = bench.verified("migrate.bin");
    assert_eq!(migrated.version, Version::Number(36_030_996_042_219_522));
}

#[test]
fn combined_and_encrypted_payloads_of_the_vendors_tools_are_recognised_and_verify() {
    let bench = Bench::of_openssl();
    let package = r#"{"images": [
        {"file_name": "firmware.bin", "vendor_data": "one", "sub_comp_name": "FIRST"},
        {"file_name": "firmware.bin", "vendor_data": "two", "sub_comp_name": "SECOND"}]}"#;
    bench.write("package.yaml", package.as_bytes());
    let tool = program(".venv", "manifest-package-tool");
    bench.go(tool, "create --config package.yaml --output package.tar");
    let PayloadKind::Combined { images } = payload_kind(&bench.read("package.tar")) else {
        panic!("not recognised");
    };
    let seen: Vec<_> = images
        .iter()
        .map(|i| (i.id.as_str(), i.size_bytes))
        .collect();
    assert_eq!(seen, [("FIRST", 100_000), ("SECOND", 100_000)]);

    let encrypted = format!(
        r#", "encrypted": {{"digest": "{}", "size": 100016}} }}, "sign-image": true"#,
        Sha256::of(b"encrypted")
    );
    for (format, file, more) in [
        ("combined", "package.tar", "}"),
        ("encrypted-raw", "firmware.bin", &encrypted),
        ("encrypted-combined", "package.tar", &encrypted),
    ] {
        bench.write("cfg.yaml", configuration(format, file, more).as_bytes());
        bench.go(
            manifest_tool(),
            "create --config cfg.yaml --key key.pem --fw-version 1.2.3 --output m.bin",
        );
        let manifest = bench.verified("m.bin");
        let payload = manifest.payload.as_ref().unwrap();
        assert_eq!(payload.format.to_string(), format);
        let plain = bench.read(file);
        let image = ImageFacts {
            sha256: Sha256::of(&plain),
            size_bytes: plain.len() as u64,
            uri: None,
        };
        require_image(&manifest, &image).unwrap();
    }
}

#[test]
fn a_patch_of_the_vendors_tool_is_recognised_and_its_manifest_verifies() {
    let bench = Bench::of_openssl();
    let mut old = firmware();
    old.extend(b"PELION/BSDIFF001");
    let mut new = old.clone();
    new[50_000..50_016].copy_from_slice(b"another version!");
    bench.write("old.bin", &old);
    bench.write("new.bin", &new);
    let tool = program(".venv", "manifest-delta-tool");
    bench.go(tool, "-c old.bin -n new.bin -o patch.bin");
    let kind = payload_kind(&bench.read("patch.bin"));
    assert!(
        matches!(kind, PayloadKind::Patch { new_size_bytes, .. } if new_size_bytes == new.len() as u64),
        "{kind:?}"
    );
    bench.write(
        "cfg.yaml",
        configuration("arm-patch-stream", "patch.bin", "}").as_bytes(),
    );
    bench.go(
        manifest_tool(),
        "create --config cfg.yaml --key key.pem --fw-version 1.2.3 --output m.bin",
    );
    let payload = bench.verified("m.bin").payload.unwrap();
    assert_eq!(payload.precursor_digest, Some(Sha256::of(&old)));
    assert_eq!(payload.installed_digest(), Sha256::of(&new));
}
