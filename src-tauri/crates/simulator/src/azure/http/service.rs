//! The simulated service behind the shared HTTP server: who may ask, where a request goes, what every
//! answer carries.

use std::sync::Arc;

use async_trait::async_trait;
use axum::{
    body::Body,
    extract::Request as HttpRequest,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use super::{
    answer::{Refusal, complete},
    own,
    request::Request,
    route::route,
    shared::Shared,
};
use crate::{
    azure::{record::Record, sign_in::Resource, state::Problem},
    fault::{Effect, OwnFaults},
    http::{Recorder, Service},
};

/// The simulated service.
#[derive(Debug)]
pub(crate) struct UpdateService {
    shared: Arc<Shared>,
    recorder: Recorder,
}

impl UpdateService {
    pub(crate) const fn new(shared: Arc<Shared>, recorder: Recorder) -> Self {
        Self { shared, recorder }
    }

    /// Everything that happened since the start.
    pub(crate) fn happened(&self) -> Record {
        self.recorder.snapshot().into()
    }

    async fn act(&self, request: HttpRequest) -> Result<Response, Refusal> {
        let (head, body) = request.into_parts();
        let authorization = head.headers.get(header::AUTHORIZATION);
        let authorization = authorization.and_then(|value| value.to_str().ok());
        let token = authorization.and_then(|value| value.strip_prefix("Bearer "));
        let token = token.ok_or(Refusal::Unauthorized("There is no token."))?;
        let claims = self.shared.issuer.check(token, Resource::DeviceUpdate);
        let claims = claims.map_err(Refusal::Unauthorized)?;
        if claims.roles.is_empty() {
            return Err(Refusal::forbidden());
        }
        let request = Request::read(head)?;
        if request.instance != self.shared.instance {
            return Err(Refusal::not_found());
        }
        let answer = route(&self.shared, &request, body).await;
        if let Some(why) = self.shared.save_failure() {
            let message = format!("The simulator cannot store this: {why}.");
            let problem = Problem::new("InternalServerError", message);
            return Err(Refusal::coded(StatusCode::INTERNAL_SERVER_ERROR, problem));
        }
        answer
    }
}

#[async_trait]
impl Service for UpdateService {
    async fn answer(&self, request: HttpRequest) -> Response {
        let faults: OwnFaults = request.extensions().get().cloned().unwrap_or_default();
        let mut answer = self.act(request).await;
        if let Err(Refusal::Plain(StatusCode::NOT_FOUND, _)) = answer
            && faults.has(own::CODED_404)
        {
            let problem = Problem::new("NotFound", "The resource was not found.");
            answer = Err(Refusal::coded(StatusCode::NOT_FOUND, problem));
        }
        answer.unwrap_or_else(Refusal::into_response)
    }

    fn can_corrupt(&self, effect: &Effect, method: &str, path: &str) -> bool {
        match effect {
            Effect::Own { name, .. } => own::concerns(name, method, path),
            _ => false,
        }
    }

    fn failure(&self, status: StatusCode) -> Response {
        let refusal = match status {
            StatusCode::UNAUTHORIZED => {
                Refusal::Unauthorized("Lifetime validation failed. The token is expired.")
            }
            StatusCode::FORBIDDEN => Refusal::forbidden(),
            StatusCode::NOT_FOUND => Refusal::not_found(),
            StatusCode::TOO_MANY_REQUESTS => Refusal::too_many(),
            _ => {
                let problem = Problem::new("InternalServerError", "The service failed.");
                Refusal::coded(status, problem)
            }
        };
        refusal.into_response()
    }

    /// In the form of a `traceparent`, which the real service's answers carry.
    fn request_id(&self, number: u64) -> String {
        format!("00-51570000000000000000{number:012x}-{number:016x}-00")
    }

    fn complete(&self, response: Response, request_id: &str) -> Response {
        let mut response = complete(response, request_id);
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(request_id) {
            headers.insert(HeaderName::from_static("traceparent"), value);
        }
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            *response.body_mut() = Body::empty();
        }
        response
    }

    fn received(&self, _: &str, _: u64) {}

    fn record(&self) -> Value {
        serde_json::to_value(self.happened()).unwrap_or_default()
    }
}
