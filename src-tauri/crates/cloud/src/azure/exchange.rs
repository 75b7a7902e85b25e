//! From one request to a value or a refusal. A refused token is replaced once; nothing else is
//! repeated.

use firmdrop_net::retry::Idempotency;
use firmdrop_net::{Method, NetError, Request, Response, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::alone::repeated;

use super::{
    AzureError, DeviceUpdate, Refusal, Resource,
    address::{Area, Pair},
    bounds::ANSWER_BYTES,
    refusal::Traces,
    wire::ServiceError,
};

/// How often a question is sent again that was answered with 304 although it named no tag.
const READS_OF_A_304: usize = 2;

/// A request before it has a token.
#[derive(Debug)]
pub(super) struct Call {
    method: Method,
    url: Url,
    if_none_match: Option<String>,
    body: Body,
    /// Whether a second one would do harm.
    idempotency: Idempotency,
}

#[derive(Debug)]
enum Body {
    Nothing,
    Empty,
    Json(Value),
    /// RFC 7396.
    MergePatch(Value),
}

impl Call {
    pub(super) fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            if_none_match: None,
            body: Body::Nothing,
            idempotency: Idempotency::of(method),
        }
    }

    /// It may be repeated although its method does not say so.
    pub(super) fn repeatable(mut self) -> Self {
        self.idempotency = Idempotency::Repeatable;
        self
    }

    /// With a JSON body.
    pub(super) fn json(mut self, value: &Value) -> Self {
        self.body = Body::Json(value.clone());
        self
    }

    /// With a change of some fields.
    pub(super) fn merge_patch(mut self, value: Value) -> Self {
        self.body = Body::MergePatch(value);
        self
    }

    /// With a body of no bytes.
    pub(super) fn empty(mut self) -> Self {
        self.body = Body::Empty;
        self
    }

    /// Answered with 304 when the thing still has this tag.
    pub(super) fn unless(mut self, etag: Option<&str>) -> Self {
        self.if_none_match = etag.map(str::to_owned).filter(|tag| !tag.is_empty());
        self
    }

    /// What the request is called in errors: verb and path.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method.as_str(), self.url.path())
    }

    fn request(&self) -> Request {
        let request = Request::new(self.method, self.url.clone())
            .response_limit(ANSWER_BYTES)
            .header("Accept", "application/json");
        let request = match &self.body {
            Body::Nothing => request,
            Body::Empty => request.empty_body(),
            Body::Json(value) => request.json(value),
            Body::MergePatch(value) => request.whole(
                "application/merge-patch+json",
                value.to_string().into_bytes(),
            ),
        };
        match &self.if_none_match {
            Some(tag) => request.header("If-None-Match", tag),
            None => request,
        }
    }
}

impl DeviceUpdate {
    /// A call of these segments below the instance.
    pub(super) fn call(
        &self,
        method: Method,
        area: Area,
        segments: &[&str],
        query: &[Pair<'_>],
    ) -> Result<Call, AzureError> {
        Ok(Call::new(method, self.address(area, segments, query)?))
    }

    /// Asks for the thing at these segments.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        area: Area,
        segments: &[&str],
    ) -> Result<T, AzureError> {
        self.execute(self.call(Method::Get, area, segments, &[])?)
            .await
    }

    /// Asks for the thing at these segments unless it still has this tag; then `None`.
    pub(super) async fn get_unless<T: DeserializeOwned>(
        &self,
        segments: &[&str],
        etag: Option<&str>,
    ) -> Result<Option<T>, AzureError> {
        let call = self.call(Method::Get, Area::Instance, segments, &[])?;
        let name = call.name();
        let answer = self.exchange(call.unless(etag)).await?;
        if answer.status() == 304 {
            return Ok(None);
        }
        self.read(&answer, name).map(Some)
    }

    /// Sends the call and reads the answer as `T`.
    pub(super) async fn execute<T: DeserializeOwned>(&self, call: Call) -> Result<T, AzureError> {
        let name = call.name();
        let answer = self.exchange(call).await?;
        self.read(&answer, name)
    }

    /// The body of an answer as `T`, which is an object.
    pub(super) fn read<T: DeserializeOwned>(
        &self,
        answer: &Response,
        request: String,
    ) -> Result<T, AzureError> {
        if is_list(answer.body()) {
            return Err(self.other_shape(request, "a list came in the place of an object"));
        }
        let value = answer.json().map_err(|source| self.net(source, request))?;
        self.known_host.answered();
        Ok(value)
    }

