//! Cloud accounts as a user sees them. An access key goes in and never comes out.

use std::collections::BTreeMap;

use firmdrop_engine::{AccessKey, KeyStorage};
use serde::{Deserialize, Serialize};

/// A new account, or what an account becomes.
#[derive(Clone, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AccountDraft {
    /// What it is called here; letters, digits, dot, dash and underscore.
    pub name: String,
    /// Kind of a new account; an account that exists has its own.
    #[serde(default)]
    pub kind: Option<String>,
    /// Address of the service.
    pub host: String,
    /// The access key. `None` leaves the stored one, which serves only the address, proxy and
    /// certificates it was entered for.
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub access_key: Option<AccessKey>,
    /// Proxy, `http://`, `https://` or `socks5://`; `None` leaves it as it is, empty removes it.
    pub proxy: Option<String>,
    /// Additional CA certificates, PEM; `None` leaves them as they are, empty removes them.
    pub extra_ca_pem: Option<String>,
    /// Show the red frame.
    pub production: bool,
    /// Fields of its own kind, by their keys; those that are left out stay as they are.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// Secrets besides the access key, by their keys.
    #[serde(default)]
    #[cfg_attr(feature = "specta", specta(type = BTreeMap<String, String>))]
    pub secrets: BTreeMap<String, AccessKey>,
    /// The user consents to a file that only they can read, where the system has no key store.
    #[serde(default)]
    pub key_in_file: bool,
}

impl AccountDraft {
    /// The account it changes: `KIND:NAME`, or its name alone when it says no kind.
    pub fn key(&self) -> String {
        match &self.kind {
            Some(kind) => format!("{kind}:{}", self.name),
            None => self.name.clone(),
        }
    }
}

impl std::fmt::Debug for AccountDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountDraft")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// An account as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AccountView {
    /// What no other account is called: `KIND:NAME`.
    pub id: String,
    /// What it is called here; accounts of different kinds may share a name.
    pub name: String,
    /// Id of its kind.
    pub kind: String,
    /// Address of the service.
    pub host: String,
    /// Proxy, without its password.
    pub proxy: Option<String>,
    /// Additional CA certificates are trusted besides the system's.
    pub has_extra_ca: bool,
    /// Shown with the red frame.
    pub production: bool,
    /// Part of the simulated world.
    pub simulated: bool,
    /// Where its secrets are stored.
    pub key_storage: KeyStorage,
}
