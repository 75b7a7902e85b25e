//! Programs of others judge our manifests, keys and certificates, and we judge theirs:
//! `manifest-tool` 2.6.2 and 1.5.2 of the vendor, and `openssl`.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use firmdrop_core::{CheckResult, Moment, Sha256};
use firmdrop_manifest::{
    Certificate, CertificateDraft, Draft, Id, ImageFacts, Installed, Manifest, NONCE_BYTES, Nonces,
    Payload, PayloadFormat, PayloadKind, PublicKey, Schema, SchemaDraft, SemanticVersion,
    Signature, SigningKey, Trailing, Trust, Unsigned, Version, parse, payload_kind, random_nonce,
    require_image, verify,
};
use tempfile::TempDir;

const URI: &str = "http://127.0.0.1:8080/fw/abc";
const VENDOR: &str = "cfbff0d1-9375-5685-968c-48ce8b15ae17";
const CLASS: &str = "c9e5e8a4-dd02-584f-bcad-02e9cd816d21";

/// A folder with a key and its certificate, made by us or by `openssl`.
struct Bench {
    folder: TempDir,
    key: SigningKey,
    certificate: Certificate,
}

impl Bench {
    /// With key and certificate of ours, written as files for the others.
    fn of_ours() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::generate().unwrap();
        let certificate = CertificateDraft {
            name: "bench".to_owned(),
            vendor_id: Some(Id::read(VENDOR).unwrap()),
            class_id: Some(Id::read(CLASS).unwrap()),
            is_development: false,
            not_before: Moment::from_millisecond(1_700_000_000_000),
            days: 3650,
        };
        let certificate = certificate.sign(&key).unwrap();
        let bench = Self {
            folder,
            key,
            certificate,
        };
        bench.write("key.pem", bench.key.to_pem().unwrap().as_bytes());
        bench.write("cert.der", bench.certificate.der());
        bench.write("pub.bin", &bench.key.public_key().point());
        bench.write("firmware.bin", &firmware());
        bench
    }

    /// With key and certificate that `openssl` made, the key with its parameters before it.
    fn of_openssl() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &str| {
            let output = Command::new("openssl")
                .args(arguments.split(' '))
                .current_dir(folder.path())
                .output();
            assert_success("openssl", &output.unwrap());
        };
        run("ecparam -genkey -name prime256v1 -outform PEM -out key.pem");
        run(
            "req -x509 -new -sha256 -days 7300 -key key.pem -subj /CN=localhost -outform der \
             -out cert.der",
        );
        let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
        let key = SigningKey::from_pem(&String::from_utf8(read("key.pem")).unwrap()).unwrap();
        let certificate = Certificate::read(&read("cert.der")).unwrap();
        let bench = Self {
            folder,
            key,
            certificate,
        };
        bench.write("firmware.bin", &firmware());
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    fn run(&self, program: impl AsRef<Path>, arguments: &str) -> Output {
        let output = Command::new(program.as_ref())
            .args(arguments.split(' '))
            .current_dir(self.folder.path())
            .output();
        output.unwrap()
    }

    /// Runs a program that must succeed and returns all it printed.
    fn go(&self, program: impl AsRef<Path>, arguments: &str) -> String {
        let output = self.run(program.as_ref(), arguments);
        assert_success(arguments, &output);
        said(&output)
    }

    fn trust(&self) -> Trust {
        let now = Moment::from_millisecond(1_750_000_000_000);
        Trust::certificate(self.certificate.clone(), now)
    }

    /// A manifest that must verify with this bench's certificate.
    fn verified(&self, name: &str) -> Manifest {
        let manifest = parse(&self.read(name)).unwrap();
        let verification = verify(&manifest, Some(&self.trust()));
        assert!(verification.is_verified(), "{verification:?}");
        manifest
    }

    fn v1(&self, version: u64) -> SchemaDraft {
        SchemaDraft::V1 {
            version,
            nonce: Some(random_nonce().unwrap()),
            certificate: self.certificate.facts().fingerprint,
        }
    }

    fn write_signed(&self, name: &str, draft: &Draft) {
        let unsigned = draft.prepare().unwrap();
        self.write(
            name,
            &unsigned.sign(&self.key, Nonces::Deterministic).unwrap(),
        );
    }
}

