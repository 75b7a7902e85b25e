//! From one request to a value or a refusal. Repeats only what belongs to no task.

use std::sync::{Mutex, PoisonError};

use firmdrop_net::retry::Idempotency;
use firmdrop_net::{Method, NetError, Request, Response, Url};
use serde::{Serialize, de::DeserializeOwned};

use crate::alone::repeated;

use super::{
    ListQuery, Page, Pelion, PelionError, Refusal,
    limits::{LIST_ANSWER_BYTES, URL_CHARACTERS},
    wire::{Entry, ErrorBody, is_id},
};

/// Longest body that is looked at for an error in the place of a thing, bytes.
const ERROR_BYTES: usize = 16 * 1024;

/// Longest text taken over from a refusal, characters.
const MESSAGE_CHARACTERS: usize = 500;

/// What is asked: verb and path below the host.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) request: Request,
    name: String,
}

impl Call {
    /// Changes the request without changing what it is called.
    pub(super) fn map(self, change: impl FnOnce(Request) -> Request) -> Self {
        Self {
            request: change(self.request),
            name: self.name,
        }
    }
}

impl Pelion {
    /// A call of `path`, whose parts are already checked ids or plain words.
    pub(super) fn call(&self, method: Method, path: &str) -> Result<Call, PelionError> {
        self.call_with(method, path, |_| ())
    }

    /// The same with a query.
    pub(super) fn call_with(
        &self,
        method: Method,
        path: &str,
        query: impl FnOnce(&mut Url),
    ) -> Result<Call, PelionError> {
        let name = format!("{} /{path}", method.as_str());
        let mut url = self
            .base
            .join(path)
            .map_err(|_| PelionError::Id(path.to_owned()))?;
        query(&mut url);
        if url.as_str().len() >= URL_CHARACTERS {
            return Err(PelionError::AddressTooLong {
                request: name,
                characters: url.as_str().len(),
            });
        }
        Ok(Call {
            request: Request::new(method, url).bearer(&self.key),
            name,
        })
    }

