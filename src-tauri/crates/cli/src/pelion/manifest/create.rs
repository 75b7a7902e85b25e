//! `manifest create`: makes a manifest and signs it, here or elsewhere.

use std::path::Path;

use firmdrop_api::Diagnosis;
use firmdrop_core::{Check, CheckResult, Clock as _, Sha256, SystemClock};
use firmdrop_manifest::{
    Certificate, Draft, KeyPurpose, Nonces, Payload, PublicKey, Schema, SchemaDraft,
    SemanticVersion, Signature, SigningKey, Unsigned, Version, device_limits, parse, random_nonce,
    read_key_file,
};
use serde_json::json;

use super::arguments::Create;
use super::context::ManifestContext;
use super::ids::{class, vendor};
use super::missing::missing;
use super::{checks, files, payload, show};
use crate::exit::Exit;
use crate::print;

pub(super) fn run(context: &ManifestContext, command: &Create) -> Result<Exit, Diagnosis> {
    files::ensure_apart(command.written(), &command.sources())?;
    if let Some(bytes) = &command.elsewhere.signed_bytes {
        let manifest = assemble(command, bytes)?;
        return finish(context, command, &manifest, Vec::new());
    }
    let signer = Signer::of(context, command)?;
    let unsigned = draft(command, &signer)?.prepare()?;
    if let Some(file) = &command.elsewhere.bytes_to_sign {
        return export(context, file, &unsigned);
    }
    let Some(key) = &signer.key else {
        let why = "give --key NAME or --key-file FILE, or sign elsewhere with --bytes-to-sign FILE";
        return Err(missing("key", why).into());
    };
    let manifest = unsigned.sign(key, nonces(command))?;
    finish(context, command, &manifest, signer.warnings)
}

/// Who signs, as far as it is known here.
struct Signer {
    key: Option<SigningKey>,
    /// The certificate that devices of schema 1 hold.
    certificate: Option<Certificate>,
    warnings: Vec<Check>,
}

impl Signer {
    fn of(context: &ManifestContext, command: &Create) -> Result<Self, Diagnosis> {
        let mut signer = Self {
            key: None,
            certificate: None,
            warnings: Vec::new(),
        };
        if let Some(file) = &command.key_file {
            signer.key = Some(read_key_file(file)?);
        }
        if let Some(name) = &command.key {
            let entry = context.keys.entry(name)?;
            if command.production {
                entry.require_production()?;
            }
            if entry.purpose == KeyPurpose::Development {
                let why = format!("{name} is marked for development.");
                let check = Check::new("Development key", CheckResult::Warning, why);
                signer.warnings.push(check);
            }
            signer.key = Some(context.keys.key(name)?);
            signer.certificate = context.keys.certificate(name)?;
        }
        if let Some(file) = &command.certificate {
            signer.take_certificate(Certificate::read(&files::read(file)?)?)?;
        }
        signer
            .check_certificate(command.production)
            .map(|()| signer)
    }

    fn take_certificate(&mut self, certificate: Certificate) -> Result<(), Diagnosis> {
        let is_of_key = |key: &SigningKey| key.public_key() == *certificate.public_key();
        if !self.key.as_ref().is_none_or(is_of_key) {
            let why = "it is about another key than the one that signs";
            return Err(missing("certificate", why).into());
        }
        self.certificate = Some(certificate);
        Ok(())
    }

    fn check_certificate(&mut self, is_production: bool) -> Result<(), Diagnosis> {
        let Some(certificate) = &self.certificate else {
            return Ok(());
        };
        self.warnings.push(certificate.validity(SystemClock.now()));
        let facts = certificate.facts();
        if facts.is_development && is_production {
            return Err(firmdrop_manifest::ManifestError::DevelopmentKey {
                name: facts.subject.clone(),
            }
            .into());
        }
        if facts.is_development {
            let why = format!("{} is a certificate for development.", facts.subject);
            let check = Check::new("Development certificate", CheckResult::Warning, why);
            self.warnings.push(check);
        }
        Ok(())
    }
}

fn nonces(command: &Create) -> Nonces {
    if command.random {
        Nonces::Random
    } else {
        Nonces::Deterministic
    }
}

fn draft(command: &Create, signer: &Signer) -> Result<Draft, Diagnosis> {
    let need = |what: &str, option: &str| Diagnosis::from(missing(what, &format!("give {option}")));
    let noted = signer.certificate.as_ref().map(Certificate::facts);
    let vendor_id = vendor(&command.ids)?
        .or_else(|| noted?.vendor_id)
        .ok_or_else(|| need("vendor", "--vendor-domain or --vendor-id"))?;
    let class_id = class(&command.ids, Some(vendor_id))?
        .or_else(|| noted?.class_id)
        .ok_or_else(|| need("class", "--model or --class-id"))?;
    let image = command.image.as_deref();
    let image = image.ok_or_else(|| need("image", "the file"))?;
    let url = command.url.as_deref();
    let url = url.ok_or_else(|| need("payload's address", "--url"))?;
    let payload = payload::of(command, image, url)?;
    let schema = match command.schema {
        1 => v1(command, signer)?,
        _ => v3(command, signer, &payload)?,
    };
    check_growth(command, &schema)?;
    let vendor_data = command.vendor_data.as_deref().map(files::read);
    Ok(Draft {
        vendor_id,
        class_id,
        priority: Some(command.priority),
        payload,
        vendor_data: vendor_data.transpose()?.unwrap_or_default(),
        schema,
    })
}

