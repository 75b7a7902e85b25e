//! The simulated service behind the shared HTTP server: who may ask, where a request goes, what
//! every answer carries.

use std::sync::Arc;

use async_trait::async_trait;
use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;
use tower::ServiceExt as _;

use super::{
    corrupt::corrupt,
    jobs::job_in,
    refusal::{Failure, complete},
    routes::router,
    shared::Shared,
};
use crate::{
    fault::{Corruptions, Effect},
    http::{Recorder, Service},
    pelion::{
        record::Record,
        state::{DATAFILES, Refusal},
    },
};

/// The simulated Pelion service.
#[derive(Debug)]
pub(crate) struct PelionService {
    shared: Arc<Shared>,
    router: Router,
    access_key: String,
    recorder: Recorder,
}

impl PelionService {
    pub(crate) fn new(shared: Arc<Shared>, access_key: String, recorder: Recorder) -> Self {
        Self {
            router: router(Arc::clone(&shared)),
            shared,
            access_key,
            recorder,
        }
    }

    /// Everything that happened since the start.
    pub(crate) fn happened(&self) -> Record {
        Record::new(self.recorder.snapshot(), self.shared.uploads.snapshot())
    }

    /// Devices have no access key.
    fn may_pass(&self, path: &str, headers: &HeaderMap) -> bool {
        let given = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let key = given.and_then(|value| value.strip_prefix("Bearer "));
        path.starts_with(DATAFILES) || key == Some(&*self.access_key)
    }
}

#[async_trait]
impl Service for PelionService {
    async fn answer(&self, request: Request) -> Response {
        if !self.may_pass(request.uri().path(), request.headers()) {
            return Refusal::no_key().into_response();
        }
        let corruptions = request.extensions().get::<Corruptions>().copied();
        let response = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        if let Some(why) = self.shared.save_failure() {
            let message = format!("The simulator cannot store this: {why}.");
            return Refusal::failed(message).into_response();
        }
        corrupt(response, corruptions.unwrap_or_default()).await
    }

    fn can_corrupt(&self, effect: &Effect, method: &str, path: &str) -> bool {
        match effect {
            Effect::WrongHash => method == "POST" && path.ends_with("/chunks"),
            Effect::WrongChecksum => {
                method != "DELETE"
                    && path.contains("/firmware-images")
                    && !path.contains("/upload-jobs")
            }
            Effect::WrongTotalCount { .. } => method == "GET",
            Effect::UnknownPhase => path.contains("/update-campaigns"),
            Effect::UnknownEventCode => {
                path.contains("/event_types") || path.contains("/device-events")
            }
            _ => true,
        }
    }

    fn failure(&self, status: StatusCode) -> Response {
        Failure::forced(status).into_response()
    }

    fn request_id(&self, number: u64) -> String {
        format!("{:016x}{number:016x}", 0x5157_0000_0000_u64)
    }

    fn complete(&self, response: Response, request_id: &str) -> Response {
        let mut response = complete(response, request_id);
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(request_id) {
            headers.insert(HeaderName::from_static("x-request-id"), value);
        }
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("X-Request-ID,Content-Length,Content-Disposition"),
        );
        response
    }

    fn received(&self, path: &str, bytes: u64) {
        if let Some(job) = job_in(path) {
            self.shared.uploads.received(job, bytes);
        }
    }

    fn record(&self) -> Value {
        serde_json::to_value(self.happened()).unwrap_or_default()
    }
}
