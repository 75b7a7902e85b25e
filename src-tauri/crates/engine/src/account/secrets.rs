//! The secrets of an account, by name.

use std::collections::BTreeMap;

use super::AccessKey;

/// Name of the secret that an account has unless its kind says otherwise.
pub const ACCESS_KEY: &str = "access_key";
/// Name of the password for the proxy of an account, which every kind may have.
pub const PROXY_PASSWORD: &str = "proxy_password";

/// Secrets by name. Prints their names only.
#[derive(Debug, Clone, Default)]
pub struct Secrets(BTreeMap<String, AccessKey>);

impl Secrets {
    /// With one more.
    #[must_use]
    pub fn with(mut self, name: &str, secret: AccessKey) -> Self {
        self.0.insert(name.to_owned(), secret);
        self
    }

    /// A secret.
    pub fn get(&self, name: &str) -> Option<&AccessKey> {
        self.0.get(name)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &AccessKey)> {
        self.0.iter().map(|(name, secret)| (name.as_str(), secret))
    }
}

impl From<&AccessKey> for Secrets {
    fn from(key: &AccessKey) -> Self {
        Self::default().with(ACCESS_KEY, key.clone())
    }
}
