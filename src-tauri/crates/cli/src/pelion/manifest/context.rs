//! What every command of manifests is given.

use std::path::Path;

use firmdrop_manifest::KeyStore;

/// Folder of the keys inside a home.
const KEYS: &str = "manifest-keys";

/// What every command is given.
pub(super) struct ManifestContext {
    pub(super) keys: KeyStore,
    pub(super) json: bool,
}

impl ManifestContext {
    /// With the keys of this home.
    pub(super) fn new(home: &Path, json: bool) -> Self {
        Self {
            keys: KeyStore::new(home.join(KEYS)),
            json,
        }
    }
}