    /// Asks for one page.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &ListQuery,
    ) -> Result<Page<T>, PelionError> {
        let call = self.call_with(Method::Get, path, |url| query.apply(url))?;
        let call = call.map(|request| request.response_limit(LIST_ANSWER_BYTES));
        let name = call.name.clone();
        let answer = self.exchange(call).await?;
        // One entry that cannot be read does not hide the others.
        match self.read(&answer, name.clone()) {
            Err(PelionError::Net {
                source: NetError::OtherShape { .. },
                ..
            }) => self
                .read::<Page<Entry<T>>>(&answer, name)
                .map(Page::readable),
            read => read,
        }
    }

    /// Sends the call once and reads the answer as `T`.
    pub(super) async fn execute<T: DeserializeOwned>(&self, call: Call) -> Result<T, PelionError> {
        let name = call.name.clone();
        let answer = self.exchange(call).await?;
        self.read(&answer, name)
    }

    /// The body of an answer as `T`.
    pub(super) fn read<T: DeserializeOwned>(
        &self,
        answer: &Response,
        request: String,
    ) -> Result<T, PelionError> {
        let value = answer.json().map_err(|source| self.net(source, request))?;
        self.known_host.answered();
        Ok(value)
    }

    /// Sends the call, once where it is part of a task; any 2xx is an answer, all else a refusal.
    pub(super) async fn exchange(&self, call: Call) -> Result<Response, PelionError> {
        if !self.alone || call.request.again().is_none() {
            return Box::pin(self.exchange_once(call)).await;
        }
        let idempotency = Idempotency::of(call.request.method());
        let deletes = call.request.method() == Method::Delete;
        let name = call.name;
        // A body that is read once is no part of it, and keeps it from being shared.
        let request = Mutex::new(call.request);
        let tried = repeated(idempotency, || {
            let again = request
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .again();
            let name = name.clone();
            async move {
                match again {
                    Some(request) => self.exchange_once(Call { request, name }).await,
                    // It was checked above.
                    None => Err(PelionError::Id(name)),
                }
            }
        });
        let tried = Box::pin(tried).await;
        match tried.ended {
            Err(error) if deletes && tried.perhaps_done && error.is_not_known() => {
                Ok(Response::without_content(&self.base))
            }
            ended => ended,
        }
    }

    async fn exchange_once(&self, call: Call) -> Result<Response, PelionError> {
        let Call { request, name } = call;
        let sent = self.http.send(request).await;
        let answer = sent.map_err(|source| self.net(source, name.clone()))?;
        self.clock.answered(answer.date());
        let mut refused_with = answer.status();
        if (200..300).contains(&answer.status()) {
            match error_within(&answer) {
                Some(status) => refused_with = status,
                None => return self.own_words(answer, name),
            }
        }
        let refusal = Refusal {
            status: refused_with,
            ..self.refusal(&answer, name)
        };
        if refusal.has_own_words() {
            self.known_host.answered();
        }
        Err(PelionError::Refused(Box::new(refusal)))
    }

    /// An answer of no bytes is the service's whatever it calls itself; a page is a gateway's.
    fn own_words(&self, answer: Response, name: String) -> Result<Response, PelionError> {
        if answer.body().is_empty() || !answer.is_web_page() {
            return Ok(answer);
        }
        let source = NetError::NotJson {
            host: self.base.host_str().unwrap_or_default().to_owned(),
            status: answer.status(),
            kind: "a web page".to_owned(),
        };
        Err(self.net(source, name))
    }

    /// An answer that is the service's and cannot be read.
    pub(super) fn other_shape(&self, request: &str, why: String) -> PelionError {
        let source = NetError::OtherShape {
            host: self.base.host_str().unwrap_or_default().to_owned(),
            status: 200,
            why,
        };
        self.net(source, request.to_owned())
    }

    fn net(&self, source: NetError, request: String) -> PelionError {
        PelionError::Net {
            source: self.known_host.judged(source),
            account: self.account.clone(),
            request,
        }
    }

    fn refusal(&self, answer: &Response, request: String) -> Refusal {
        let body: ErrorBody = answer.json().unwrap_or_default();
        let fields = body.fields.unwrap_or_default().into_iter().take(16);
        let header = answer.header("x-request-id").map(str::to_owned);
        Refusal {
            account: self.account.clone(),
            request,
            status: answer.status(),
            kind: shortened(&body.kind),
            message: shortened(&body.message),
            fields: fields
                .map(|field| (shortened(&field.name), shortened(&field.message)))
                .collect(),
            request_id: body.request_id.or(header).map(|id| shortened(&id)),
            retry_after: answer.retry_after(),
            names_a_retry: answer.names_a_retry(),
            redirects_to: answer.redirects_to().map(|target| shortened(&target)),
            web_page: answer.is_web_page(),
            host_is_known: self.known_host.is_known(),
        }
    }
}

/// The status of an error in the place of the thing that was asked for. Errors are short.
fn error_within(answer: &Response) -> Option<u16> {
    if answer.body().len() > ERROR_BYTES {
        return None;
    }
    answer.json::<ErrorBody>().ok()?.own_status()
}

/// A body as JSON. Its types hold texts, numbers and flags, so nothing in them can fail to be
/// written.
pub(super) fn as_json<T: Serialize>(body: &T) -> serde_json::Value {
    serde_json::to_value(body).unwrap_or_default()
}

/// One line of bounded length: foreign words go into logs and dialogs.
fn shortened(text: &str) -> String {
    let visible = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    visible.take(MESSAGE_CHARACTERS).collect()
}

/// An id that may become a part of a path. The service's are 32 hexadecimal digits.
pub(super) fn checked_id(id: &str) -> Result<&str, PelionError> {
    if is_id(id) {
        Ok(id)
    } else {
        Err(PelionError::Id(id.chars().take(80).collect()))
    }
}
