//! A folder with a key, its certificate and a firmware, and the programs that are run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use firmdrop_core::{Moment, Sha256};
use firmdrop_manifest::{
    Certificate, CertificateDraft, Draft, Id, Installed, Manifest, Nonces, Payload, PayloadFormat,
    SchemaDraft, SemanticVersion, Signature, SigningKey, Trust, parse, random_nonce, verify,
};
use tempfile::TempDir;

pub(crate) const URI: &str = "http://127.0.0.1:8080/fw/abc";

pub(crate) const VENDOR: &str = "cfbff0d1-9375-5685-968c-48ce8b15ae17";

pub(crate) const CLASS: &str = "c9e5e8a4-dd02-584f-bcad-02e9cd816d21";

/// A folder with a key and its certificate, made by us or by `openssl`.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    pub(crate) key: SigningKey,
    pub(crate) certificate: Certificate,
}

impl Bench {
    /// With key and certificate of ours, written as files for the others.
    pub(crate) fn of_ours() -> Self {
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
    pub(crate) fn of_openssl() -> Self {
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

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn run(&self, program: impl AsRef<Path>, arguments: &str) -> Output {
        let output = Command::new(program.as_ref())
            .args(arguments.split(' '))
            .current_dir(self.folder.path())
            .output();
        output.unwrap()
    }

    /// Runs a program that must succeed and returns all it printed.
    pub(crate) fn go(&self, program: impl AsRef<Path>, arguments: &str) -> String {
        let output = self.run(program.as_ref(), arguments);
        assert_success(arguments, &output);
        said(&output)
    }

    pub(crate) fn trust(&self) -> Trust {
        let now = Moment::from_millisecond(1_750_000_000_000);
        Trust::certificate(self.certificate.clone(), now)
    }

    /// A manifest that must verify with this bench's certificate.
    pub(crate) fn verified(&self, name: &str) -> Manifest {
        let manifest = parse(&self.read(name)).unwrap();
        let verification = verify(&manifest, Some(&self.trust()));
        assert!(verification.is_verified(), "{verification:?}");
        manifest
    }

    pub(crate) fn v1(&self, version: u64) -> SchemaDraft {
        SchemaDraft::V1 {
            version,
            nonce: Some(random_nonce().unwrap()),
            certificate: self.certificate.facts().fingerprint,
        }
    }

    pub(crate) fn write_signed(&self, name: &str, draft: &Draft) {
        let unsigned = draft.prepare().unwrap();
        self.write(
            name,
            &unsigned.sign(&self.key, Nonces::Deterministic).unwrap(),
        );
    }
}

pub(crate) fn draft(payload: Payload, schema: SchemaDraft) -> Draft {
    Draft {
        vendor_id: Id::read(VENDOR).unwrap(),
        class_id: Id::read(CLASS).unwrap(),
        priority: Some(128),
        payload,
        vendor_data: b"vd".to_vec(),
        schema,
    }
}

pub(crate) fn v3(image_signature: Option<Signature>) -> SchemaDraft {
    SchemaDraft::V3 {
        component: "MAIN".to_owned(),
        version: SemanticVersion::read("1.2.3").unwrap(),
        image_signature,
    }
}

pub(crate) fn firmware() -> Vec<u8> {
    (0..100_000_u32).map(|i| (i % 251) as u8).collect()
}

pub(crate) fn payload(format: PayloadFormat) -> Payload {
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

pub(crate) fn program(environment: &str, name: &str) -> PathBuf {
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

pub(crate) fn manifest_tool() -> PathBuf {
    program(".venv", "manifest-tool")
}

pub(crate) fn said(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

pub(crate) fn assert_success(what: &str, output: &Output) {
    assert!(output.status.success(), "{what}: {}", said(output));
}

/// The tool's configuration; JSON is YAML.
pub(crate) fn configuration(format: &str, file: &str, more: &str) -> String {
    format!(
        r#"{{"vendor": {{"domain": "example.com"}}, "device": {{"model-name": "Widget"}},
            "priority": 1, "payload": {{"url": "{URI}", "format": "{format}", "file-path": "{file}"
            {more} }}"#
    )
}
