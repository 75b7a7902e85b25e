//! Manifests of the service: what it says, and what their bytes say.

use firmdrop_cloud::pelion::FirmwareManifest;
use firmdrop_core::{Check, CheckResult, Clock as _, Diagnosis, SystemClock};
use firmdrop_manifest::{
    Id, KeyStore, Manifest, ManifestError, PublicKey, Trust, device_limits, parse, verify,
};

use super::{ManifestView, Service};
use firmdrop_engine::blocking;

impl Service {
    /// A manifest of the service, field by field, with every check that can be made here.
    pub async fn manifest(&self, id: &str) -> Result<ManifestView, Diagnosis> {
        let pelion = self.client().await?;
        let record = pelion.firmware_manifest(id).await?;
        let bytes = match pelion.firmware_manifest_bytes(&record.datafile).await {
            Ok(bytes) => bytes,
            // What the service says is shown all the same.
            Err(error) => {
                let why = format!("its bytes could not be downloaded: {error}");
                return Ok(unread(record, CheckResult::NotMade, why));
            }
        };
        let keys = KeyStore::new(self.firmdrop.engine().home().manifest_keys());
        blocking(move || Ok(view(record, &bytes, &keys))).await
    }
}

/// What the service says, without what the bytes say.
fn unread(record: FirmwareManifest, result: CheckResult, why: String) -> ManifestView {
    ManifestView {
        record,
        manifest: None,
        signed_by: None,
        checks: vec![Check::new("Readable", result, why)],
    }
}

fn view(record: FirmwareManifest, bytes: &[u8], keys: &KeyStore) -> ManifestView {
    let manifest = match parse(bytes) {
        Ok(manifest) => manifest,
        Err(error) => return unread(record, CheckResult::Failed, error.to_string()),
    };
    let signer = signer(&manifest, keys);
    let (signed_by, mut checks) = match signer {
        Some((name, checks)) => (Some(name), checks),
        None => (None, verify(&manifest, None).checks),
    };
    checks.push(agreement(&record, &manifest));
    checks.extend(device_limits(&manifest));
    ManifestView {
        record,
        manifest: Some(manifest),
        signed_by,
        checks,
    }
}

/// The key of this computer that signed it, and what was checked with it.
fn signer(manifest: &Manifest, keys: &KeyStore) -> Option<(String, Vec<Check>)> {
    let names = keys.names().unwrap_or_default();
    names.into_iter().find_map(|name| {
        let trust = trust(keys, &name).ok()?;
        let verification = verify(manifest, Some(&trust));
        verification
            .is_verified()
            .then_some((name, verification.checks))
    })
}

fn trust(keys: &KeyStore, name: &str) -> Result<Trust, ManifestError> {
    if let Some(certificate) = keys.certificate(name)? {
        return Ok(Trust::certificate(certificate, SystemClock.now()));
    }
    let entry = keys.entry(name)?;
    PublicKey::read(entry.public_key.as_slice()).map(Trust::key)
}

/// Whether the service's reading of the manifest is what its bytes say.
fn agreement(record: &FirmwareManifest, manifest: &Manifest) -> Check {
    let differs = |what: &str, theirs: &str, ours: Id| {
        let same = theirs.is_empty() || Id::read(theirs).is_ok_and(|id| id == ours);
        (!same).then(|| format!("the service says the {what} {theirs}, the bytes say {ours}"))
    };
    let difference = differs("vendor", &record.device_vendor, manifest.vendor_id)
        .or_else(|| differs("class", &record.device_class, manifest.class_id));
    let name = "Service's reading";
    match difference {
        Some(difference) => Check::new(name, CheckResult::Warning, difference),
        None => Check::new(
            name,
            CheckResult::Passed,
            "Vendor and class are what the bytes say.".to_owned(),
        ),
    }
}
