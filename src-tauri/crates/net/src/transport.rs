//! The client as the transport of somebody else's library: any method, any header, a body that
//! streams in either direction.
//!
//! Such a library brings its own pipeline, so nothing is repeated here and no status is judged. TLS,
//! proxy, certificate authorities and deadlines are those of [`Http`]; the hosts are those that the
//! account names, because the library puts its secrets into the requests.

use std::{collections::BTreeSet, pin::Pin};

use bytes::Bytes;
use futures::{Stream, stream};
use reqwest::{
    Url,
    header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue, PROXY_AUTHORIZATION},
};
use tokio::time::timeout;

use crate::{
    Delivered, Http, Method, NetError, StreamedBody, classify::classify, request::Body,
    route::Route,
};

/// Pieces of an answer, in order. An error ends it.
pub type ResponseStream = Pin<Box<dyn Stream<Item = Result<Bytes, NetError>> + Send>>;

/// A body to send.
#[derive(Debug, Default)]
pub enum TransportBody {
    /// None.
    #[default]
    Nothing,
    /// All of it.
    Whole(Bytes),
    /// It comes while it is sent.
    Streamed(StreamedBody),
}

/// A request of the library.
#[derive(Debug)]
pub struct TransportRequest {
    /// The method.
    pub method: Method,
    /// The whole address; its query may be a secret.
    pub url: Url,
    /// Every header, in order; a name may come more than once.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: TransportBody,
}

/// The answer, whatever its status. Its body is read by whoever holds it.
pub struct TransportResponse {
    /// The status.
    pub status: u16,
    /// Every header, in order.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body. Fails when the host is silent for too long or sends more than the limit.
    pub body: ResponseStream,
}

impl std::fmt::Debug for TransportResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TransportResponse")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// The client, bound to the hosts of one account. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Transport {
    http: Http,
    origins: BTreeSet<String>,
    limit_bytes: u64,
}

impl Transport {
    /// Over this client, to these hosts only: scheme, host and port count. No answer may be longer
    /// than `limit_bytes`.
    pub fn new<'a>(http: Http, hosts: impl IntoIterator<Item = &'a Url>, limit_bytes: u64) -> Self {
        Self {
            http,
            origins: hosts.into_iter().map(origin).collect(),
            limit_bytes,
        }
    }

    /// Sends the request once and returns with the head of its answer. Dropping the future, or the
    /// answer's body, ends the exchange. Redirects are answers like any other.
    pub async fn send(&self, request: TransportRequest) -> Result<TransportResponse, NetError> {
        if !self.origins.contains(&origin(&request.url)) {
            return Err(NetError::ForeignHost {
                host: request.url.host_str().unwrap_or_default().to_owned(),
            });
        }
        let route = self.http.route(&request.url);
        let headers = checked(request.headers)?;
        let method = request.method.below();
        let builder = self.http.client.request(method, request.url);
        let builder = (headers.into_iter()).fold(builder, |builder, (name, value)| {
            builder.header(name, value)
        });
        let body = match request.body {
            TransportBody::Nothing => Body::Nothing,
            TransportBody::Whole(bytes) => Body::Whole(bytes.into()),
            TransportBody::Streamed(body) => Body::Streamed(body),
        };
        let response = self.http.send_unread(builder, body, &route).await?;
        let names = response.headers().iter();
        let headers = names.map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
        Ok(TransportResponse {
            status: response.status().as_u16(),
            headers: headers.collect(),
            body: self.bounded(response, route),
        })
    }

    /// The body of an answer within its limits.
    fn bounded(&self, response: reqwest::Response, route: Route) -> ResponseStream {
        let (stall, limit_bytes) = (self.http.stall(), self.limit_bytes);
        let begin = Some((response, route, 0_u64));
        Box::pin(stream::unfold(begin, move |state| async move {
            let (mut response, route, read) = state?;
            let piece = match timeout(stall, response.chunk()).await {
                Ok(Ok(piece)) => piece?,
                Ok(Err(error)) => {
                    return Some((Err(classify(error, &route, Delivered::Perhaps)), None));
                }
                Err(_) => {
                    let silent = NetError::Silent {
                        host: route.host,
                        waited: stall,
                        delivered: Delivered::Perhaps,
                    };
                    return Some((Err(silent), None));
                }
            };
            let read = read.saturating_add(piece.len() as u64);
            if read > limit_bytes {
                let host = route.host;
                return Some((Err(NetError::TooLarge { host, limit_bytes }), None));
            }
            Some((Ok(piece), Some((response, route, read))))
        }))
    }
}

/// Scheme, host and port.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn checked(headers: Vec<(String, Vec<u8>)>) -> Result<Vec<(HeaderName, HeaderValue)>, NetError> {
    let read = |(name, value): (String, Vec<u8>)| {
        let wrong = || NetError::InvalidOptions {
            why: format!(
                "the header {:?} cannot be sent",
                name.escape_debug().to_string()
            ),
        };
        let known = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        let mut value = HeaderValue::from_bytes(&value).map_err(|_| wrong())?;
        value.set_sensitive([AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(&known));
        Ok((known, value))
    };
    headers.into_iter().map(read).collect()
}
