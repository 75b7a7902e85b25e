//! The secrets of accounts in their store, and its failures in words for the user.

use firmdrop_core::{Code, Diagnosis, Remedy};

use super::secret_place::Place;
use super::{AccessKey, Account};
use crate::home::Home;
use crate::secret_store::{KeyStorage, SecretError, SecretStore, StoreError};

/// The secrets of the accounts of a home.
#[derive(Debug, Clone)]
pub(super) struct AccountSecrets {
    home: Home,
    store: SecretStore,
}

impl AccountSecrets {
    pub(super) fn new(home: &Home, store: SecretStore) -> Self {
        Self {
            home: home.clone(),
            store,
        }
    }

    /// Stores a secret in the key store. A file takes its place only where the system has no key
    /// store, and only with the user's consent; a store that is locked or fails is an error.
    pub(super) fn store(
        &self,
        place: &Place<'_>,
        key: &AccessKey,
        may_be_a_file: bool,
    ) -> Result<KeyStorage, Diagnosis> {
        match self.store.store(&place.name(), key) {
            Ok(()) => Ok(KeyStorage::KeyStore),
            Err(SecretError::Store(StoreError::Absent)) if may_be_a_file => {
                self.store_in_file(place, key)
            }
            Err(error) => Err(self.not_stored(place, &error)),
        }
    }

    /// Stores a secret in a file, without asking for a key store.
    pub(super) fn store_in_file(
        &self,
        place: &Place<'_>,
        key: &AccessKey,
    ) -> Result<KeyStorage, Diagnosis> {
        self.store
            .store_in_file(&place.name(), key)
            .map_err(|error| self.not_stored(place, &error))?;
        Ok(KeyStorage::File)
    }

    /// A secret of an account.
    pub(super) fn read(
        &self,
        place: &Place<'_>,
        storage: KeyStorage,
    ) -> Result<AccessKey, Diagnosis> {
        match self.store.read(&place.name(), storage) {
            Ok(Some(key)) => Ok(key),
            Ok(None) => Err(missing(place, storage)),
            Err(error) => Err(not_read(place, &error)),
        }
    }

    /// Erases the secrets of an account. One that the key store does not give up is an error: whoever
    /// removes an account wants its key gone.
    pub(super) fn forget(&self, account: &Account) -> Result<(), Diagnosis> {
        for place in account.secret_places() {
            let erased = if account.simulated {
                self.store.erase_file(&place.name())
            } else {
                self.store.erase(&place.name(), account.key_storage)
            };
            erased.map_err(|error| not_erased(&place, &error))?;
        }
        Ok(())
    }

    /// Takes a secret to where the others of its account are now.
    pub(super) fn follow(
        &self,
        place: &Place<'_>,
        from: KeyStorage,
        to: KeyStorage,
    ) -> Result<(), Diagnosis> {
        let secret = self.read(place, from)?;
        match to {
            KeyStorage::KeyStore => self.store(place, &secret, false).map(drop),
            KeyStorage::File => self.store_in_file(place, &secret).map(drop),
        }
    }

    fn not_stored(&self, place: &Place<'_>, error: &SecretError) -> Diagnosis {
        let what = format!("The {} of {} was not stored.", place.words(), place.account);
        match error {
            SecretError::File(error) => self.home.not_writable(error),
            SecretError::Store(StoreError::Absent) => Diagnosis::new(
                Code::KeyStoreAbsent,
                what,
                "No program on this computer offers a key store (Secret Service).",
            )
            .state("No key was written to a file.")
            .remedy(Remedy::Advice {
                text:
                    "Start a key store such as GNOME Keyring or KWallet, or allow a file that only \
                       your user can read (--key-in-file)."
                        .into(),
            }),
            SecretError::Store(StoreError::Refused(why)) => Diagnosis::new(
                Code::KeyStoreFailed,
                what,
                format!("The system's key store refused it: {why}."),
            )
            .state("No key was written to a file.")
            .remedy(unlock("then enter the key again")),
        }
    }
}

fn unlock(then: &str) -> Remedy {
    Remedy::Advice {
        text: format!("Unlock the system's key store, {then}."),
    }
}

fn words(place: &Place<'_>) -> String {
    format!(
        "The {} of {} could not be read.",
        place.words(),
        place.account
    )
}

fn missing(place: &Place<'_>, storage: KeyStorage) -> Diagnosis {
    let why = match storage {
        KeyStorage::KeyStore => "The system's key store has no such entry.",
        KeyStorage::File => "Its file is not there.",
    };
    Diagnosis::new(Code::KeyMissing, words(place), why)
        .state(Diagnosis::NOTHING_SENT)
        .remedy(Remedy::EditAccount {
            account: place.account.to_owned(),
        })
}

fn not_read(place: &Place<'_>, error: &SecretError) -> Diagnosis {
    let why = match error {
        SecretError::File(error) => {
            return Diagnosis::new(Code::KeyMissing, words(place), error.to_string())
                .state(Diagnosis::NOTHING_SENT)
                .remedy(Remedy::EditAccount {
                    account: place.account.to_owned(),
                });
        }
        SecretError::Store(StoreError::Absent) => {
            "It was stored in the system's key store, and none is running.".to_owned()
        }
        SecretError::Store(StoreError::Refused(why)) => {
            format!("The system's key store refused it: {why}.")
        }
    };
    Diagnosis::new(Code::KeyStoreFailed, words(place), why)
        .state(Diagnosis::NOTHING_SENT)
        .remedy(unlock("then try again"))
}

fn not_erased(place: &Place<'_>, error: &SecretError) -> Diagnosis {
    let what = format!("The {} of {} was not erased.", place.words(), place.account);
    let why = format!("Its store refused: {error}.");
    Diagnosis::new(Code::KeyStoreFailed, what, why)
        .state("It is still stored; the account was not removed or moved.")
        .remedy(unlock("then try again"))
}
