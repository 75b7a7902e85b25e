//! The signing key of the simulated world.

use firmdrop_core::Diagnosis;
use firmdrop_manifest::{KeyPurpose, KeyStore, ManifestError, SigningKey};

/// Name of the development key that comes with the simulated world.
pub const DEMO_KEY: &str = "demo";

/// Makes the key unless it exists. The simulated devices trust any key; this one saves the user from
/// making one.
pub(super) fn make_demo_key(keys: &KeyStore) -> Result<(), Diagnosis> {
    if keys.names()?.iter().any(|name| name == DEMO_KEY) {
        return Ok(());
    }
    let key = SigningKey::generate()?;
    match keys.add(DEMO_KEY, &key, KeyPurpose::Development) {
        // Another process on this home was quicker.
        Ok(_) | Err(ManifestError::KeyExists { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
