//! Where a sign-in goes and what it asks for. Secrets are given apart from it, and bound to it.

use firmdrop_net::{HttpOptions, Secret, Url};
use serde::{Deserialize, Serialize};

use super::error::unusable;
use crate::azure::{Resource, TokenError, account::is_this_computer};

/// The public cloud's issuer.
const PUBLIC_AUTHORITY: &str = "https://login.microsoftonline.com";

/// What a token for the service is asked for, in the public cloud.
const PUBLIC_DEVICE_UPDATE: &str = "https://api.adu.microsoft.com";

/// What a token for storage is asked for, in every cloud but some sovereign ones.
const PUBLIC_STORAGE: &str = "https://storage.azure.com";

/// The issuer, the application and the resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SignInSettings {
    /// Host of the issuer; sovereign clouds have their own: `https://login.microsoftonline.us`.
    #[serde(default = "public_authority")]
    pub authority: String,
    /// Id or domain of the tenant. `organizations` for a user of any.
    pub tenant: String,
    /// Id of the registered application.
    pub client_id: String,
    /// What tokens for the service are asked for.
    #[serde(default = "public_device_update")]
    pub device_update: String,
    /// What tokens for storage are asked for.
    #[serde(default = "public_storage")]
    pub storage: String,
    /// Address of a proxy; `None` takes the system's settings.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Certificates (PEM) trusted besides those of the system.
    #[serde(default)]
    pub extra_ca_pem: Option<String>,
}

fn public_authority() -> String {
    PUBLIC_AUTHORITY.to_owned()
}

fn public_device_update() -> String {
    PUBLIC_DEVICE_UPDATE.to_owned()
}

fn public_storage() -> String {
    PUBLIC_STORAGE.to_owned()
}

impl SignInSettings {
    /// The public cloud.
    pub fn public(tenant: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self {
            authority: public_authority(),
            tenant: tenant.into(),
            client_id: client_id.into(),
            device_update: public_device_update(),
            storage: public_storage(),
            proxy: None,
            extra_ca_pem: None,
        }
    }

    /// Issuer, tenant and application: what a secret belongs to. A secret that was entered for
    /// another is not sent.
    pub fn binding(&self) -> String {
        let authority = self.authority_url();
        let host = authority.map_or_else(
            |_| self.authority.clone(),
            |url| url.origin().ascii_serialization(),
        );
        format!("{host}/{}/{}", self.tenant.trim(), self.client_id.trim())
    }

    /// The host of the issuer. `https`, except on this computer.
    pub(super) fn authority_url(&self) -> Result<Url, TokenError> {
        let text = self.authority.trim();
        let with_scheme = if text.contains("://") {
            text.to_owned()
        } else {
            format!("https://{text}")
        };
        let wrong = |why: &str| unusable("The issuer's address cannot be used.", why);
        let url = Url::parse(&with_scheme).map_err(|_| wrong("It is no address of a host."))?;
        let may_be_sent =
            url.scheme() == "https" || (url.scheme() == "http" && is_this_computer(&url));
        if !may_be_sent {
            return Err(wrong(
                "It must be https: secrets would travel in the clear.",
            ));
        }
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !is_bare || !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("It must be a host name only."));
        }
        Ok(url)
    }

    /// An address of the issuer: `token`, `devicecode`, `authorize`.
    pub(super) fn endpoint(&self, last: &str) -> Result<Url, TokenError> {
        let plain = |text: &str| {
            let text = text.trim();
            let is_plain = text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
            is_plain && (1..=128).contains(&text.len()) && text.chars().any(char::is_alphanumeric)
        };
        if !plain(&self.tenant) {
            return Err(unusable(
                "The tenant cannot be used.",
                "It must be the id or a domain of a tenant.",
            ));
        }
        if !plain(&self.client_id) {
            return Err(unusable(
                "The application's id cannot be used.",
                "It must be the application (client) id of an app registration.",
            ));
        }
        let mut url = self.authority_url()?;
        url.set_path(&format!("/{}/oauth2/v2.0/{last}", self.tenant.trim()));
        Ok(url)
    }

    fn resource(&self, resource: Resource) -> &str {
        let text = match resource {
            Resource::DeviceUpdate => &self.device_update,
            Resource::Storage => &self.storage,
        };
        text.trim().trim_end_matches('/')
    }

    /// The scope of an application's own token.
    pub(super) fn app_scope(&self, resource: Resource) -> String {
        format!("{}/.default", self.resource(resource))
    }

    /// The scope of a user's token.
    pub(super) fn user_scope(&self, resource: Resource) -> String {
        format!("{}/user_impersonation", self.resource(resource))
    }

    pub(super) fn http_options(&self) -> HttpOptions {
        HttpOptions {
            proxy: (self.proxy.clone()).filter(|proxy| !proxy.trim().is_empty()),
            extra_ca_pem: self.extra_ca_pem.clone().map(String::into_bytes),
            ..HttpOptions::default()
        }
    }
}

