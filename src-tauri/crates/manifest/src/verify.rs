//! Judges a manifest against a key: named checks, each with what it rests on.
//!
//! Over the bytes as they stand in the file, never over an encoding of ours.

use firmdrop_core::{Check, CheckResult, Moment, Sha256, grouped};
use serde::Serialize;

use crate::draft::{NONCE_BYTES, check_metadata};
use crate::manifest::{Manifest, SignatureBlock, Trailing, V1Part};
use crate::{Certificate, PublicKey, Schema, Signature, Version};

const SIGNATURE: &str = "Signature";

/// Whom a person trusts to have signed.
#[derive(Debug, Clone)]
pub struct Trust {
    key: PublicKey,
    fingerprint: Option<Sha256>,
    certificate: Option<(Certificate, Moment)>,
}

impl Trust {
    /// This key. The certificate a v1 manifest names cannot be compared.
    pub fn key(key: PublicKey) -> Self {
        Self {
            key,
            fingerprint: None,
            certificate: None,
        }
    }

    /// This key, in the certificate with this SHA-256.
    pub fn key_of_certificate(key: PublicKey, fingerprint: Sha256) -> Self {
        Self {
            fingerprint: Some(fingerprint),
            ..Self::key(key)
        }
    }

    /// This certificate; `now` judges its dates.
    pub fn certificate(certificate: Certificate, now: Moment) -> Self {
        Self {
            key: certificate.public_key().clone(),
            fingerprint: Some(certificate.facts().fingerprint),
            certificate: Some((certificate, now)),
        }
    }
}

/// Everything that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Verification {
    /// Every check, passed ones included.
    pub checks: Vec<Check>,
}

impl Verification {
    /// Whether the signature is that of the trusted key and no check failed.
    pub fn is_verified(&self) -> bool {
        let of = |result| move |check: &&Check| check.result == result;
        let signed = self.checks.iter().find(|check| check.name == SIGNATURE);
        signed.is_some_and(|check| check.result == CheckResult::Passed)
            && !self
                .checks
                .iter()
                .any(|check| of(CheckResult::Failed)(&check))
    }
}

/// Judges a manifest. Without a key, what can be judged without one; it is never verified then.
pub fn verify(manifest: &Manifest, trust: Option<&Trust>) -> Verification {
    let signing_block = trust.and_then(|trust| block_signed_by(manifest, &trust.key));
    let mut checks = vec![signature(manifest, trust, signing_block.is_some())];
    if let Some(v1) = &manifest.v1 {
        checks.push(hash(manifest, v1));
        checks.push(fingerprint(trust, signing_block));
        checks.push(nonce(v1));
        checks.extend(foreign_parts(v1));
    }
    checks.extend(image_signature(manifest, trust));
    checks.push(metadata(manifest));
    checks.push(version(manifest));
    checks.push(trailing(manifest));
    if let Some((certificate, now)) = trust.and_then(|trust| trust.certificate.as_ref()) {
        checks.push(certificate.validity(*now));
        checks.push(certificate.matches_ids(manifest.vendor_id, manifest.class_id));
        checks.extend(development(certificate));
    }
    Verification { checks }
}

fn block_signed_by<'a>(manifest: &'a Manifest, key: &PublicKey) -> Option<&'a SignatureBlock> {
    let digest = Sha256::of(manifest.signed_bytes());
    manifest.signatures.iter().find(|block| {
        let bytes = block.signature.as_slice();
        let signature = match manifest.schema {
            Schema::V3 => Signature::from_raw(bytes),
            Schema::V1 => Signature::from_der(bytes),
        };
        signature.is_some_and(|signature| key.verifies(&digest, &signature))
    })
}

fn signature(manifest: &Manifest, trust: Option<&Trust>, is_signed: bool) -> Check {
    let range = manifest.signed_range();
    let (result, why) = match trust {
        None => (CheckResult::NotMade, "No key was given.".to_owned()),
        Some(_) if is_signed => (
            CheckResult::Passed,
            format!(
                "ECDSA P-256 over bytes {} to {} of the file.",
                range.start, range.end
            ),
        ),
        Some(_) if manifest.signatures.is_empty() => {
            (CheckResult::Failed, "There is no signature.".to_owned())
        }
        Some(_) => (
            CheckResult::Failed,
            "It was made with another key, or the bytes were changed.".to_owned(),
        ),
    };
    Check::new(SIGNATURE, result, why)
}

fn hash(manifest: &Manifest, v1: &V1Part) -> Check {
    let computed = Sha256::of(manifest.signed_bytes());
    if computed == v1.hash {
        Check::new("Hash", CheckResult::Passed, "SHA-256 recomputed here.")
    } else {
        let why = format!("The manifest says {}, its bytes give {computed}.", v1.hash);
        Check::new("Hash", CheckResult::Failed, why)
    }
}