    /// An answer that is JSON, and not what this service answers.
    pub(super) fn other_shape(&self, request: String, why: &str) -> AzureError {
        let source = NetError::OtherShape {
            host: self.host().to_owned(),
            status: 200,
            why: why.to_owned(),
        };
        self.net(source, request)
    }

    /// Sends the call; any 2xx is an answer, and 304 when a tag was sent. All else is a refusal, but a 304 without a tag:
    /// that is an answer without content, and a question is read again.
    pub(super) async fn exchange(&self, call: Call) -> Result<Response, AzureError> {
        if !self.alone {
            return Box::pin(self.exchange_once(&call)).await;
        }
        let deletes = call.method == Method::Delete;
        let tried = repeated(call.idempotency, || self.exchange_once(&call));
        let tried = Box::pin(tried).await;
        match tried.ended {
            Err(error) if deletes && tried.perhaps_done && error.is_not_found() => {
                Ok(Response::without_content(&call.url))
            }
            ended => ended,
        }
    }

    async fn exchange_once(&self, call: &Call) -> Result<Response, AzureError> {
        let name = call.name();
        let id = self.next_request_id();
        let mut answer = self.send(call, &id.0).await?;
        if answer.status() == 401 {
            self.tokens.refused(Resource::DeviceUpdate);
            answer = self.send(call, &id.0).await?;
        }
        for _ in 0..READS_OF_A_304 {
            if !is_unasked_304(call, &answer) {
                break;
            }
            answer = self.send(call, &id.0).await?;
        }
        let status = answer.status();
        if status == 304 && call.if_none_match.is_some() {
            return Ok(answer);
        }
        if is_unasked_304(call, &answer) {
            let source = NetError::NotJson {
                host: self.host().to_owned(),
                status,
                kind: "no content, which nobody asked for".to_owned(),
            };
            return Err(self.net(source, name));
        }
        if (200..300).contains(&status) {
            return self.own_words(answer, name);
        }
        let refusal = self.refusal(&answer, name, id.0);
        if !refusal.web_page && !refusal.error.is_empty() {
            self.known_host.answered();
        }
        Err(AzureError::Refused(Box::new(refusal)))
    }

    async fn send(&self, call: &Call, id: &str) -> Result<Response, AzureError> {
        let token = self.tokens.token(Resource::DeviceUpdate).await;
        let token = token.map_err(|source| AzureError::SignIn {
            account: self.account.clone(),
            source,
        })?;
        let request = call
            .request()
            .header("x-ms-client-request-id", id)
            .bearer(&token.secret);
        let sent = self.http.send(request).await;
        sent.map_err(|source| self.net(source, call.name()))
    }

    /// An answer of no bytes is the service's; a page is that of a gateway.
    fn own_words(&self, answer: Response, name: String) -> Result<Response, AzureError> {
        if answer.body().is_empty() || !answer.is_web_page() {
            return Ok(answer);
        }
        let source = NetError::NotJson {
            host: self.host().to_owned(),
            status: answer.status(),
            kind: "a web page".to_owned(),
        };
        Err(self.net(source, name))
    }

    pub(super) fn net(&self, source: NetError, request: String) -> AzureError {
        AzureError::Net {
            source: self.known_host.judged(source),
            account: self.account.clone(),
            request,
        }
    }

    fn refusal(&self, answer: &Response, request: String, client_request_id: String) -> Refusal {
        let body = answer.json::<Value>().unwrap_or_default();
        let error = ServiceError::of_answer(&body);
        let header = |name| answer.header(name).map(super::wire::shortened);
        Refusal {
            account: self.account.clone(),
            instance: self.instance.clone(),
            request,
            status: answer.status(),
            traces: Traces {
                trace_id: ServiceError::trace_of(&body),
                traceparent: header("traceparent"),
                service_request_id: header("x-ms-request-id")
                    .or_else(|| header("mise-correlation-id")),
                client_request_id,
            },
            error,
            challenge: header("www-authenticate"),
            retry_after: answer.retry_after(),
            redirects_to: answer.redirects_to().map(|to| super::wire::shortened(&to)),
            web_page: answer.is_web_page(),
            host_is_known: self.known_host.is_known(),
        }
    }
}

/// Whether the answer says that nothing changed since an answer that was never had: that of a cache on the way.
fn is_unasked_304(call: &Call, answer: &Response) -> bool {
    answer.status() == 304 && call.method == Method::Get && call.if_none_match.is_none()
}

/// Whether the JSON of a body is a list. It would be read as an object whose fields all have their defaults.
fn is_list(body: &[u8]) -> bool {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    text.trim_ascii_start().first() == Some(&b'[')
}
