//! Secrets of a home: in the system's key store or, where there is none, in files that only their owner
//! can read. Never in both.

mod system;

use std::path::PathBuf;
use std::sync::Arc;

use firmdrop_core::Sha256;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::home::{Home, write_durably};
#[cfg(test)]
pub(crate) use system::fake;
pub(crate) use system::{KeyStore, StoreError, SystemKeyStore};
pub use system::{KeyStoreAnswer, key_store_answer};

/// Longest secret that is read from a file, bytes.
const LONGEST: u64 = 1 << 20;

/// Where a secret is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum KeyStorage {
    /// In the system's key store.
    KeyStore,
    /// In a file only this user can read, because the system has no key store, or because the
    /// account is a simulated one. The window warns of the first.
    File,
}

/// Why a secret was not stored, read or erased.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    File(#[from] std::io::Error),
}

/// The secrets of one home, by name. Blocks while the system asks its user to unlock the store.
#[derive(Debug, Clone)]
pub(crate) struct SecretStore {
    home: Home,
    system: Arc<dyn KeyStore>,
}

impl SecretStore {
    /// With the system's key store.
    pub(crate) fn of(home: &Home) -> Self {
        Self::with(home, Arc::new(SystemKeyStore))
    }

    /// With this key store.
    pub(crate) fn with(home: &Home, system: Arc<dyn KeyStore>) -> Self {
        Self {
            home: home.clone(),
            system,
        }
    }

    /// Stores a secret in the key store, and erases it from the file an earlier program wrote.
    pub(crate) fn store(&self, name: &str, secret: &SecretString) -> Result<(), SecretError> {
        self.system.set(&self.entry(name), secret)?;
        self.erase_file(name)
    }

    /// Stores a secret in a file.
    pub(crate) fn store_in_file(
        &self,
        name: &str,
        secret: &SecretString,
    ) -> Result<(), SecretError> {
        Ok(write_durably(
            &self.file(name),
            secret.expose_secret().as_bytes(),
        )?)
    }

    /// A secret; `None` when there is none of this name.
    pub(crate) fn read(
        &self,
        name: &str,
        storage: KeyStorage,
    ) -> Result<Option<SecretString>, SecretError> {
        match storage {
            KeyStorage::KeyStore => Ok(self.system.get(&self.entry(name))?),
            KeyStorage::File => self.read_file(name),
        }
    }

    /// Erases a secret everywhere: programs before this one left some in the place they moved it from.
    /// One that is not there is erased; a key store that is not there has nothing to erase.
    pub(crate) fn erase(&self, name: &str, storage: KeyStorage) -> Result<(), SecretError> {
        self.erase_file(name)?;
        match self.system.delete(&self.entry(name)) {
            Err(error @ StoreError::Refused(_)) if storage == KeyStorage::KeyStore => {
                Err(error.into())
            }
            _ => Ok(()),
        }
    }

    /// Erases a secret that was never in the key store.
    pub(crate) fn erase_file(&self, name: &str) -> Result<(), SecretError> {
        match std::fs::remove_file(self.file(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn read_file(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        use std::io::Read as _;
        let mut text = String::new();
        match std::fs::File::open(self.file(name)) {
            Ok(file) => file.take(LONGEST).read_to_string(&mut text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        Ok(Some(text.into()))
    }

    /// Its name in the key store; two homes never share one.
    fn entry(&self, name: &str) -> String {
        let folder = self.home.folder();
        let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let home = Sha256::of(folder.as_os_str().as_encoded_bytes()).to_string();
        format!("{name}@{}", &home[..16])
    }

    fn file(&self, name: &str) -> PathBuf {
        self.home.keys().join(format!("{name}.key"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret_store::fake::FakeKeyStore;

    fn secrets() -> (tempfile::TempDir, Arc<FakeKeyStore>, SecretStore) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path().join("home")).unwrap();
        let system = Arc::new(FakeKeyStore::default());
        let store = SecretStore::with(&home, Arc::clone(&system) as Arc<dyn KeyStore>);
        (folder, system, store)
    }

    #[test]
    fn a_secret_that_moves_into_the_key_store_leaves_its_file() {
        let (_folder, system, store) = secrets();
        let secret = SecretString::from("marker");
        store.store_in_file("lab", &secret).unwrap();
        store.store("lab", &secret).unwrap();
        assert!(store.read("lab", KeyStorage::File).unwrap().is_none());
        let read = store.read("lab", KeyStorage::KeyStore).unwrap().unwrap();
        assert_eq!(read.expose_secret(), "marker");
        store.erase("lab", KeyStorage::KeyStore).unwrap();
        assert!(system.is_empty());
        store.erase("lab", KeyStorage::KeyStore).unwrap();
    }

    #[test]
    fn a_store_that_refuses_leaves_no_file_behind_and_is_no_missing_store() {
        let (_folder, system, store) = secrets();
        system.refuse(Some("locked"));
        let refused = store.store("lab", &SecretString::from("marker"));
        assert!(matches!(
            refused,
            Err(SecretError::Store(StoreError::Refused(_)))
        ));
        assert!(store.read("lab", KeyStorage::File).unwrap().is_none());
        assert!(store.read("lab", KeyStorage::KeyStore).is_err());
        assert!(store.erase("lab", KeyStorage::KeyStore).is_err());
    }
}
