//! Where secrets lie: the system's key store, or, where there is none, a file that only its
//! owner can read. Which of the two is written down with the account, and the window warns of the
//! second.

use std::path::{Path, PathBuf};

use firmdrop_core::{Code, Diagnosis, Remedy, Sha256};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::{ACCESS_KEY, AccessKey, Account};
use crate::home::{Home, write_durably};

/// Name under which the key store lists our entries.
const STORE: &str = "firmdrop";

/// Where an access key lies.
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

/// Which secret of which account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) account: &'a str,
    pub(super) secret: &'a str,
}

impl Place<'_> {
    /// Its name in the key store. The access key has that of its account, as it always had; a plus
    /// sign is in no account's name.
    fn name(&self) -> String {
        if self.secret == ACCESS_KEY {
            self.account.to_owned()
        } else {
            format!("{}+{}", self.account, self.secret)
        }
    }

    /// What a user calls it.
    fn words(&self) -> String {
        self.secret.replace('_', " ")
    }
}

/// Stores a key, in the key store if there is one, and nowhere else.
///
/// A key store that is locked or fails is an error: the key is written to a file only where the
/// system has none. Blocks while the system asks its user to unlock the store; call it where that
/// is allowed.
pub(super) fn store(
    home: &Home,
    place: &Place<'_>,
    key: &AccessKey,
) -> Result<KeyStorage, Diagnosis> {
    match entry(home, place) {
        Ok(entry) => entry
            .set_password(key.expose_secret())
            .map_err(|error| refused(place, &error))?,
        Err(keyring::Error::NoDefaultStore) => return store_in_file(home, place, key),
        Err(error) => return Err(refused(place, &error)),
    }
    remove_file(home, place);
    Ok(KeyStorage::KeyStore)
}

/// Stores a key in a file, without asking for a key store.
pub(super) fn store_in_file(
    home: &Home,
    place: &Place<'_>,
    key: &AccessKey,
) -> Result<KeyStorage, Diagnosis> {
    write_durably(&file(home, place), key.expose_secret().as_bytes())
        .map_err(|error| home.not_writable(&error))?;
    Ok(KeyStorage::File)
}

/// The key of an account. Blocks like [`store`].
pub(super) fn read(
    home: &Home,
    place: &Place<'_>,
    storage: KeyStorage,
) -> Result<AccessKey, Diagnosis> {
    let key = match storage {
        KeyStorage::KeyStore => entry(home, place)
            .and_then(|entry| entry.get_password())
            .map_err(|error| missing(place, &error.to_string()))?,
        KeyStorage::File => std::fs::read_to_string(file(home, place))
            .map_err(|error| missing(place, &error.to_string()))?,
    };
    Ok(SecretString::from(key))
}

/// Erases the secrets of an account, in both places: older ones may lie in the other.
pub(super) fn forget(home: &Home, account: &Account) {
    for place in account.secret_places() {
        remove_file(home, &place);
        if !account.simulated {
            // An entry that is already gone, or never was, is what was wanted.
            let _ = entry(home, &place).and_then(|entry| entry.delete_credential());
        }
    }
}

fn remove_file(home: &Home, place: &Place<'_>) {
    // A file that is already gone is what was wanted.
    let _ = std::fs::remove_file(file(home, place));
}

/// The entry of a secret in the key store; two homes never share one.
fn entry(home: &Home, place: &Place<'_>) -> keyring::Result<keyring::Entry> {
    let folder = absolute(home.folder());
    let home_id = Sha256::of(folder.as_os_str().as_encoded_bytes()).to_string();
    keyring::Entry::new(STORE, &format!("{}@{}", place.name(), &home_id[..16]))
}

fn absolute(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn file(home: &Home, place: &Place<'_>) -> PathBuf {
    home.keys().join(format!("{}.key", place.name()))
}

fn refused(place: &Place<'_>, error: &keyring::Error) -> Diagnosis {
    let what = format!("The {} of {} was not stored.", place.words(), place.account);
    let why = format!("The system's key store refused it: {error}.");
    Diagnosis::new(Code::KeyStoreFailed, what, why)
        .state("No key was written to a file.")
        .remedy(Remedy::Advice {
            text: "Unlock the system's key store, then enter the key again.".into(),
        })
}

fn missing(place: &Place<'_>, why: &str) -> Diagnosis {
    let what = format!(
        "The {} of {} could not be read.",
        place.words(),
        place.account
    );
    Diagnosis::new(Code::KeyMissing, what, why)
        .state("Nothing was sent.")
        .remedy(Remedy::EditAccount {
            account: place.account.to_owned(),
        })
}
