//! The simulated storage behind the shared HTTP server: which operation a request is, whether it may
//! be carried out, and what every answer carries.

use std::sync::Arc;

use async_trait::async_trait;
use axum::{
    body::Body,
    extract::Request as HttpRequest,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;

use super::{blobs, blocks, containers, delegation, list, request::Request, shared::Shared};
use crate::{
    blob::{
        access::{Action, BearerIdentity},
        record::BlobRecord,
        state::{Code, Refusal},
    },
    fault::Effect,
    http::{Recorder, Service},
};

/// What an answer says when the request names no version.
const VERSION: &str = "2026-04-06";

/// The operations that are simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    ListContainers,
    AccountInformation,
    DelegationKey,
    CreateContainer,
    ViewContainer,
    DeleteContainer,
    ListBlobs,
    PutBlob,
    PutBlock,
    PutBlockList,
    GetBlockList,
    GetBlob,
    HeadBlob,
    DeleteBlob,
    SetMetadata,
}

/// The simulated storage.
#[derive(Debug)]
pub(crate) struct BlobService {
    shared: Arc<Shared>,
    recorder: Recorder,
}

impl BlobService {
    pub(crate) const fn new(shared: Arc<Shared>, recorder: Recorder) -> Self {
        Self { shared, recorder }
    }

    /// Everything that happened since the start.
    pub(crate) fn happened(&self) -> BlobRecord {
        self.shared.recorder.snapshot(self.recorder.snapshot())
    }

    async fn carry_out(&self, request: &Request, body: Body) -> Result<Response, Refusal> {
        let shared = &*self.shared;
        if request.account != shared.name {
            return Err(Code::InvalidUri.into());
        }
        let operation = Operation::of(request)?;
        let identity = self.admit(request, operation)?;
        match operation {
            Operation::ListContainers => Ok(containers::list(shared, request)),
            Operation::AccountInformation => Ok(containers::account_information()),
            Operation::DelegationKey => delegation::key(shared, request, body, identity).await,
            Operation::CreateContainer => containers::create(shared, request),
            Operation::ViewContainer => containers::view(shared, request),
            Operation::DeleteContainer => containers::delete(shared, request),
            Operation::ListBlobs => list::blobs(shared, request),
            Operation::PutBlob => blobs::put(shared, request, body).await,
            Operation::PutBlock => blocks::put(shared, request, body).await,
            Operation::PutBlockList => blocks::put_list(shared, request, body).await,
            Operation::GetBlockList => blocks::list(shared, request),
            Operation::GetBlob => Ok(overridden(request, blobs::get(shared, request)?)),
            Operation::HeadBlob => Ok(overridden(request, blobs::head(shared, request)?)),
            Operation::DeleteBlob => blobs::delete(shared, request),
            Operation::SetMetadata => blobs::set_metadata(shared, request),
        }
    }

    fn admit(
        &self,
        request: &Request,
        operation: Operation,
    ) -> Result<Option<BearerIdentity>, Refusal> {
        let account = self.shared.account();
        let is_new = account
            .committed(request.container(), request.blob())
            .is_err();
        let now = account.now();
        drop(account);
        self.shared
            .gate
            .check(&request.target(), operation.action(is_new), now)
    }
}

impl Operation {
    fn of(request: &Request) -> Result<Self, Refusal> {
        let part = request.parameter("comp");
        let kind = request.parameter("restype");
        let unknown = || Refusal::from(Code::InvalidQueryParameterValue);
        let verb = || Refusal::from(Code::UnsupportedHttpVerb);
        let method = &request.method;
        match (request.container.is_some(), request.blob.is_some()) {
            (false, _) => match (method, kind, part) {
                (&Method::GET, None, Some("list")) => Ok(Self::ListContainers),
                (&Method::GET | &Method::HEAD, Some("account"), Some("properties")) => {
                    Ok(Self::AccountInformation)
                }
                (&Method::POST, Some("service"), Some("userdelegationkey")) => {
                    Ok(Self::DelegationKey)
                }
                _ => Err(unknown()),
            },
            (true, false) if kind == Some("container") => match (method, part) {
                (&Method::PUT, None) => Ok(Self::CreateContainer),
                (&Method::GET | &Method::HEAD, None) => Ok(Self::ViewContainer),
                (&Method::DELETE, None) => Ok(Self::DeleteContainer),
                (&Method::GET, Some("list")) => Ok(Self::ListBlobs),
                (_, Some(_)) => Err(unknown()),
                _ => Err(verb()),
            },
            (true, false) if kind == Some("account") => Ok(Self::AccountInformation),
            (true, false) => Err(Code::InvalidUri.into()),
            (true, true) => match (method, part) {
                (&Method::PUT, None) => Ok(Self::PutBlob),
                (&Method::PUT, Some("block")) => Ok(Self::PutBlock),
                (&Method::PUT, Some("blocklist")) => Ok(Self::PutBlockList),
                (&Method::PUT, Some("metadata")) => Ok(Self::SetMetadata),
                (&Method::GET, Some("blocklist")) => Ok(Self::GetBlockList),
                (&Method::GET, None) => Ok(Self::GetBlob),
                (&Method::HEAD, None) => Ok(Self::HeadBlob),
                (&Method::DELETE, None) => Ok(Self::DeleteBlob),
                (_, Some(_)) => Err(unknown()),
                _ => Err(verb()),
            },
        }
    }