fn draft(payload: Payload, schema: SchemaDraft) -> Draft {
    Draft {
        vendor_id: Id::read(VENDOR).unwrap(),
        class_id: Id::read(CLASS).unwrap(),
        priority: Some(128),
        payload,
        vendor_data: b"vd".to_vec(),
        schema,
    }
}

fn v3(image_signature: Option<Signature>) -> SchemaDraft {
    SchemaDraft::V3 {
        component: "MAIN".to_owned(),
        version: SemanticVersion::read("1.2.3").unwrap(),
        image_signature,
    }
}

fn firmware() -> Vec<u8> {
    (0..100_000_u32).map(|i| (i % 251) as u8).collect()
}

fn payload(format: PayloadFormat) -> Payload {
    let installed = Installed {
        digest: Sha256::of(b"installed"),
        size_bytes: 200_000,
    };
    let is_patch = format == PayloadFormat::Patch;
    Payload {
        format,
        digest: Sha256::of(&firmware()),
        size_bytes: 100_000,
        uri: URI.to_owned(),
        installed: (format != PayloadFormat::Raw).then_some(installed),
        precursor_digest: is_patch.then(|| Sha256::of(b"old")),
    }
}

fn program(environment: &str, name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../..")
        .join(environment)
        .join("bin")
        .join(name);
    assert!(
        path.exists(),
        "{name} is not in {environment}; `cargo xtask test` installs it"
    );
    path
}

fn manifest_tool() -> PathBuf {
    program(".venv", "manifest-tool")
}

fn said(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

fn assert_success(what: &str, output: &Output) {
    assert!(output.status.success(), "{what}: {}", said(output));
}

/// The tool's configuration; JSON is YAML.
fn configuration(format: &str, file: &str, more: &str) -> String {
    format!(
        r#"{{"vendor": {{"domain": "example.com"}}, "device": {{"model-name": "Widget"}},
            "priority": 1, "payload": {{"url": "{URI}", "format": "{format}", "file-path": "{file}"
            {more} }}"#
    )
}

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
            let told = bench.go(manifest_tool(), &format!("parse m.bin {trusted}"));
            assert!(told.contains("Manifest Signature verified!"), "{told}");
            assert_eq!(
                told.contains("Image Signature verified!"),
                is_judged,
                "{told}"
            );
        }
    }
    for format in [PayloadFormat::Raw, PayloadFormat::Patch] {
        bench.write_signed("m.bin", &draft(payload(format), bench.v1(1_700_000_000)));
        let told = bench.go(manifest_tool(), "parse m.bin --certificate cert.der");
        assert!(told.contains("Manifest Signature verified!"), "{told}");
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
    let told = bench.run(manifest_tool(), "parse m.bin --certificate cert.der");
    assert!(!told.status.success(), "{}", said(&told));
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
    let told = bench.run(&tool, &arguments);
    assert!(
        said(&told).to_lowercase().contains("nonce"),
        "{}",
        said(&told)
    );
}

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
        let told = bench.go(
            "openssl",
            "dgst -sha256 -verify pub.pem -signature signature.der signed.bin",
        );
        assert!(told.contains("Verified OK"), "{told}");
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
        let told = bench.go(manifest_tool(), "parse m.bin --public-key pub.bin");
        assert!(told.contains("Manifest Signature verified!"), "{told}");
    }
}

#[test]
fn keys_and_certificates_are_understood_in_both_directions() {
    let ours = Bench::of_ours();
    let told = ours.go("openssl", "pkey -in key.pem -noout -check");
    assert!(told.contains("valid"), "{told}");
    let told = ours.go(
        "openssl",
        "x509 -inform der -in cert.der -noout -subject -fingerprint -sha256",
    );
    assert!(told.contains(&format!("vendor {VENDOR}")), "{told}");
    let fingerprint = ours.certificate.facts().fingerprint.to_string();
    assert!(
        told.replace(':', "").to_lowercase().contains(&fingerprint),
        "{told}"
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
