//! One request to the issuer and its answer. Redirects are never followed, nothing is repeated.

use std::time::Duration;

use firmdrop_net::{Http, Method, NetError, Request, Response, Secret, Url};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::{
    SignInSettings,
    error::{self, Refused},
};
use crate::azure::TokenError;
use crate::known_host::{KnownHost, is_of_a_gateway};

/// Most bytes of an answer. Tokens of users in many groups have some KiB.
const ANSWER_BYTES: u64 = 256 * 1024;

/// Longest life of a token that is believed.
const LONGEST_LIFE: Duration = Duration::from_hours(24);

/// Life of a token whose issuer does not say it.
const UNSAID_LIFE: Duration = Duration::from_mins(5);

/// What stands where `net` took out a secret that the answer repeated.
const REPEATED: &str = "[secret]";

/// What the issuer gave.
#[derive(Debug, Clone)]
pub(super) struct Granted {
    pub(super) token: Secret,
    pub(super) life: Duration,
    /// A new refresh token; `None` when the old one stays.
    pub(super) refresh: Option<Secret>,
}

/// A field of a request.
pub(super) enum Field<'a> {
    Plain(&'static str, &'a str),
    Secret(&'static str, &'a Secret),
}

/// Why there is no grant.
#[derive(Debug)]
pub(super) enum NoGrant {
    /// The issuer refused.
    Refused(Refused),
    /// There is no usable answer.
    Failed(TokenError),
}

impl NoGrant {
    /// The same for a request in which no user takes part.
    pub(super) fn of_an_application(self) -> Self {
        match self {
            Self::Refused(refused) => Self::Refused(refused.of_an_application()),
            failed @ Self::Failed(_) => failed,
        }
    }
}

impl From<NoGrant> for TokenError {
    fn from(no: NoGrant) -> Self {
        match no {
            NoGrant::Refused(refused) => refused.into_error(),
            NoGrant::Failed(error) => error,
        }
    }
}

/// The issuer of one account.
#[derive(Debug, Clone)]
pub(super) struct Issuer {
    http: Http,
    token: Url,
    device_code: Url,
    host: String,
    known_host: KnownHost,
}

impl Issuer {
    pub(super) fn new(settings: &SignInSettings) -> Result<Self, TokenError> {
        let authority = settings.authority_url()?;
        let http = Http::new(&authority, &settings.http_options());
        Ok(Self {
            http: http.map_err(|error| error::net(&error))?,
            token: settings.endpoint("token")?,
            device_code: settings.endpoint("devicecode")?,
            host: authority.host_str().unwrap_or_default().to_owned(),
            known_host: KnownHost::default(),
        })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The address of tokens: the audience of an assertion.
    pub(super) fn token_url(&self) -> &Url {
        &self.token
    }

    /// Asks for a token.
    pub(super) async fn grant(&self, fields: &[Field<'_>]) -> Result<Granted, NoGrant> {
        let body = self.post(&self.token, fields).await?;
        let granted = granted(&body).inspect(|_| self.known_host.answered());
        granted.ok_or_else(|| {
            NoGrant::Failed(error::failed(
                &format!("{} answered without a token.", self.host),
                "The answer has no access_token. Probably the address belongs to another kind of issuer.",
                "Check the issuer's address.",
            ))
        })
    }

    /// Asks for a code that a user enters elsewhere.
    pub(super) async fn device_code(&self, fields: &[Field<'_>]) -> Result<Value, NoGrant> {
        self.post(&self.device_code, fields).await
    }

    async fn post(&self, url: &Url, fields: &[Field<'_>]) -> Result<Value, NoGrant> {
        let request = request(url, fields);
        let sent = self.http.send(request).await;
        let answer = sent.map_err(|error| NoGrant::Failed(error::net(&error)))?;
        self.read(&answer)
    }

    fn read(&self, answer: &Response) -> Result<Value, NoGrant> {
        let net = |error| NoGrant::Failed(error::net(&self.known_host.judged(error)));
        if self.known_host.is_known() && is_of_a_gateway(answer.status(), answer.is_web_page()) {
            return Err(net(NetError::NotJson {
                host: self.host.clone(),
                status: answer.status(),
                kind: "a web page or a redirect".to_owned(),
            }));
        }
        if let Some(target) = answer.redirects_to() {
            return Err(NoGrant::Failed(error::failed(
                &format!("{} redirects to {target}.", self.host),
                "A secret is never sent along to another address.",
                "Check the issuer's address: a proxy or a sign-in page of the network may answer in its place.",
            )));
        }
        let read = answer.json::<Value>();
        if answer.status() == 200 {
            return read.map_err(net);
        }
        let body = match read {
            Ok(body) => body,
            Err(_) if matches!(answer.status(), 429 | 500..=599) => Value::Null,
            Err(error) => return Err(net(error)),
        };
        let mut refused = Refused::read(&self.host, answer.status(), &body);
        if !refused.error.is_empty() {
            self.known_host.answered();
        }
        refused.retry_after = answer.retry_after();
        Err(NoGrant::Refused(refused))
    }
}

/// The fields as a form; an answer that repeats one of the secrets is cleaned of it.
fn request(url: &Url, fields: &[Field<'_>]) -> Request {
    let mut form = form_urlencoded::Serializer::new(String::new());
    let mut request = Request::new(Method::Post, url.clone())
        .response_limit(ANSWER_BYTES)
        .header("Accept", "application/json");
    for field in fields {
        match field {
            Field::Plain(name, value) => {
                form.append_pair(name, value);
            }
            Field::Secret(name, secret) => {
                form.append_pair(name, secret.expose_secret());
                request = request.holding(secret);
            }
        }
    }
    let body = form.finish().into_bytes();
    request.whole("application/x-www-form-urlencoded", body)
}

/// The token in an answer.
fn granted(body: &Value) -> Option<Granted> {
    let text = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let token = text("access_token").filter(|token| token.bytes().all(|b| b.is_ascii_graphic()))?;
    let refresh = text("refresh_token").filter(|token| *token != REPEATED);
    Some(Granted {
        token: token.to_owned().into(),
        life: seconds(body.get("expires_in"))
            .unwrap_or(UNSAID_LIFE)
            .min(LONGEST_LIFE),
        refresh: refresh.map(|token| token.to_owned().into()),
    })
}

/// Seconds as a number or its text.
pub(super) fn seconds(value: Option<&Value>) -> Option<Duration> {
    let seconds = match value? {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_life_of_a_token_is_read_as_number_and_text_and_bounded() {
        let life = |expires: Value| {
            let body = json!({"access_token": "t", "expires_in": expires});
            granted(&body).unwrap().life.as_secs()
        };
        assert_eq!(life(json!(3599)), 3599);
        assert_eq!(life(json!("3599")), 3599);
        assert_eq!(life(json!(u64::MAX)), 86_400);
        for odd in [json!(-1), json!(null), json!("soon"), json!(1.5)] {
            assert_eq!(life(odd), 300);
        }
    }

    #[test]
    fn an_answer_without_a_usable_token_is_none() {
        for body in [
            json!({}),
            json!({"access_token": ""}),
            json!({"access_token": 5}),
            json!({"access_token": "a\r\nX-Injected: b"}),
            json!([]),
        ] {
            assert!(granted(&body).is_none(), "{body}");
        }
    }

    #[test]
    fn a_refresh_token_that_stays_the_same_is_not_replaced_by_its_blank() {
        let body = json!({"access_token": "t", "refresh_token": "[secret]"});
        assert!(granted(&body).unwrap().refresh.is_none());
    }
}
