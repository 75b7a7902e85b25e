//! Where an account lives. Who signs in to it, and its storage, are described elsewhere.

use firmdrop_net::{AddressKind, HttpOptions, Url, address_kind};
use serde::{Deserialize, Serialize};

use super::{ApiVersion, AzureError};

/// Longest name of an instance, characters. Limits page of the service: 3 to 36.
const INSTANCE_CHARACTERS: usize = 36;

/// An instance of the service and the way there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AzureAccount {
    /// The name that a user gave it.
    pub name: String,
    /// The account endpoint, a bare host name: `contoso.api.adu.microsoft.com`. An address with
    /// `https://` is accepted too, and one with `http://` on this computer.
    pub service: String,
    /// The instance within the account.
    pub instance: String,
    /// The version of the interface.
    #[serde(default)]
    pub api_version: ApiVersion,
    /// Address of a proxy; `None` takes the system's settings.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Certificates (PEM) trusted besides those of the system.
    #[serde(default)]
    pub extra_ca_pem: Option<String>,
    /// Whether real devices belong to it; the window asks twice before it writes there.
    #[serde(default)]
    pub production: bool,
}

impl AzureAccount {
    /// Refuses an account that no client can be made of. Sends nothing.
    pub fn check(&self) -> Result<(), AzureError> {
        self.base_url()?;
        self.checked_instance().map(drop)
    }

    /// The service as an address that ends with a slash. Every token is sent there and nowhere else,
    /// so it is `https`, except on this computer.
    pub(super) fn base_url(&self) -> Result<Url, AzureError> {
        let wrong = |why: &str| self.unusable(why);
        let text = self.service.trim();
        let with_scheme = if text.contains("://") {
            text.to_owned()
        } else {
            format!("https://{text}")
        };
        let mut url = Url::parse(&with_scheme)
            .ok()
            .filter(|url| url.host_str().is_some_and(|host| !host.is_empty()))
            .ok_or_else(|| {
                wrong("Its account endpoint is no host name such as contoso.api.adu.microsoft.com.")
            })?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong(
                "Its account endpoint must not contain a user name or a password.",
            ));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_this_computer(&url) => {}
            _ => {
                return Err(wrong(
                    "Its account endpoint must be reached over https: tokens would travel in the clear.",
                ));
            }
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong(
                "Its account endpoint is a host name only, without a path.",
            ));
        }
        url.set_path("/");
        Ok(url)
    }

    /// The instance, when it can be a part of a path.
    pub(super) fn checked_instance(&self) -> Result<&str, AzureError> {
        let instance = self.instance.trim();
        let is_plain = instance
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if is_plain && (1..=INSTANCE_CHARACTERS).contains(&instance.len()) {
            Ok(instance)
        } else {
            Err(self.unusable("Its instance is no name of letters, digits and dashes."))
        }
    }

    /// Proxy and certificates.
    pub(super) fn http_options(&self) -> HttpOptions {
        HttpOptions {
            proxy: (self.proxy.clone()).filter(|proxy| !proxy.trim().is_empty()),
            extra_ca_pem: self.extra_ca_pem.clone().map(String::into_bytes),
            ..HttpOptions::default()
        }
    }

    fn unusable(&self, why: &str) -> AzureError {
        AzureError::Account {
            account: self.name.clone(),
            why: why.to_owned(),
        }
    }
}

/// Whether the address names this computer by its loopback.
pub(super) fn is_this_computer(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_matches(['[', ']']);
    host == "localhost"
        || literal
            .parse()
            .is_ok_and(|address| address_kind(address) == AddressKind::Loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(service: &str, instance: &str) -> AzureAccount {
        AzureAccount {
            name: "contoso".to_owned(),
            service: service.to_owned(),
            instance: instance.to_owned(),
            api_version: ApiVersion::default(),
            proxy: None,
            extra_ca_pem: None,
            production: false,
        }
    }

    #[test]
    fn a_bare_host_name_becomes_an_address_over_https() {
        let base = |service| account(service, "blue").base_url().map(String::from);
        let expected = "https://contoso.api.adu.microsoft.com/";
        for service in [
            "contoso.api.adu.microsoft.com",
            " contoso.api.adu.microsoft.com ",
            "https://contoso.api.adu.microsoft.com",
            "https://Contoso.api.adu.microsoft.com/",
        ] {
            assert_eq!(base(service).unwrap(), expected, "{service}");
        }
        assert_eq!(
            base("http://127.0.0.1:8080").unwrap(),
            "http://127.0.0.1:8080/"
        );
        assert_eq!(base("localhost:8443").unwrap(), "https://localhost:8443/");
    }

    #[test]
    fn a_token_never_travels_in_the_clear_or_to_a_part_of_a_host() {
        for service in [
            "",
            "http://contoso.api.adu.microsoft.com",
            "http://10.0.0.9",
            "https://me:secret@contoso.api.adu.microsoft.com",
            "https://contoso.api.adu.microsoft.com/deviceUpdate",
            "contoso.api.adu.microsoft.com?x",
            "ftp://contoso.api.adu.microsoft.com",
            "https://",
        ] {
            assert!(account(service, "blue").base_url().is_err(), "{service:?}");
        }
    }

    #[test]
    fn an_instance_cannot_lead_to_another_path() {
        for instance in ["", "..", "a/b", "a?b", "a%2fb", "ü", &"a".repeat(37)] {
            assert!(
                account("h.test", instance).checked_instance().is_err(),
                "{instance}"
            );
        }
        assert_eq!(
            account("h.test", "blue-1").checked_instance().unwrap(),
            "blue-1"
        );
    }

    #[test]
    fn an_account_of_before_reads_with_the_current_version() {
        let text = r#"{"name":"a","service":"h.test","instance":"blue"}"#;
        let read: AzureAccount = serde_json::from_str(text).unwrap();
        assert_eq!(
            read,
            AzureAccount {
                name: "a".to_owned(),
                ..account("h.test", "blue")
            }
        );
    }
}
