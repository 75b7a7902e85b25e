//! Sign-in of a user with the system's browser: authorization code with PKCE (RFC 7636, RFC 8252).
//!
//! The browser is opened by the caller, never a view of the window.

use std::time::Duration;

use aws_lc_rs::rand;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use firmdrop_core::Sha256;
use firmdrop_net::{Secret, Url};
use secrecy::ExposeSecret as _;
use tokio::time::timeout;

use super::{
    UserSignIn,
    error::{Refused, failed, needed},
    issuer::Field,
    loopback::{Loopback, Returned},
};
use crate::azure::{Resource, TokenError};

/// How long a user may take in the browser.
pub const BROWSER_TIME: Duration = Duration::from_mins(10);

impl UserSignIn {
    /// Signs a user in with the system's browser. `open` is given the address to open there, once; it
    /// has no secret in it. Ends with the issuer's answer, after [`BROWSER_TIME`], or when the future
    /// is dropped.
    pub async fn interactive(
        &self,
        open: impl FnOnce(&Url) -> Result<(), String> + Send,
    ) -> Result<(), TokenError> {
        let grant = self.tokens.grant();
        let loopback = Loopback::open().await?;
        let redirect = loopback.address();
        let state = random()?;
        let verifier = Secret::from(random()?);
        let challenge = Sha256::of(verifier.expose_secret().as_bytes());
        let mut url = grant.settings.endpoint("authorize")?;
        url.query_pairs_mut()
            .append_pair("client_id", grant.settings.client_id.trim())
            .append_pair("response_type", "code")
            .append_pair("response_mode", "query")
            .append_pair("redirect_uri", &redirect)
            .append_pair("scope", &grant.consent())
            .append_pair("state", &state)
            .append_pair(
                "code_challenge",
                &URL_SAFE_NO_PAD.encode(challenge.as_bytes()),
            )
            .append_pair("code_challenge_method", "S256")
            .append_pair("prompt", "select_account");
        open(&url).map_err(|why| {
            failed(
                &format!("The browser could not be opened: {why}."),
                "The sign-in takes place in the system's browser.",
                "Sign in with a code instead.",
            )
        })?;
        let answer = timeout(BROWSER_TIME, loopback.answer(&state)).await;
        let answer = answer.map_err(|_| {
            needed(
                "The sign-in in the browser did not end in time.",
                "Nothing came back within ten minutes.",
                "Sign in again.",
            )
        })??;
        let code = match answer {
            Returned::Code(code) => Secret::from(code),
            Returned::Refused(error, description) => {
                let refused = Refused::of_redirect(grant.issuer.host(), &error, &description);
                return Err(refused.into_error());
            }
        };
        let scope = grant.scope(Resource::DeviceUpdate);
        let fields = [
            Field::Plain("client_id", grant.settings.client_id.trim()),
            Field::Plain("grant_type", "authorization_code"),
            Field::Plain("redirect_uri", &redirect),
            Field::Plain("scope", &scope),
            Field::Secret("code", &code),
            Field::Secret("code_verifier", &verifier),
        ];
        let granted = grant
            .issuer
            .grant(&fields)
            .await
            .map_err(TokenError::from)?;
        self.signed_in(&granted).await
    }
}

/// 256 random bits as text.
fn random() -> Result<String, TokenError> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| {
        failed(
            "The system gave no random numbers.",
            "A sign-in in the browser needs them.",
            "Try again.",
        )
    })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
