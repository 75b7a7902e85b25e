//! What every request passes on its way in and out: the record, the dial, the access key, the
//! request id, and both slash forms.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use futures::StreamExt as _;
use tokio::sync::Mutex;
use tower::ServiceExt as _;

use super::{
    connection::Line,
    intake::{Intake, Pace},
    lie,
    record::{Ended, Recorder, Running},
    refusal::Refusal,
};
use crate::fault::{self, Answer, Decision, Dial};

/// Where the upload jobs are.
pub(super) const JOBS: &str = "/v3/firmware-images/upload-jobs";
/// Where the simulator itself is spoken to; no fault and no record concerns it.
const SIMULATOR: &str = "/simulator/";
/// Where datafiles are downloaded; devices have no access key.
pub(super) const DATAFILES: &str = "/datafiles/";

/// The way into the simulated service.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) router: Router,
    pub(super) access_key: String,
    pub(super) dial: Dial,
    pub(super) recorder: Recorder,
    pub(super) requests: AtomicU64,
}

impl Gate {
    /// Carries one request out, or whatever the dial makes of it.
    pub(super) async fn pass<B>(&self, request: Request<B>, line: Line) -> Response
    where
        B: hyper::body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let request_id = format!("{:016x}{number:016x}", 0x5157_0000_0000_u64);
        let mut request = request.map(Body::new);
        if let Some(uri) = without_trailing_slash(request.uri()) {
            *request.uri_mut() = uri;
        }
        let mut response = if request.uri().path().starts_with(SIMULATOR) {
            self.route(request).await
        } else {
            self.pass_service(request, line, &request_id).await
        };
        finish_headers(&mut response, &request_id);
        response
    }

    async fn pass_service(&self, request: Request, line: Line, request_id: &str) -> Response {
        let path = request.uri().path().to_owned();
        let target = request
            .uri()
            .path_and_query()
            .map_or(&*path, |target| target.as_str());
        let method = request.method().as_str().to_owned();
        let running = Arc::new(self.recorder.begin(&method, target, job_in(&path)));
        let decision = self.dial.decide(&fault::Request {
            method: &method,
            path: &path,
            body_bytes: announced_bytes(request.headers()),
        });
        tokio::time::sleep(Duration::from_millis(decision.latency_milliseconds)).await;
        if decision.silence {
            running.ended(Ended::Silenced, None);
            return std::future::pending().await;
        }
        let (mut head, body) = request.into_parts();
        head.extensions.insert(decision.lies);
        let intake = Arc::new(Mutex::new(Intake::new(
            body,
            line.clone(),
            Arc::clone(&running),
            decision.bytes_per_second,
            decision.cut_after_bytes,
        )));
        let request = Request::from_parts(head, Intake::body(&intake));
        let response = self.answer(request, &decision).await;
        intake.lock().await.drain().await;
        let response = complete(response, request_id);
        let status = Some(response.status().as_u16());
        if decision.lose_answer {
            running.ended(Ended::AnswerLost, status);
            line.cut().await;
        }
        running.ended(Ended::Answered, status);
        paced(response, decision.bytes_per_second, running)
    }

    async fn answer(&self, request: Request, decision: &Decision) -> Response {
        match decision.answer {
            Some(answer) => forced(answer),
            None if !self.may_pass(request.uri().path(), request.headers()) => {
                Refusal::no_key().into_response()
            }
            None => lie::told(self.route(request).await, decision.lies).await,
        }
    }

    fn may_pass(&self, path: &str, headers: &HeaderMap) -> bool {
        let given = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let key = given.and_then(|value| value.strip_prefix("Bearer "));
        path.starts_with(DATAFILES) || key == Some(&*self.access_key)
    }

    async fn route(&self, request: Request) -> Response {
        match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// The vendor's clients mix `/v3/firmware-images` and `/v3/firmware-images/`: both are meant.
fn without_trailing_slash(uri: &Uri) -> Option<Uri> {
    let path = uri
        .path()
        .strip_suffix('/')
        .filter(|path| !path.is_empty())?;
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    target.parse().ok()
}

fn job_in(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(JOBS)?.strip_prefix('/')?;
    rest.split('/').next()
}

/// Bytes of the body the request announces; one when it announces a body of unknown length.
fn announced_bytes(headers: &HeaderMap) -> u64 {
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    match length.and_then(|text| text.parse().ok()) {
        Some(bytes) => bytes,
        None => u64::from(headers.contains_key(header::TRANSFER_ENCODING)),
    }
}

fn forced(answer: Answer) -> Response {
    match answer {
        Answer::ServerError(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Refusal::new(status, "internal_server_error", "The service failed.").into_response()
        }
        Answer::RateLimit(seconds) => {
            let status = StatusCode::TOO_MANY_REQUESTS;
            let refusal = Refusal::new(status, "too_many_requests", "Too many requests.");
            let mut response = refusal.into_response();
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            response
        }
        Answer::Html(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            let page = "<!DOCTYPE html><html><head><title>Gateway</title></head>\
                <body><h1>Please sign in to the network</h1></body></html>";
            (status, axum::response::Html(page)).into_response()
        }
    }
}

/// Gives a refusal its body, now that the request's id is known.
fn complete(mut response: Response, request_id: &str) -> Response {
    let Some(refusal) = response.extensions_mut().remove::<Refusal>() else {
        return response;
    };
    let mut answer = refusal.answer(request_id);
    if let Some(value) = response.headers_mut().remove(header::RETRY_AFTER) {
        answer.headers_mut().insert(header::RETRY_AFTER, value);
    }
    answer
}

fn finish_headers(response: &mut Response, request_id: &str) {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("X-Request-ID,Content-Length,Content-Disposition"),
    );
}

/// Slows the answer's body down. The request is kept until its last byte.
fn paced(response: Response, bytes_per_second: Option<u64>, running: Arc<Running>) -> Response {
    if bytes_per_second.is_none() {
        return response;
    }
    response.map(|body| {
        let start = (
            body.into_data_stream(),
            Pace::new(bytes_per_second),
            running,
        );
        let slow = futures::stream::unfold(start, |(mut stream, mut pace, running)| async move {
            let frame = stream.next().await?;
            if let Ok(bytes) = &frame {
                pace.spent(bytes.len()).await;
            }
            Some((frame, (stream, pace, running)))
        });
        Body::from_stream(slow)
    })
}
