//! The system's key store: Secret Service, Keychain or Credential Manager. Tells one that is not there
//! from one that is locked or fails.

use secrecy::{ExposeSecret as _, SecretString};

/// Name under which the key store lists our entries.
const SERVICE: &str = "firmdrop";

/// What Linux says when nothing offers a key store: no session bus, or nobody of that name on it.
const ABSENT: [&str; 4] = [
    "no secret service provider or dbus session found",
    "ServiceUnknown",
    "name is not activatable",
    "was not provided by any .service files",
];

/// Why the key store did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StoreError {
    /// There is no key store here.
    #[error("this system has no key store")]
    Absent,
    /// It is locked, its prompt was dismissed, or it fails.
    #[error("{0}")]
    Refused(String),
}

/// A key store.
pub(crate) trait KeyStore: std::fmt::Debug + Send + Sync {
    /// Stores a secret, in the place of an older one.
    fn set(&self, name: &str, secret: &SecretString) -> Result<(), StoreError>;
    /// The secret of this name.
    fn get(&self, name: &str) -> Result<Option<SecretString>, StoreError>;
    /// Erases a secret; one that is not there is erased.
    fn delete(&self, name: &str) -> Result<(), StoreError>;
}

/// The one of the system.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemKeyStore;

impl KeyStore for SystemKeyStore {
    fn set(&self, name: &str, secret: &SecretString) -> Result<(), StoreError> {
        entry(name)?
            .set_password(secret.expose_secret())
            .map_err(|error| judged(&error))
    }

    fn get(&self, name: &str) -> Result<Option<SecretString>, StoreError> {
        match entry(name)?.get_password() {
            Ok(secret) => Ok(Some(secret.into())),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(judged(&error)),
        }
    }

    fn delete(&self, name: &str) -> Result<(), StoreError> {
        match entry(name)?.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(judged(&error)),
        }
    }
}

/// What the system's key store answers to a question that it need not be unlocked for. May wait for it.
pub fn key_store_answer() -> KeyStoreAnswer {
    match SystemKeyStore.get("doctor") {
        Ok(_) => KeyStoreAnswer::There,
        Err(StoreError::Absent) => KeyStoreAnswer::Absent,
        Err(StoreError::Refused(why)) => KeyStoreAnswer::Refuses(why),
    }
}

/// What a key store answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyStoreAnswer {
    /// It works.
    There,
    /// There is none.
    Absent,
    /// It refuses, in its own words.
    Refuses(String),
}

fn entry(name: &str) -> Result<keyring::Entry, StoreError> {
    // Making an entry would say of every store that did not start that there is none.
    if let Err(error) = keyring::Entry::store_status() {
        return Err(judged(error));
    }
    keyring::Entry::new(SERVICE, name).map_err(|error| judged(&error))
}

/// Whether there is no store, or one that refused. An error that carries what was stored is not shown
/// with it.
fn judged(error: &keyring::Error) -> StoreError {
    use keyring::Error;
    let text = match error {
        Error::PlatformFailure(cause) | Error::NoStorageAccess(cause) => cause.to_string(),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            "the stored entry is not one of Firmdrop's".to_owned()
        }
        Error::Ambiguous(_) => "it holds several entries of this name".to_owned(),
        other => other.to_string(),
    };
    // The bus itself is not there: nobody of this user has a session.
    let no_bus =
        text.contains("Failed to connect to address") && text.contains("No such file or directory");
    if no_bus || ABSENT.iter().any(|absent| text.contains(absent)) {
        StoreError::Absent
    } else {
        StoreError::Refused(text)
    }
}

/// A key store for tests.
#[cfg(test)]
pub(crate) mod fake {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use super::*;

    #[derive(Debug, Default)]
    pub(crate) struct FakeKeyStore {
        held: Mutex<BTreeMap<String, String>>,
        refusal: Mutex<Option<StoreError>>,
    }

    impl FakeKeyStore {
        /// One that is not there.
        pub(crate) fn absent() -> Self {
            let store = Self::default();
            *store.refusal.lock().unwrap() = Some(StoreError::Absent);
            store
        }

        /// From now on it refuses with these words, or works again.
        pub(crate) fn refuse(&self, why: Option<&str>) {
            *self.refusal.lock().unwrap() = why.map(|why| StoreError::Refused(why.into()));
        }

        pub(crate) fn is_empty(&self) -> bool {
            self.held.lock().unwrap().is_empty()
        }

        fn ready(&self) -> Result<(), StoreError> {
            self.refusal.lock().unwrap().clone().map_or(Ok(()), Err)
        }
    }

    impl KeyStore for FakeKeyStore {
        fn set(&self, name: &str, secret: &SecretString) -> Result<(), StoreError> {
            self.ready()?;
            let secret = secret.expose_secret().to_owned();
            self.held.lock().unwrap().insert(name.to_owned(), secret);
            Ok(())
        }

        fn get(&self, name: &str) -> Result<Option<SecretString>, StoreError> {
            self.ready()?;
            let held = self.held.lock().unwrap().get(name).cloned();
            Ok(held.map(SecretString::from))
        }

        fn delete(&self, name: &str) -> Result<(), StoreError> {
            self.ready()?;
            self.held.lock().unwrap().remove(name);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(text: &str) -> keyring::Error {
        keyring::Error::PlatformFailure(text.into())
    }

    #[test]
    fn only_a_store_that_is_not_there_counts_as_none() {
        for absent in [
            "no secret service provider or dbus session found",
            "zbus error: org.freedesktop.DBus.Error.ServiceUnknown: The name is not activatable",
            "zbus error: Failed to connect to address `unix:path=/run/user/0/bus`: No such file or directory (os error 2)",
            "The name org.freedesktop.secrets was not provided by any .service files",
        ] {
            assert_eq!(judged(&platform(absent)), StoreError::Absent, "{absent}");
        }
        let locked = keyring::Error::NoStorageAccess("SS Error: object locked".into());
        let failures = [
            locked,
            platform("zbus error: org.freedesktop.DBus.Error.NoReply: Did not receive a reply"),
            platform("zbus error: org.freedesktop.DBus.Error.Spawn.ChildExited: exited"),
            platform(
                "zbus error: Failed to connect to address `unix:path=/run/user/0/bus`: Connection refused (os error 111)",
            ),
            platform("SS error: prompt dismissed"),
            keyring::Error::Ambiguous(Vec::new()),
        ];
        for failure in failures {
            let judged = judged(&failure);
            assert!(matches!(judged, StoreError::Refused(_)), "{judged:?}");
        }
    }

    #[test]
    fn what_was_stored_is_not_repeated_by_an_error() {
        let error = keyring::Error::BadEncoding(b"marker\xff".to_vec());
        assert!(!judged(&error).to_string().contains("marker"));
    }
}
