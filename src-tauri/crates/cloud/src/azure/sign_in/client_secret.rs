//! Sign-in of an application with a client secret.

use async_trait::async_trait;

use super::{
    BoundSecret, SignInSettings,
    issuer::{Field, Granted, Issuer, NoGrant},
    renewing::{Grant, Renewing},
};
use crate::azure::{AccessToken, Resource, TokenError, TokenSource};

/// An application with a client secret.
#[derive(Debug)]
pub struct ClientSecret(Renewing<SecretGrant>);

#[derive(Debug)]
struct SecretGrant {
    issuer: Issuer,
    settings: SignInSettings,
    secret: firmdrop_net::Secret,
}

impl ClientSecret {
    /// Refused when the secret was entered for another issuer, tenant or application. Sends nothing.
    pub fn new(settings: SignInSettings, secret: &BoundSecret) -> Result<Self, TokenError> {
        let secret = secret.for_settings(&settings)?.clone();
        Ok(Self(Renewing::new(SecretGrant {
            issuer: Issuer::new(&settings)?,
            settings,
            secret,
        })))
    }
}

#[async_trait]
impl Grant for SecretGrant {
    async fn grant(&self, resource: Resource) -> Result<Granted, TokenError> {
        let scope = self.settings.app_scope(resource);
        let fields = [
            Field::Plain("client_id", self.settings.client_id.trim()),
            Field::Secret("client_secret", &self.secret),
            Field::Plain("grant_type", "client_credentials"),
            Field::Plain("scope", &scope),
        ];
        let granted = self.issuer.grant(&fields).await;
        Ok(granted.map_err(NoGrant::of_an_application)?)
    }
}

#[async_trait]
impl TokenSource for ClientSecret {
    async fn token(&self, resource: Resource) -> Result<AccessToken, TokenError> {
        self.0.token(resource).await
    }

    fn refused(&self, resource: Resource) {
        self.0.refused(resource);
    }
}
