//! A value that was not given.

use firmdrop_manifest::ManifestError;

/// A value that is needed and was not given.
pub(super) fn missing(what: &str, why: &str) -> ManifestError {
    ManifestError::Impossible {
        what: what.to_owned(),
        why: why.to_owned(),
    }
}
