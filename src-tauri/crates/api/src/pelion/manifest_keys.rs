//! The keys of this computer that sign manifests.

use std::path::Path;

use firmdrop_core::{Clock as _, Diagnosis, SystemClock};
use firmdrop_manifest::{
    CertificateDraft, Id, KeyEntry, KeyPurpose, KeyStore, ManifestError, SigningKey, read_key_file,
};

use crate::Firmdrop;
use firmdrop_engine::blocking;

/// How long a certificate that is made here is valid, days. Devices do not look: it is a container
/// of the key. The vendor's development tool writes twenty years.
const CERTIFICATE_DAYS: u32 = 7300;

/// The keys that sign manifests.
#[derive(Debug, Clone)]
pub struct ManifestKeys {
    keys: KeyStore,
}

impl Firmdrop {
    /// The keys of this computer that sign manifests.
    pub fn manifest_keys(&self) -> ManifestKeys {
        ManifestKeys {
            keys: KeyStore::new(self.engine().home().manifest_keys()),
        }
    }
}

impl ManifestKeys {
    /// All of them. One that cannot be read is left out.
    pub async fn list(&self) -> Result<Vec<KeyEntry>, Diagnosis> {
        self.with_keys(|keys| {
            let names = keys.names()?;
            Ok(names
                .iter()
                .filter_map(|name| keys.entry(name).ok())
                .collect())
        })
        .await
    }

    /// Makes a key under a new name.
    pub async fn add(&self, name: &str, development: bool) -> Result<KeyEntry, Diagnosis> {
        let name = name.to_owned();
        self.with_keys(move |keys| keys.add(&name, &SigningKey::generate()?, purpose(development)))
            .await
    }

    /// Takes a key over from a PEM file.
    pub async fn import(
        &self,
        name: &str,
        path: &str,
        development: bool,
    ) -> Result<KeyEntry, Diagnosis> {
        let (name, path) = (name.to_owned(), path.to_owned());
        self.with_keys(move |keys| {
            let key = read_key_file(Path::new(&path))?;
            keys.add(&name, &key, purpose(development))
        })
        .await
    }

    /// Gives a key a certificate that it signs itself, with these ids noted in it. One that was
    /// there is replaced.
    pub async fn certify(
        &self,
        name: &str,
        vendor_id: Option<String>,
        class_id: Option<String>,
    ) -> Result<KeyEntry, Diagnosis> {
        let name = name.to_owned();
        self.with_keys(move |keys| {
            let read = |id: Option<String>| id.map(|id| Id::read(&id)).transpose();
            let draft = CertificateDraft {
                name: name.clone(),
                vendor_id: read(vendor_id)?,
                class_id: read(class_id)?,
                is_development: keys.entry(&name)?.purpose == KeyPurpose::Development,
                not_before: SystemClock.now(),
                days: CERTIFICATE_DAYS,
            };
            keys.set_certificate(&name, &draft.sign(&keys.key(&name)?)?)?;
            keys.entry(&name)
        })
        .await
    }

    async fn with_keys<T: Send + 'static>(
        &self,
        work: impl FnOnce(&KeyStore) -> Result<T, ManifestError> + Send + 'static,
    ) -> Result<T, Diagnosis> {
        let keys = self.keys.clone();
        blocking(move || work(&keys).map_err(Diagnosis::from)).await
    }
}

fn purpose(development: bool) -> KeyPurpose {
    if development {
        KeyPurpose::Development
    } else {
        KeyPurpose::Production
    }
}
