//! Makes a manifest for an image that is on the service, signs it and sends it.

use std::path::Path;

use firmdrop_backend::pelion::{ManifestSpec, PlannedManifest};
use firmdrop_cloud::pelion::blast_radius::MAIN_COMPONENT;
use firmdrop_cloud::pelion::{FirmwareImage, FirmwareManifest, MANIFEST_BYTES, NewManifest};
use firmdrop_core::{
    Clock as _, Code, Diagnose as _, Diagnosis, ExpectedFile, FileFault, Sha256, SystemClock,
    grouped, read_file,
};
use firmdrop_manifest::{Id, KeyEntry, KeyPurpose, KeyStore, ManifestError, parse};

use super::{ManifestOrder, Service};
use firmdrop_engine::blocking;

impl Service {
    /// Makes a manifest for an image of the service, from the size and SHA-256 that the service
    /// reports of it, signs it with a key of this computer and sends it.
    pub async fn make_manifest(&self, order: ManifestOrder) -> Result<FirmwareManifest, Diagnosis> {
        let pelion = self.client().await?;
        let production = self
            .firmdrop
            .engine()
            .accounts()
            .get(&self.account)?
            .production;
        let image = pelion.firmware_image(&order.image_id).await?;
        let expected = expected(&image)?;
        let keys = KeyStore::new(self.firmdrop.engine().home().manifest_keys());
        let (name, description) = (order.name.clone(), order.description.clone());
        let bytes = blocking(move || {
            let planned = planned(&keys, &order, production);
            let request = planned.and_then(|planned| planned.request(&keys, &order.description));
            let request = request?;
            let signed = request.sign(&expected, &image.datafile);
            signed.map_err(|error| error.diagnose().state("Nothing was sent."))
        })
        .await?;
        let manifest = NewManifest {
            name: &name,
            description: &description,
            file_name: "manifest.bin",
        };
        Ok(pelion.post_firmware_manifest(manifest, bytes).await?)
    }

    /// Sends a manifest that was made elsewhere. A file that is none is refused here.
    pub async fn send_manifest(
        &self,
        path: &str,
        name: &str,
        description: &str,
    ) -> Result<FirmwareManifest, Diagnosis> {
        let pelion = self.client().await?;
        let path = path.to_owned();
        let bytes = blocking(move || read(Path::new(&path))).await?;
        let manifest = NewManifest {
            name,
            description,
            file_name: "manifest.bin",
        };
        Ok(pelion.post_firmware_manifest(manifest, bytes).await?)
    }
}

/// A file that is a manifest: the service would take anything small.
fn read(path: &Path) -> Result<Vec<u8>, Diagnosis> {
    let bytes = read_file(path, MANIFEST_BYTES as u64).map_err(|error| match error.why {
        FileFault::TooLarge(_) => Diagnosis::new(
            Code::ManifestTooLarge,
            format!("{} is too large.", path.display()),
            format!(
                "The service takes manifests of at most {} bytes.",
                grouped(MANIFEST_BYTES)
            ),
        )
        .state("Nothing was sent."),
        _ => error.diagnose(),
    })?;
    match parse(&bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(error.diagnose().state("Nothing was sent.")),
    }
}

fn expected(image: &FirmwareImage) -> Result<ExpectedFile, Diagnosis> {
    let sha256 = Sha256::from_hex(image.datafile_checksum.trim()).ok();
    match (image.datafile_size, sha256, image.datafile.as_str()) {
        (Some(size_bytes), Some(sha256), address) if !address.is_empty() => {
            Ok(ExpectedFile { size_bytes, sha256 })
        }
        _ => Err(Diagnosis::new(
            Code::AnswerUnreadable,
            format!(
                "The service returned too little about the firmware image {}.",
                image.id
            ),
            "A manifest repeats size, SHA-256 and address of its image; one of them is missing.",
        )
        .state("Nothing was sent.")),
    }
}

/// The order as a plan. Nothing is guessed: what is needed and was not given is refused.
fn planned(
    keys: &KeyStore,
    order: &ManifestOrder,
    production: bool,
) -> Result<PlannedManifest, ManifestError> {
    let spec = &order.spec;
    let needed = |what: &str, value: &Option<String>| {
        let value = value.clone();
        value.ok_or_else(|| ManifestError::impossible(what, "it was not given"))
    };
    let key = needed("key", &spec.key)?;
    let entry = keys.entry(&key)?;
    if production {
        entry.require_production()?;
    }
    let id = |what, value| Ok::<_, ManifestError>(Id::read(&needed(what, value)?)?.to_string());
    Ok(PlannedManifest {
        name: order.name.clone(),
        key,
        key_fingerprint: entry.fingerprint,
        is_development_key: entry.purpose == KeyPurpose::Development,
        vendor_id: id("vendor", &spec.vendor_id)?,
        class_id: id("class", &spec.class_id)?,
        version: version(&entry, spec)?,
        version_from: "given".to_owned(),
        component: spec
            .component
            .clone()
            .unwrap_or_else(|| MAIN_COMPONENT.to_owned()),
        priority: spec.priority,
        schema: if spec.schema_1 { 1 } else { 3 },
        sign_image: spec.sign_image,
    })
}

fn version(key: &KeyEntry, spec: &ManifestSpec) -> Result<String, ManifestError> {
    if !spec.schema_1 {
        let why = "schema 3 needs three numbers, like 1.2.3";
        let version = spec.version.clone();
        return version.ok_or_else(|| ManifestError::impossible("version", why));
    }
    if key.certificate.is_none() {
        let why = "schema 1 names the certificate that devices hold, and the key has none";
        return Err(ManifestError::impossible("certificate", why));
    }
    let seconds = SystemClock.now().as_millisecond() / 1000;
    Ok(u64::try_from(seconds).unwrap_or_default().to_string())
}
