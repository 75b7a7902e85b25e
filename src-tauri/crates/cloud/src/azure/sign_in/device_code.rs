//! Sign-in of a user with a code that is entered in a browser elsewhere (RFC 8628).

use std::time::Duration;

use firmdrop_net::Url;
use serde_json::Value;
use tokio::time::Instant;

use super::{
    UserSignIn,
    error::{failed, needed},
    issuer::{Field, NoGrant, seconds},
};
use crate::azure::{Resource, TokenError, account::is_this_computer};

/// Wait between two looks where the issuer says none (RFC 8628, section 3.2), and what `slow_down`
/// adds to it (section 3.5).
const USUAL_INTERVAL: Duration = Duration::from_secs(5);

/// Longest wait between two looks.
const LONGEST_INTERVAL: Duration = Duration::from_mins(1);

/// Longest life of a code that is waited for.
const LONGEST_LIFE: Duration = Duration::from_mins(30);

/// What a user has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCodePrompt {
    /// Entered at the address.
    pub user_code: String,
    /// The address: `https://microsoft.com/devicelogin`.
    pub address: String,
    /// How long the code is valid.
    pub valid_for: Duration,
}

impl UserSignIn {
    /// Signs a user in with a code. `show` is called once, with the code; then the issuer is asked
    /// until the user has entered it, declined, or let it expire. Dropping the future ends it.
    pub async fn with_device_code(
        &self,
        show: impl FnOnce(DeviceCodePrompt) + Send,
    ) -> Result<(), TokenError> {
        let grant = self.tokens.grant();
        let client_id = grant.settings.client_id.trim();
        let scope = grant.scope(Resource::DeviceUpdate);
        let asked = [
            Field::Plain("client_id", client_id),
            Field::Plain("scope", &scope),
        ];
        let answer = grant.issuer.device_code(&asked).await;
        let answer = answer.map_err(TokenError::from)?;
        let issued = issued(&answer).ok_or_else(|| {
            failed(
                "The issuer answered without a code.",
                "Probably it does not offer this way to sign in.",
                "Sign in with the browser.",
            )
        })?;
        if issued.prompt.valid_for.is_zero() {
            return Err(failed(
                "The issuer's code had ended before it could be shown.",
                "The issuer says that it is valid for 0 s.",
                "Start the sign-in again; where that repeats, sign in with the browser.",
            ));
        }
        let end = Instant::now() + issued.prompt.valid_for;
        let mut interval = issued.interval.clamp(self.least_interval, LONGEST_INTERVAL);
        show(issued.prompt);
        let device_code = issued.device_code.into();
        loop {
            tokio::time::sleep(interval).await;
            if Instant::now() >= end {
                return Err(expired());
            }
            let fields = [
                Field::Plain("client_id", client_id),
                Field::Plain("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
                Field::Secret("device_code", &device_code),
            ];
            match grant.issuer.grant(&fields).await {
                Ok(granted) => return self.signed_in(&granted).await,
                Err(NoGrant::Refused(refused)) => match refused.error.as_str() {
                    "authorization_pending" => {}
                    "slow_down" => interval = (interval + USUAL_INTERVAL).min(LONGEST_INTERVAL),
                    _ if matches!(refused.status, 429 | 500..=599) => {
                        let asked = refused.retry_after.unwrap_or(USUAL_INTERVAL);
                        interval = interval.max(asked).min(LONGEST_INTERVAL);
                    }
                    _ => return Err(refused.into_error()),
                },
                Err(NoGrant::Failed(error)) => {
                    // RFC 8628, section 3.5: a connection that times out is tried again later.
                    if !super::may_pass(&error) {
                        return Err(error);
                    }
                }
            }
        }
    }
}

struct Issued {
    device_code: String,
    prompt: DeviceCodePrompt,
    interval: Duration,
}

fn issued(answer: &Value) -> Option<Issued> {
    let text = |name: &str, longest: usize| {
        let text = answer.get(name)?.as_str()?.trim();
        let is_plain =
            !text.is_empty() && text.len() <= longest && text.bytes().all(|b| b.is_ascii_graphic());
        is_plain.then(|| text.to_owned())
    };
    let address = text("verification_uri", 256).or_else(|| text("verification_url", 256))?;
    let url = Url::parse(&address).ok()?;
    let may_be_shown =
        url.scheme() == "https" || (url.scheme() == "http" && is_this_computer(&url));
    let valid_for = seconds(answer.get("expires_in"))
        .unwrap_or(LONGEST_LIFE)
        .min(LONGEST_LIFE);
    may_be_shown.then_some(Issued {
        device_code: text("device_code", 4096)?,
        prompt: DeviceCodePrompt {
            user_code: text("user_code", 64)?,
            address,
            valid_for,
        },
        interval: seconds(answer.get("interval")).unwrap_or(USUAL_INTERVAL),
    })
}

fn expired() -> TokenError {
    needed(
        "The code was not entered in time.",
        "The issuer's code has ended.",
        "Start the sign-in again.",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_code_is_shown_only_with_an_address_that_is_safe_to_open() {
        let of = |address: &str| {
            issued(
                &json!({"device_code": "d", "user_code": "ABC", "verification_uri": address, "expires_in": 900}),
            )
        };
        assert!(of("https://microsoft.com/devicelogin").is_some());
        for wrong in [
            "http://microsoft.com/devicelogin",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "",
            "x",
        ] {
            assert!(of(wrong).is_none(), "{wrong}");
        }
        let controls = json!({"device_code": "d", "user_code": "A\u{202e}B", "verification_uri": "https://m.test"});
        assert!(issued(&controls).is_none());
    }

    #[test]
    fn times_of_the_issuer_are_bounded() {
        let odd = json!({"device_code": "d", "user_code": "A", "verification_uri": "https://m.test",
            "expires_in": u64::MAX, "interval": "x"});
        let issued = issued(&odd).unwrap();
        assert_eq!(issued.prompt.valid_for, LONGEST_LIFE);
        assert_eq!(issued.interval, USUAL_INTERVAL);
    }
}
