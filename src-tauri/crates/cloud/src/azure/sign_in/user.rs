//! Sign-in of a user: once with the browser or a code, from then on with the refresh token.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use firmdrop_net::Secret;

use super::{
    BoundSecret, RefreshStore, SignInSettings,
    error::{failed, needed},
    issuer::{Field, Granted, Issuer, NoGrant},
    renewing::{Grant, Renewing},
};
use crate::azure::{AccessToken, Resource, TokenError, TokenSource};

/// What a sign-in asks for besides a resource: a refresh token.
const ALSO: &str = "offline_access openid profile";

/// A user. [`UserSignIn::interactive`] or [`UserSignIn::with_device_code`] signs in; after that, and
/// after a restart, tokens come from the stored refresh token.
#[derive(Debug)]
pub struct UserSignIn {
    pub(super) tokens: Renewing<RefreshGrant>,
    /// Shortest wait between two looks at a code.
    pub(super) least_interval: Duration,
}

#[derive(Debug)]
pub(super) struct RefreshGrant {
    pub(super) issuer: Issuer,
    pub(super) settings: SignInSettings,
    store: Arc<dyn RefreshStore>,
    /// One refresh token serves every resource, and each use may replace it.
    turn: tokio::sync::Mutex<()>,
}

impl UserSignIn {
    /// Sends nothing.
    pub fn new(settings: SignInSettings, store: Arc<dyn RefreshStore>) -> Result<Self, TokenError> {
        Ok(Self {
            tokens: Renewing::new(RefreshGrant {
                issuer: Issuer::new(&settings)?,
                settings,
                store,
                turn: tokio::sync::Mutex::new(()),
            }),
            least_interval: Duration::from_secs(1),
        })
    }

    /// With another shortest wait between two looks at a code than a second.
    #[must_use]
    pub fn with_least_interval(mut self, least: Duration) -> Self {
        self.least_interval = least;
        self
    }

    /// Whether there is a refresh token for these settings. It may have expired.
    pub async fn is_signed_in(&self) -> bool {
        self.tokens.grant().refresh_token().await.is_ok()
    }

    /// Forgets the user: tokens in memory and the stored refresh token.
    pub async fn sign_out(&self) -> Result<(), TokenError> {
        self.tokens.forget();
        self.tokens.grant().store.erase().await
    }

    /// Takes over what a sign-in gave. One without a refresh token would end with this process, so it is none.
    pub(super) async fn signed_in(&self, granted: &Granted) -> Result<(), TokenError> {
        if granted.refresh.is_none() {
            let host = self.tokens.grant().issuer.host();
            return Err(failed(
                &format!("{host} accepted the sign-in and gave no refresh token."),
                "The access token alone ends within hours and is never stored, so the next command would have none.",
                "Give the application the delegated permission offline_access, check that no policy of the tenant forbids refresh tokens to it, then sign in again.",
            ));
        }
        self.tokens.forget();
        self.tokens.grant().save(granted).await?;
        self.tokens.put(Resource::DeviceUpdate, granted);
        Ok(())
    }
}

impl RefreshGrant {
    /// What a user consents to: both resources, so that no second sign-in is needed.
    pub(super) fn consent(&self) -> String {
        let adu = self.settings.user_scope(Resource::DeviceUpdate);
        let storage = self.settings.user_scope(Resource::Storage);
        format!("{adu} {storage} {ALSO}")
    }

    /// One resource, with a refresh token.
    pub(super) fn scope(&self, resource: Resource) -> String {
        format!("{} {ALSO}", self.settings.user_scope(resource))
    }

    async fn refresh_token(&self) -> Result<Secret, TokenError> {
        let stored = self.store.load().await?.ok_or_else(|| {
            needed(
                "Nobody is signed in.",
                "There is no stored sign-in for this account.",
                "Sign in with the browser or with a code.",
            )
        })?;
        stored.for_settings(&self.settings).cloned()
    }

    async fn save(&self, granted: &Granted) -> Result<(), TokenError> {
        match &granted.refresh {
            Some(refresh) => {
                let bound = BoundSecret::entered(refresh.clone(), &self.settings);
                self.store.save(&bound).await
            }
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Grant for RefreshGrant {
    async fn grant(&self, resource: Resource) -> Result<Granted, TokenError> {
        let _turn = self.turn.lock().await;
        let refresh = self.refresh_token().await?;
        let scope = self.scope(resource);
        let fields = [
            Field::Plain("client_id", self.settings.client_id.trim()),
            Field::Plain("grant_type", "refresh_token"),
            Field::Secret("refresh_token", &refresh),
            Field::Plain("scope", &scope),
        ];
        let granted = self.issuer.grant(&fields).await;
        let granted = granted.map_err(|no: NoGrant| TokenError::from(no))?;
        self.save(&granted).await?;
        Ok(granted)
    }
}

#[async_trait]
impl TokenSource for UserSignIn {
    async fn token(&self, resource: Resource) -> Result<AccessToken, TokenError> {
        self.tokens.token(resource).await
    }

    fn refused(&self, resource: Resource) {
        self.tokens.refused(resource);
    }
}
