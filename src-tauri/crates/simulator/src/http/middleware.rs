//! What every request passes on its way in and out: the record, the faults, the request id, both
//! slash forms.
//!
//! Authorisation and the form of errors are the service's.

use std::{
    convert::Infallible,
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
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use firmdrop_core::{Clock as _, SystemClock};
use futures::StreamExt as _;
use tokio::sync::Mutex;
use tower::ServiceExt as _;

use super::{
    Recorder, Service, control,
    date::http_date,
    intake::{Arriving, Intake, Pace},
    line::Line,
    record::{Ended, Running},
};
use crate::fault::{self, Answer, Dial, RetryAfter};

/// Largest answer that is cut, bytes; ours.
const LARGEST_CUT_BYTES: usize = 64 * 1024 * 1024;

/// The way into a simulated service.
#[derive(Debug)]
pub(super) struct Middleware {
    service: Arc<dyn Service>,
    control: Router,
    dial: Dial,
    recorder: Recorder,
    requests: AtomicU64,
}

impl Middleware {
    pub(super) fn new(service: Arc<dyn Service>, dial: Dial, recorder: Recorder) -> Self {
        Self {
            control: control::router(Arc::clone(&service), dial.clone()),
            service,
            dial,
            recorder,
            requests: AtomicU64::new(0),
        }
    }

    /// Carries one request out, or what the faults make of it.
    pub(super) async fn pass<B>(&self, request: Request<B>, line: Line) -> Response
    where
        B: hyper::body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let request_id = self.service.request_id(number);
        let mut request = request.map(Body::new);
        if let Some(uri) = without_trailing_slash(request.uri()) {
            *request.uri_mut() = uri;
        }
        if request.uri().path().starts_with(control::PREFIX) {
            let response = self.control(request).await;
            return self.service.complete(response, &request_id);
        }
        self.pass_service(request, line, &request_id).await
    }

    async fn control(&self, request: Request) -> Response {
        match self.control.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    async fn pass_service(&self, request: Request, line: Line, request_id: &str) -> Response {
        let path = request.uri().path().to_owned();
        let target = request
            .uri()
            .path_and_query()
            .map_or(&*path, |target| target.as_str());
        let method = request.method().as_str().to_owned();
        let running = Arc::new(self.recorder.begin(&method, target));
        let decision = self.dial.decide(&fault::Request {
            method: &method,
            path: &path,
            body_bytes: announced_bytes(request.headers()),
            can_corrupt: &|effect| self.service.can_corrupt(effect, &method, &path),
        });
        tokio::time::sleep(Duration::from_millis(decision.latency_milliseconds)).await;
        if decision.silence {
            running.ended(Ended::Silenced, None);
            return std::future::pending().await;
        }
        let (mut head, body) = request.into_parts();
        let waits_for_continue = head.headers.contains_key(header::EXPECT);
        head.extensions.insert(decision.corruptions);
        head.extensions.insert(decision.own);
        let arriving = Arriving {
            service: Arc::clone(&self.service),
            path,
            running: Arc::clone(&running),
        };
        let intake = Arc::new(Mutex::new(Intake::new(
            body,
            line.clone(),
            arriving,
            decision.bytes_per_second,
            decision.cut_after_bytes,
        )));
        let request = Request::from_parts(head, Intake::body(&intake));
        let response = match decision.answer {
            Some(answer) => self.forced(answer),
            None => self.service.answer(request).await,
        };
        let mut intake = intake.lock().await;
        // Who waits for `100 Continue` sends nothing after a refusal.
        if intake.has_begun() || !waits_for_continue {
            intake.drain().await;
        }
        drop(intake);
        let response = match decision.replace_answer {
            Some(status) => gateway_page(status),
            None => self.service.complete(response, request_id),
        };
        let status = Some(response.status().as_u16());
        if decision.lose_answer {
            running.ended(Ended::AnswerLost, status);
            line.cut().await;
        }
        if let Some(bytes) = decision.cut_answer_after_bytes {
            running.ended(Ended::CutInAnswer, status);
            return cut(response, bytes, line).await;
        }
        running.ended(Ended::Answered, status);
        paced(response, decision.bytes_per_second, running)
    }

    fn forced(&self, answer: Answer) -> Response {
        match answer {
            Answer::ServerError(status) => {
                let status = StatusCode::from_u16(status);
                let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                self.service.failure(status)
            }
            Answer::RateLimit(wait) => {
                let mut response = self.service.failure(StatusCode::TOO_MANY_REQUESTS);
                if let Some(value) = retry_after(wait) {
                    response.headers_mut().insert(header::RETRY_AFTER, value);
                }
                response
            }
            Answer::Html(status) => gateway_page(status),
        }
    }
}

/// What a gateway between client and service answers.
fn gateway_page(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let page = "<!DOCTYPE html><html><head><title>Gateway</title></head>\
        <body><h1>Please sign in to the network</h1></body></html>";
    (status, axum::response::Html(page)).into_response()
}

/// Dates are those of the computer's clock, which is the client's too.
fn retry_after(wait: RetryAfter) -> Option<HeaderValue> {
    match wait {
        RetryAfter::Nothing => None,
        RetryAfter::Seconds(seconds) => Some(HeaderValue::from(seconds)),
        RetryAfter::Date(seconds) => {
            let until = SystemClock.now().after(Duration::from_secs(seconds.into()));
            HeaderValue::from_str(&http_date(until)).ok()
        }
    }
}

/// Sends so many bytes of the answer's body, then resets the connection. Its head announces all.
async fn cut(response: Response, after_bytes: u64, line: Line) -> Response {
    let (mut head, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, LARGEST_CUT_BYTES).await;
    let bytes = bytes.unwrap_or_default();
    head.headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let sent = usize::try_from(after_bytes).map_or(bytes.len(), |sent| sent.min(bytes.len()));
    let sent = futures::stream::once(std::future::ready(Ok::<_, Infallible>(bytes.slice(..sent))));
    let end = futures::stream::once(async move {
        // What was sent before is on its way once this is asked for.
        tokio::task::yield_now().await;
        match line.cut().await {}
    });
    Response::from_parts(head, Body::from_stream(sent.chain(end)))
}

/// Clients mix `/v3/things` and `/v3/things/`: both are the same.
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

/// Slows the answer's body down. The request is recorded as running until its last byte.
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
