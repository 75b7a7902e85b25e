//! Where an account lives. Its access key travels apart from it and is never serialised.

use firmdrop_net::{AddressKind, Url, address_kind};
use serde::{Deserialize, Serialize};

use super::PelionError;

/// The key of an account; redacted in every print and wiped when dropped.
pub type AccessKey = secrecy::SecretString;

/// A named set of address and ways there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PelionAccount {
    /// The name a user gave it.
    pub name: String,
    /// Address of the service: `https://api.us-east-1.mbedcloud.com`.
    pub host: String,
    /// Address of a proxy; `None` takes the system's settings.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Certificates (PEM) trusted besides those of the system.
    #[serde(default)]
    pub extra_ca_pem: Option<String>,
    /// Whether real devices hang on it; the window asks twice before it writes there.
    #[serde(default)]
    pub production: bool,
}

impl PelionAccount {
    /// The host as an address, ending in a slash. Plain http is accepted only inside the own
    /// network, because the access key would travel in the clear.
    pub(super) fn base_url(&self) -> Result<Url, PelionError> {
        let wrong = |why: &str| PelionError::Account {
            account: self.name.clone(),
            why: why.to_owned(),
        };
        let mut url = Url::parse(self.host.trim())
            .map_err(|_| wrong("Its host is not an address such as https://api.example.com."))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong(
                "Its host must not contain a user name or a password.",
            ));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_own_network(&url) => {}
            "http" => {
                return Err(wrong(
                    "Its host must begin with https://: the access key would travel in the clear.",
                ));
            }
            _ => return Err(wrong("Its host must begin with https://.")),
        }
        url.set_query(None);
        url.set_fragment(None);
        let path = format!("{}/", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(url)
    }
}

fn is_own_network(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_matches(['[', ']']);
    host == "localhost"
        || literal
            .parse()
            .is_ok_and(|address| address_kind(address) != AddressKind::Public)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(host: &str) -> Result<String, PelionError> {
        let account = PelionAccount {
            name: "demo".to_owned(),
            host: host.to_owned(),
            proxy: None,
            extra_ca_pem: None,
            production: false,
        };
        account.base_url().map(String::from)
    }

    #[test]
    fn a_host_is_an_address_with_or_without_a_slash() {
        let plain = base("https://api.test").unwrap();
        assert_eq!(plain, "https://api.test/");
        assert_eq!(base("https://api.test/").unwrap(), plain);
        assert_eq!(
            base("https://api.test/gate?x#y").unwrap(),
            "https://api.test/gate/"
        );
    }

    #[test]
    fn an_access_key_never_travels_in_the_clear_through_foreign_networks() {
        assert!(base("http://127.0.0.1:8080").is_ok());
        assert!(base("http://10.0.0.9").is_ok());
        assert!(base("http://api.test").is_err());
        assert!(base("http://8.8.8.8").is_err());
        assert!(base("https://me:secret@api.test").is_err());
        assert!(base("ftp://api.test").is_err());
        assert!(base("api.test").is_err());
    }
}