    const fn action(self, is_new: bool) -> Action {
        match self {
            Self::ListContainers | Self::AccountInformation => Action::ReadAccount,
            Self::DelegationKey => Action::Delegate,
            Self::CreateContainer => Action::CreateContainer,
            Self::ViewContainer => Action::ReadContainer,
            Self::DeleteContainer => Action::DeleteContainer,
            Self::ListBlobs => Action::List,
            Self::PutBlob | Self::PutBlock | Self::PutBlockList if is_new => Action::WriteNew,
            Self::PutBlob | Self::PutBlock | Self::PutBlockList | Self::SetMetadata => {
                Action::Write
            }
            Self::GetBlockList | Self::GetBlob | Self::HeadBlob => Action::Read,
            Self::DeleteBlob => Action::Delete,
        }
    }
}

#[async_trait]
impl Service for BlobService {
    async fn answer(&self, request: HttpRequest) -> Response {
        let (head, body) = request.into_parts();
        let echoed = |name: &str| head.headers.get(name).cloned();
        let (version, client_id) = (echoed("x-ms-version"), echoed("x-ms-client-request-id"));
        let is_head = head.method == Method::HEAD;
        let mut response = match Request::read(head) {
            Ok(request) => {
                let carried_out = self.carry_out(&request, body).await;
                carried_out.unwrap_or_else(Refusal::into_response)
            }
            Err(refusal) => refusal.into_response(),
        };
        if is_head {
            response.extensions_mut().insert(WithoutBody);
        }
        let headers = response.headers_mut();
        let version = version.unwrap_or_else(|| HeaderValue::from_static(VERSION));
        headers.insert("x-ms-version", version);
        if let Some(id) = client_id {
            headers.insert("x-ms-client-request-id", id);
        }
        response
    }

    fn can_corrupt(&self, _: &Effect, _: &str, _: &str) -> bool {
        false
    }

    fn failure(&self, status: StatusCode) -> Response {
        let code = match status.as_u16() {
            401 => Code::InvalidAuthenticationInfo,
            403 => Code::AuthorizationFailure,
            404 => Code::BlobNotFound,
            409 => Code::BlobAlreadyExists,
            412 => Code::ConditionNotMet,
            413 => Code::RequestBodyTooLarge,
            429 | 503 => Code::ServerBusy,
            _ => Code::InternalError,
        };
        let mut response = Refusal::from(code).into_response();
        *response.status_mut() = status;
        response
    }

    fn request_id(&self, number: u64) -> String {
        format!("51570000-001e-0000-0000-{number:012x}")
    }

    fn complete(&self, mut response: Response, request_id: &str) -> Response {
        let without_body = response.extensions().get::<WithoutBody>().is_some();
        if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
            let now = self.shared.account().now();
            let mut answer = refusal.answer(request_id, now);
            *answer.status_mut() = response.status();
            answer.headers_mut().extend(
                response
                    .headers_mut()
                    .drain()
                    .filter_map(|(name, value)| name.map(|name| (name, value))),
            );
            if without_body {
                // No body, so no kind of one either.
                *answer.body_mut() = Body::empty();
                answer.headers_mut().remove(header::CONTENT_TYPE);
            }
            response = answer;
        }
        let headers = response.headers_mut();
        headers.insert(
            HeaderName::from_static("server"),
            HeaderValue::from_static("Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0"),
        );
        if let Ok(value) = HeaderValue::from_str(request_id) {
            headers.insert(HeaderName::from_static("x-ms-request-id"), value);
        }
        response
    }

    fn received(&self, _: &str, _: u64) {}

    fn record(&self) -> Value {
        serde_json::to_value(self.happened()).unwrap_or_default()
    }
}

/// The answer with the headers that a signature sets on it.
fn overridden(request: &Request, mut response: Response) -> Response {
    for (name, header) in [
        ("rscc", header::CACHE_CONTROL),
        ("rscd", header::CONTENT_DISPOSITION),
        ("rsce", header::CONTENT_ENCODING),
        ("rscl", header::CONTENT_LANGUAGE),
        ("rsct", header::CONTENT_TYPE),
    ] {
        let value = request.parameter(name).and_then(|text| text.parse().ok());
        if let Some(value) = value {
            response.headers_mut().insert(header, value);
        }
    }
    response
}

/// Marks an answer that has headers only.
#[derive(Debug, Clone, Copy)]
struct WithoutBody;
