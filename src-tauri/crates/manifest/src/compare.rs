//! Does the manifest describe this image?
//!
//! Not whether it is signed; not whether a device takes it.

use firmdrop_core::{Check, CheckResult, Sha256};

use crate::ManifestError;
use crate::manifest::{Manifest, Payload, PayloadFormat};

/// What is known of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFacts {
    /// SHA-256 of its bytes.
    pub sha256: Sha256,
    /// Its size, bytes.
    pub size_bytes: u64,
    /// Where the service offers it; `None` when that is not known here.
    pub uri: Option<String>,
}

/// Compares a manifest with an image: digest, size and, when it is known, address.
///
/// Of a patch or an encrypted payload, the image may be what is downloaded or what is installed.
pub fn compare(manifest: &Manifest, image: &ImageFacts) -> Vec<Check> {
    let Some(payload) = &manifest.payload else {
        let why = "The manifest has no payload.";
        return vec![Check::new("Image's digest", CheckResult::Failed, why)];
    };
    let (role, digest, size_bytes) = counterpart(payload, image);
    let mut checks = vec![
        equal(
            "Image's digest",
            &format!("SHA-256 of {role}"),
            (&digest.to_string(), &image.sha256.to_string()),
        ),
        equal(
            "Image's size",
            &format!("size of {role}"),
            (&size_bytes.to_string(), &image.size_bytes.to_string()),
        ),
    ];
    if let Some(uri) = &image.uri {
        checks.push(equal("Image's address", "address", (&payload.uri, uri)));
    }
    checks
}

/// As [`compare`], for callers that stop when something differs.
pub fn require_image(manifest: &Manifest, image: &ImageFacts) -> Result<(), ManifestError> {
    let checks = compare(manifest, image);
    let failed = checks
        .into_iter()
        .find(|check| check.result == CheckResult::Failed);
    failed.map_or(Ok(()), |check| {
        Err(ManifestError::OtherImage {
            why: check.explanation.trim_end_matches('.').to_owned(),
        })
    })
}

/// What of the payload the image is to be compared with.
fn counterpart(payload: &Payload, image: &ImageFacts) -> (&'static str, Sha256, u64) {
    let downloaded = ("the payload", payload.digest, payload.size_bytes);
    let Some(installed) = payload.installed else {
        return downloaded;
    };
    let installed = (
        "the installed image",
        installed.digest,
        installed.size_bytes,
    );
    let is_packed = payload.format.is_encrypted() || payload.format == PayloadFormat::Patch;
    if image.sha256 == payload.digest || (!is_packed && image.sha256 != installed.1) {
        downloaded
    } else {
        installed
    }
}

fn equal(name: &str, what: &str, (stated, found): (&str, &str)) -> Check {
    if stated == found {
        Check::new(name, CheckResult::Passed, format!("The {what} is equal."))
    } else {
        let why = format!("The {what} is {stated} in the manifest and {found} of the image.");
        Check::new(name, CheckResult::Failed, why)
    }
}