fn fingerprint(trust: Option<&Trust>, block: Option<&SignatureBlock>) -> Check {
    let known = trust.and_then(|trust| trust.fingerprint);
    let (result, why) = match (known, block) {
        (None, _) => (
            CheckResult::NotMade,
            "No certificate was given to compare with.".to_owned(),
        ),
        (_, None) => (
            CheckResult::NotMade,
            "No signature of the given key is there.".to_owned(),
        ),
        (Some(known), Some(block)) if block.certificates.first() == Some(&known) => (
            CheckResult::Passed,
            format!("The manifest names the certificate {known}."),
        ),
        (Some(_), Some(_)) => (
            CheckResult::Failed,
            "The manifest names another certificate; devices look for that one.".to_owned(),
        ),
    };
    Check::new("Certificate's fingerprint", result, why)
}

fn nonce(v1: &V1Part) -> Check {
    let (result, why) = match v1.nonce.as_slice().len() {
        NONCE_BYTES => (CheckResult::Passed, "16 bytes.".to_owned()),
        length => (
            CheckResult::Warning,
            format!(
                "It has {length} bytes; manifest-tool 1.5.2 wants 16, 2.6.2 writes none.",
                length = grouped(length)
            ),
        ),
    };
    Check::new("Nonce", result, why)
}

fn foreign_parts(v1: &V1Part) -> Option<Check> {
    /// ECDSA P-256 with SHA-256, payload not encrypted.
    const USUAL_MODE: u64 = 2;
    (v1.encryption_mode != USUAL_MODE || v1.has_opaque_parts).then(|| {
        let why = format!(
            "Mode {} or its blocks belong to a scheme this app does not judge.",
            v1.encryption_mode
        );
        Check::new("Encryption", CheckResult::Warning, why)
    })
}

fn image_signature(manifest: &Manifest, trust: Option<&Trust>) -> Option<Check> {
    if manifest.image_signature.is_empty() {
        return None;
    }
    let digest = manifest.payload.as_ref()?.installed_digest();
    let signature = Signature::from_raw(manifest.image_signature.as_slice());
    let (result, why) = match (trust, signature) {
        (_, None) => (
            CheckResult::Failed,
            "It is no signature of 64 bytes.".to_owned(),
        ),
        (None, Some(_)) => (CheckResult::NotMade, "No key was given.".to_owned()),
        (Some(trust), Some(signature)) if trust.key.verifies(&digest, &signature) => (
            CheckResult::Passed,
            format!("ECDSA P-256 over the installed image's digest {digest}."),
        ),
        (Some(_), Some(_)) => (
            CheckResult::Failed,
            "It is not this key's over the installed image's digest.".to_owned(),
        ),
    };
    Some(Check::new("Image signature", result, why))
}

fn metadata(manifest: &Manifest) -> Check {
    let verdict = match &manifest.payload {
        None => Err("The manifest has no payload.".to_owned()),
        Some(payload) => check_metadata(payload)
            .map(|()| format!("{} has what it needs.", payload.format))
            .map_err(|error| format!("{error}.")),
    };
    match verdict {
        Ok(why) => Check::new("Payload's metadata", CheckResult::Passed, why),
        Err(why) => Check::new("Payload's metadata", CheckResult::Failed, why),
    }
}

fn version(manifest: &Manifest) -> Check {
    match &manifest.version {
        Version::Other(text) => {
            let why = format!(
                "`{}` is not three numbers up to 999.",
                crate::fields::shown(text)
            );
            Check::new("Version's form", CheckResult::Failed, why)
        }
        version => Check::new("Version's form", CheckResult::Passed, version.to_string()),
    }
}

fn trailing(manifest: &Manifest) -> Check {
    let is_encrypted = manifest
        .payload
        .as_ref()
        .is_some_and(|payload| payload.format.is_encrypted());
    let (result, why) = match manifest.trailing {
        Trailing::Nothing => (CheckResult::Passed, "Nothing follows.".to_owned()),
        Trailing::PayloadKey if is_encrypted => (
            CheckResult::Passed,
            "The service appended the payload's key.".to_owned(),
        ),
        Trailing::PayloadKey => (
            CheckResult::Warning,
            "A payload key follows, but the payload is not encrypted.".to_owned(),
        ),
        Trailing::Unknown {
            offset,
            length_bytes,
        } => (
            CheckResult::Warning,
            format!(
                "{length_bytes} unsigned bytes follow from byte {offset}.",
                length_bytes = grouped(length_bytes),
                offset = grouped(offset)
            ),
        ),
    };
    Check::new("Trailing bytes", result, why)
}

fn development(certificate: &Certificate) -> Option<Check> {
    certificate.facts().is_development.then(|| {
        let why = "It was made for development; production devices should not trust it.";
        Check::new("Development key", CheckResult::Warning, why)
    })
}
