//! A firmware manifest as a dropped file: what it says, and whether it is signed.
//!
//! The inspection of files knows no manifests: to it they are bytes of an unknown kind.

use firmdrop_core::{Check, CheckResult};
use firmdrop_engine::FileSource;
use firmdrop_image::{Fact, Format, Inspection, Signature, Source as _};
use firmdrop_manifest::{
    Certificate, Manifest, PublicKey, Schema, Trust, Verification, parse, verify,
};

/// Largest file that is looked at; the update service stores manifests of two kilobytes.
const FILE_BYTES: usize = 64 * 1024;

/// What checks of signatures are called.
const SIGNATURE: &str = "Signature";

/// The manifest that an inspected file is; none when it is something else.
pub(super) fn manifest(source: &FileSource, inspection: &Inspection) -> Option<Manifest> {
    let size = usize::try_from(source.len()).ok()?;
    if inspection.format != Format::Raw || size > FILE_BYTES {
        return None;
    }
    let mut bytes = vec![0; size];
    let read = source.read_at(0, &mut bytes).ok()?;
    parse(bytes.get(..read)?).ok()
}

/// Describes a manifest, with its signature judged by these keys: the name of each file, and its bytes. A
/// public key or a certificate does; one of another kind is passed over.
pub(super) fn describe(
    manifest: &Manifest,
    keys: &[(String, Vec<u8>)],
    inspection: &mut Inspection,
) {
    let keys: Vec<_> = keys
        .iter()
        .map(|(name, bytes)| (name.as_str(), trust(bytes)))
        .collect();
    let schema = match manifest.schema {
        Schema::V1 => "v1",
        Schema::V3 => "v3",
    };
    let version = manifest.version.to_string();
    inspection.format = Format::Named;
    inspection.summary = format!("Firmware manifest, schema {schema}, version {version}");
    inspection.identity.version = Some(version);
    inspection.identity.product.clone_from(&manifest.component);
    inspection.identity.target = Some(format!(
        "vendor {}, class {}",
        manifest.vendor_id, manifest.class_id
    ));
    let block = manifest.signatures.first();
    inspection.signature = block.map_or(Signature::Absent, |block| Signature::Present {
        algorithm: "ECDSA P-256".to_owned(),
        key_hash: block.certificates.first().map(ToString::to_string),
    });
    inspection.facts = facts(manifest);
    inspection.checks = checks(manifest, &keys);
}

/// The key in a file; none when it is one of another kind.
fn trust(bytes: &[u8]) -> Option<Trust> {
    Certificate::read(bytes).map_or_else(
        |_| PublicKey::read(bytes).ok().map(Trust::key),
        |certificate| {
            let fingerprint = certificate.facts().fingerprint;
            let key = certificate.public_key().clone();
            Some(Trust::key_of_certificate(key, fingerprint))
        },
    )
}

fn facts(manifest: &Manifest) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut fact = |label: &str, value: String| {
        let label = label.to_owned();
        facts.push(Fact { label, value });
    };
    if let Some(payload) = &manifest.payload {
        let size = firmdrop_core::grouped(payload.size_bytes);
        fact("Payload", format!("{}, {size} bytes", payload.format));
        fact("SHA-256 of the payload", payload.digest.to_string());
        fact("Address of the payload", payload.uri.clone());
        if let Some(installed) = payload.installed {
            fact("SHA-256 once installed", installed.digest.to_string());
        }
        if let Some(before) = payload.precursor_digest {
            fact("SHA-256 it is a patch to", before.to_string());
        }
    }
    if let Some(priority) = manifest.priority {
        fact("Priority", priority.to_string());
    }
    facts.retain(|fact| !fact.value.is_empty());
    facts
}

/// What is checked without a key, and the signature.
fn checks(manifest: &Manifest, keys: &[(&str, Option<Trust>)]) -> Vec<Check> {
    let judged: Vec<_> = keys
        .iter()
        .filter_map(|(name, trust)| Some((*name, verify(manifest, Some(trust.as_ref()?)))))
        .collect();
    let fits = judged.iter().find(|(_, found)| is_signed(found));
    let mut checks = vec![signature(manifest, keys, fits.map(|(name, _)| *name))];
    let rest = fits.map_or_else(|| verify(manifest, None), |(_, found)| found.clone());
    let rest = rest
        .checks
        .into_iter()
        .filter(|check| check.name != SIGNATURE && check.result != CheckResult::NotMade);
    checks.extend(rest.map(|check| Check {
        // Of another key or certificate than the person gave; the file may be whole.
        result: match check.result {
            CheckResult::Failed if check.name == "Certificate's fingerprint" => {
                CheckResult::Warning
            }
            CheckResult::Failed if check.name == "Image signature" => CheckResult::Warning,
            other => other,
        },
        explanation: in_a_line(&check.explanation),
        name: check.name,
    }));
    // Schema v1 has a hash of its own; in schema v3 the signature is all that shows a changed byte.
    checks.retain(|check| {
        check.name != SIGNATURE
            || check.result != CheckResult::NotMade
            || !keys.is_empty()
            || manifest.v1.is_none()
    });
    checks
}

fn is_signed(found: &Verification) -> bool {
    let mut checks = found.checks.iter();
    checks.any(|check| check.name == SIGNATURE && check.result == CheckResult::Passed)
}

fn signature(manifest: &Manifest, keys: &[(&str, Option<Trust>)], fits: Option<&str>) -> Check {
    let range = manifest.signed_range();
    let names: Vec<_> = keys
        .iter()
        .filter(|(_, trust)| trust.is_some())
        .map(|(name, _)| *name)
        .collect();
    let (result, why) = if manifest.signatures.is_empty() {
        let why = "the manifest has no signature, so that no key can vouch for it".to_owned();
        (CheckResult::Warning, why)
    } else if let Some(name) = fits {
        let why = format!(
            "ECDSA P-256 over bytes {} to {} of the file, made with the key {name}",
            range.start, range.end
        );
        (CheckResult::Passed, why)
    } else if keys.is_empty() {
        let why = "it is the only protection of this manifest, and no key was given".to_owned();
        (CheckResult::NotMade, why)
    } else if names.is_empty() {
        let why = "it is ECDSA P-256, and no key of that kind was given".to_owned();
        (CheckResult::NotMade, why)
    } else {
        let why = format!(
            "it is not that of {}; it may be another key's, or the manifest was changed",
            names.join(", ")
        );
        (CheckResult::NotMade, why)
    };
    Check::new(SIGNATURE, result, why)
}

/// A sentence as the checks of images have it: without its capital letter and its full stop.
fn in_a_line(sentence: &str) -> String {
    let sentence = sentence.strip_suffix('.').unwrap_or(sentence);
    let mut characters = sentence.chars();
    let second_is_small = sentence.chars().nth(1).is_some_and(char::is_lowercase);
    match characters.next() {
        Some(first) if second_is_small => first.to_lowercase().chain(characters).collect(),
        _ => sentence.to_owned(),
    }
}

#[cfg(test)]
#[path = "manifest_file_tests.rs"]
mod tests;