/// A secret with the issuer, tenant and application that it was entered for.
#[derive(Debug, Clone)]
pub struct BoundSecret {
    secret: Secret,
    binding: String,
}

impl BoundSecret {
    /// A secret that was just entered for these settings.
    pub fn entered(secret: Secret, settings: &SignInSettings) -> Self {
        Self {
            secret,
            binding: settings.binding(),
        }
    }

    /// A secret out of a store, with what [`Self::binding`] said when it went in.
    pub fn stored(secret: Secret, binding: impl Into<String>) -> Self {
        Self {
            secret,
            binding: binding.into(),
        }
    }

    /// What it belongs to. Not a secret.
    pub fn binding(&self) -> &str {
        &self.binding
    }

    /// The secret, for whoever stores it.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The secret, when it was entered for these settings.
    pub(super) fn for_settings(&self, settings: &SignInSettings) -> Result<&Secret, TokenError> {
        if self.binding == settings.binding() {
            return Ok(&self.secret);
        }
        Err(super::error::needed(
            "The stored secret was entered for another issuer, tenant or application.",
            "A secret is sent only to the issuer that it was entered for.",
            "Enter the secret again.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(authority: &str) -> SignInSettings {
        SignInSettings {
            authority: authority.to_owned(),
            ..SignInSettings::public("contoso.onmicrosoft.com", "app-1")
        }
    }

    #[test]
    fn an_endpoint_is_on_the_issuers_host_and_nowhere_else() {
        let token = at(PUBLIC_AUTHORITY).endpoint("token").unwrap();
        assert_eq!(
            token.as_str(),
            "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/token"
        );
        assert!(at("login.microsoftonline.us").endpoint("token").is_ok());
        assert!(at("http://127.0.0.1:8080").endpoint("token").is_ok());
        for wrong in [
            "http://login.test",
            "https://me:x@login.test",
            "https://login.test/x",
            "",
            "ftp://x",
        ] {
            assert!(at(wrong).endpoint("token").is_err(), "{wrong:?}");
        }
        for tenant in ["", "..", "a/b", "a?b", "a b"] {
            let settings = SignInSettings::public(tenant, "app");
            assert!(settings.endpoint("token").is_err(), "{tenant:?}");
        }
    }

    #[test]
    fn a_secret_belongs_to_the_issuer_tenant_and_application_it_was_entered_for() {
        let settings = at(PUBLIC_AUTHORITY);
        let secret = BoundSecret::entered("s".to_owned().into(), &settings);
        assert!(secret.for_settings(&settings).is_ok());
        let others = [
            at("https://login.evil.test"),
            SignInSettings {
                tenant: "other".to_owned(),
                ..settings.clone()
            },
            SignInSettings {
                client_id: "other".to_owned(),
                ..settings.clone()
            },
        ];
        for other in others {
            assert!(secret.for_settings(&other).is_err(), "{}", other.binding());
        }
        let stored = BoundSecret::stored("s".to_owned().into(), settings.binding());
        assert!(stored.for_settings(&settings).is_ok());
    }

    #[test]
    fn each_resource_has_its_scopes() {
        let settings = SignInSettings {
            device_update: "https://api.adu.microsoft.com/".to_owned(),
            ..at(PUBLIC_AUTHORITY)
        };
        let adu = Resource::DeviceUpdate;
        assert_eq!(
            settings.app_scope(adu),
            "https://api.adu.microsoft.com/.default"
        );
        assert_eq!(
            settings.user_scope(adu),
            "https://api.adu.microsoft.com/user_impersonation"
        );
        assert_eq!(
            settings.app_scope(Resource::Storage),
            "https://storage.azure.com/.default"
        );
    }
}
