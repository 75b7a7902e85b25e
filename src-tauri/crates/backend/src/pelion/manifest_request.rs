//! What a planned manifest becomes when its time has come: a request that the cloud carries out.
//!
//! Fills nothing in: a plan is complete.

use firmdrop_cloud::pelion::rollout::{ManifestRequest, ManifestVersion};
use firmdrop_manifest::{Id, KeyStore, ManifestError, SemanticVersion};

use super::PlannedManifest;

impl PlannedManifest {
    /// The request for it, with its key. Blocks: reads the key.
    ///
    /// Fails when the store no longer has that very key or, for schema 1, its certificate.
    pub fn request(
        &self,
        keys: &KeyStore,
        description: &str,
    ) -> Result<ManifestRequest, ManifestError> {
        let entry = keys.entry(&self.key)?;
        if entry.fingerprint != self.key_fingerprint {
            return Err(ManifestError::KeyNotFound {
                name: self.key.clone(),
            });
        }
        Ok(ManifestRequest {
            name: self.name.clone(),
            description: description.to_owned(),
            version: self.version(keys)?,
            vendor_id: Id::read(&self.vendor_id)?,
            class_id: Id::read(&self.class_id)?,
            priority: self.priority,
            vendor_data: Vec::new(),
            key: keys.key(&self.key)?,
        })
    }

    fn version(&self, keys: &KeyStore) -> Result<ManifestVersion, ManifestError> {
        if self.schema != 1 {
            return Ok(ManifestVersion::V3 {
                component: self.component.clone(),
                version: SemanticVersion::read(&self.version)?,
                sign_image: self.sign_image,
            });
        }
        let no_time = |_| ManifestError::impossible("version", "the plan holds no time");
        let certificate = keys.certificate(&self.key)?;
        let none = || ManifestError::impossible("certificate", "the key has none any more");
        Ok(ManifestVersion::V1 {
            version: self.version.parse().map_err(no_time)?,
            certificate: certificate.ok_or_else(none)?.facts().fingerprint,
        })
    }
}