fn v3(command: &Create, signer: &Signer, payload: &Payload) -> Result<SchemaDraft, Diagnosis> {
    let Some(version) = &command.fw_version else {
        let why = "schema 3 needs --fw-version X.Y.Z";
        return Err(missing("version", why).into());
    };
    let image_signature = match (&signer.key, command.sign_image) {
        (_, false) => None,
        (Some(key), true) => {
            let signed = key.sign(&payload.installed_digest(), nonces(command));
            Some(signed?)
        }
        (None, true) => {
            let why = "it needs the key here; signing elsewhere covers the manifest alone";
            return Err(missing("image signature", why).into());
        }
    };
    Ok(SchemaDraft::V3 {
        component: command.component.clone(),
        version: SemanticVersion::read(version)?,
        image_signature,
    })
}

fn v1(command: &Create, signer: &Signer) -> Result<SchemaDraft, Diagnosis> {
    if command.sign_image {
        return Err(missing("image signature", "schema 1 has no place for one").into());
    }
    let Some(certificate) = &signer.certificate else {
        let why = "schema 1 names one: give --certificate FILE, or give the key one with \
                   `manifest key certificate`";
        return Err(missing("certificate", why).into());
    };
    let version = match (&command.fw_version, command.timestamp) {
        (Some(version), _) => SemanticVersion::read(version)?.migration_number(),
        (None, Some(seconds)) => seconds,
        (None, None) => {
            u64::try_from(SystemClock.now().as_millisecond() / 1000).unwrap_or_default()
        }
    };
    Ok(SchemaDraft::V1 {
        version,
        nonce: Some(random_nonce()?),
        certificate: certificate.facts().fingerprint,
    })
}

fn check_growth(command: &Create, schema: &SchemaDraft) -> Result<(), Diagnosis> {
    let Some(file) = &command.previous else {
        return Ok(());
    };
    let previous = parse(&files::read(file)?)?;
    let version = match schema {
        SchemaDraft::V3 { version, .. } => Version::Semantic(*version),
        SchemaDraft::V1 { version, .. } => Version::Number(*version),
    };
    version
        .require_growth(&previous.version)
        .map_err(Diagnosis::from)
}

fn export(context: &ManifestContext, file: &Path, unsigned: &Unsigned) -> Result<Exit, Diagnosis> {
    let bytes = unsigned.bytes_to_sign();
    files::write(file, bytes)?;
    let sha256 = Sha256::of(bytes);
    if context.json {
        let schema = unsigned.schema();
        print::json(&json!({ "bytes_to_sign": file, "sha256": sha256, "schema": schema }));
    } else {
        print::line(&format!(
            "{}: {} bytes to sign with ECDSA P-256 and SHA-256 {sha256}",
            file.display(),
            bytes.len()
        ));
        print::line(&format!(
            "Then: firmdrop-cli manifest create --signed-bytes {} --signature SIG --signer {} \
             --output MANIFEST",
            file.display(),
            match unsigned.schema() {
                Schema::V1 => "CERTIFICATE",
                Schema::V3 => "PUBLIC-KEY",
            }
        ));
    }
    Ok(Exit::Done)
}

/// Puts bytes that were signed elsewhere and their signature together.
fn assemble(command: &Create, bytes: &Path) -> Result<Vec<u8>, Diagnosis> {
    let elsewhere = &command.elsewhere;
    let (Some(signature), Some(signer)) = (&elsewhere.signature, &elsewhere.signer) else {
        let why = "give --signature FILE and --signer FILE";
        return Err(missing("signature", why).into());
    };
    let signer = files::read(signer)?;
    let key = PublicKey::read(&signer)?;
    let certificate = Certificate::read(&signer).ok();
    let fingerprint = certificate.map(|one| one.facts().fingerprint);
    let unsigned = Unsigned::read(&files::read(bytes)?, fingerprint)?;
    let signature = Signature::read(&files::read(signature)?)?;
    unsigned
        .with_signature(&signature, &key)
        .map_err(Diagnosis::from)
}

/// Writes the manifest and prints what it is.
fn finish(
    context: &ManifestContext,
    command: &Create,
    bytes: &[u8],
    mut warnings: Vec<Check>,
) -> Result<Exit, Diagnosis> {
    let manifest = parse(bytes)?;
    warnings.extend(device_limits(&manifest));
    let Some(file) = &command.output else {
        return Err(missing("output", "give --output FILE").into());
    };
    files::write(file, bytes)?;
    if context.json {
        let sha256 = Sha256::of(bytes);
        print::json(&json!({
            "file": file, "sha256": sha256, "manifest": manifest, "checks": warnings,
        }));
    } else {
        print::line(&format!("{}: {}", file.display(), show::summary(&manifest)));
        checks::warn(&warnings);
    }
    Ok(Exit::Done)
}
