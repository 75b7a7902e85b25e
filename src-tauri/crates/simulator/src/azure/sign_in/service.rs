//! The sign-in's side of HTTP: `/{tenant}/oauth2/v2.0/{token,devicecode,authorize}`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use axum::{
    Json,
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::{
    answer::{Denied, uncached},
    grants::{Form, Registry},
};
use crate::{
    fault::Effect,
    http::{Recorder, Service},
};

/// Largest form that is read, bytes; ours.
const LARGEST_FORM_BYTES: usize = 64 * 1024;

/// The sign-in.
#[derive(Debug)]
pub(crate) struct SignInService {
    registry: Arc<Mutex<Registry>>,
    recorder: Recorder,
    /// `http://127.0.0.1:PORT`.
    url: String,
}

impl SignInService {
    pub(crate) const fn new(
        registry: Arc<Mutex<Registry>>,
        recorder: Recorder,
        url: String,
    ) -> Self {
        Self {
            registry,
            recorder,
            url,
        }
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn act(&self, request: Request) -> Result<Response, Denied> {
        let (head, body) = request.into_parts();
        let path = head.uri.path().trim_start_matches('/').to_owned();
        let (tenant, rest) = path.split_once('/').unwrap_or((&path, ""));
        if tenant == "devicelogin" {
            let page =
                "Enter the code in Firmdrop's simulator, or wait: the user agrees by himself.";
            return Ok(page.into_response());
        }
        self.registry().check_tenant(tenant)?;
        match (&head.method, rest) {
            (&Method::POST, "oauth2/v2.0/token") => {
                let form = form(body).await?;
                let answer = self.registry().token(&form)?;
                Ok(uncached(answer).into_response())
            }
            (&Method::POST, "oauth2/v2.0/devicecode") => {
                let form = form(body).await?;
                let answer = self.registry().device_code(&form, &self.url)?;
                Ok(uncached(answer).into_response())
            }
            (&Method::GET, "oauth2/v2.0/authorize") => {
                let query = pairs(head.uri.query().unwrap_or_default().as_bytes());
                Ok(self.authorize(&query))
            }
            (&Method::GET, "v2.0/.well-known/openid-configuration") => {
                let base = format!("{}/{tenant}", self.url);
                Ok(Json(json!({
                    "issuer": format!("{base}/v2.0"),
                    "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
                    "token_endpoint": format!("{base}/oauth2/v2.0/token"),
                    "device_authorization_endpoint": format!("{base}/oauth2/v2.0/devicecode"),
                }))
                .into_response())
            }
            _ => Ok(StatusCode::NOT_FOUND.into_response()),
        }
    }

    /// Sends the browser back at once: the user agrees. An address that is not on loopback is never
    /// redirected to, as for a public client of the issuer.
    fn authorize(&self, query: &Form) -> Response {
        let mut registry = self.registry();
        let redirect = query.get("redirect_uri").cloned().unwrap_or_default();
        let hosts = ["http://localhost", "http://127.0.0.1", "http://[::1]"];
        let is_loopback = hosts.iter().any(|host| {
            let rest = redirect.strip_prefix(host);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        });
        if !is_loopback {
            let why = "The redirect URI is not one of the application's.";
            return Denied::new("invalid_request", 50_011, why).answer(registry.issuer.now());
        }
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        match registry.authorize(query) {
            Ok(code) => pairs.append_pair("code", &code),
            Err(denied) => pairs.append_pair("error", denied.error),
        };
        if let Some(state) = query.get("state") {
            pairs.append_pair("state", state);
        }
        let address = format!("{redirect}?{}", pairs.finish());
        (StatusCode::FOUND, [(header::LOCATION, address)]).into_response()
    }
}

fn pairs(text: &[u8]) -> Form {
    form_urlencoded::parse(text).into_owned().collect()
}

async fn form(body: Body) -> Result<Form, Denied> {
    let bytes = axum::body::to_bytes(body, LARGEST_FORM_BYTES).await;
    let bytes =
        bytes.map_err(|_| Denied::new("invalid_request", 900_144, "The body is too large."));
    Ok(pairs(&bytes?))
}

#[async_trait]
impl Service for SignInService {
    async fn answer(&self, request: Request) -> Response {
        let answer = self.act(request).await;
        answer.unwrap_or_else(|denied| denied.answer(self.registry().issuer.now()))
    }

    fn can_corrupt(&self, _: &Effect, _: &str, _: &str) -> bool {
        false
    }

    fn failure(&self, status: StatusCode) -> Response {
        let denied = match status {
            StatusCode::UNAUTHORIZED => Denied::new(
                "invalid_client",
                7_000_215,
                "Invalid client secret provided.",
            ),
            _ => Denied::new(
                "temporarily_unavailable",
                90_033,
                "A transient error has occurred.",
            ),
        };
        let mut response = denied.answer(self.registry().issuer.now());
        *response.status_mut() = status;
        response
    }

    fn request_id(&self, number: u64) -> String {
        format!("5157a000-0000-4000-b000-{number:012x}")
    }

    fn complete(&self, mut response: Response, request_id: &str) -> Response {
        if let Ok(value) = HeaderValue::from_str(request_id) {
            let name = HeaderName::from_static("x-ms-request-id");
            response.headers_mut().insert(name, value);
        }
        response
    }

    fn received(&self, _: &str, _: u64) {}

    fn record(&self) -> Value {
        json!({ "requests": self.recorder.snapshot().entries })
    }
}
