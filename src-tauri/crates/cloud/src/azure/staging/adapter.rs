//! Our HTTP client as the transport of the blob library: one request, one answer, no retry.
//!
//! What a host may not repeat is taken out of its refusals here, and the time by its clock is read.

use std::sync::Arc;

use azure_core::{
    Bytes,
    error::{Error, ErrorKind},
    http::{
        AsyncRawResponse, Body, Context, Request,
        headers::{HeaderName, Headers},
        policies::{Policy, PolicyResult},
    },
    time::parse_rfc7231,
};
use firmdrop_core::Moment;
use firmdrop_net::{
    NetError, PieceStream, ResponseStream, Scrub, StreamedBody, Transport, TransportBody,
    TransportRequest, TransportResponse,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::{body::BlockBody, clock::Clocks};

/// A body that is there whole goes out in pieces of this length, so that the line is watched
/// while it does.
const PIECE_BYTES: usize = 64 * 1024;

/// No refusal is longer; what is behind it is not read.
const REFUSAL_BYTES: usize = 64 * 1024;

/// Headers that our client writes itself.
const OURS: [&str; 3] = ["content-length", "user-agent", "host"];

#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) transport: Transport,
    pub(super) clocks: Clocks,
}

#[async_trait::async_trait]
impl Policy for Line {
    /// A block goes out from the context: the library's own form of its body is only measured.
    async fn send(
        &self,
        context: &Context,
        request: &mut Request,
        _next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        let secrets = secrets_of(request);
        let outgoing = outgoing(request, context.value::<BlockBody>())?;
        let response = self.transport.send(outgoing).await;
        let TransportResponse {
            status,
            headers,
            body,
        } = response.map_err(failed)?;
        let is_refusal = !(200..300).contains(&status);
        let headers = incoming(headers, is_refusal.then_some(&secrets));
        let date = headers.get_optional_str(&HeaderName::from_static("date"));
        if let Some(date) = date.and_then(|date| parse_rfc7231(date).ok()) {
            let milliseconds = date.unix_timestamp().saturating_mul(1000);
            self.clocks.answered(Moment::from_millisecond(milliseconds));
        }
        if is_refusal {
            let body = refusal(body).await.map_err(failed)?;
            let body = secrets.scrubbed(&body).unwrap_or(body);
            return Ok(AsyncRawResponse::from_bytes(status.into(), headers, body));
        }
        let body = Box::pin(body.map_err(failed));
        Ok(AsyncRawResponse::new(status.into(), headers, body))
    }
}

fn outgoing(request: &Request, block: Option<&BlockBody>) -> azure_core::Result<TransportRequest> {
    let (pieces, length_bytes): (PieceStream, u64) = match request.body() {
        Body::Bytes(bytes) => (in_pieces(bytes.clone()), bytes.len() as u64),
        Body::SeekableStream(body) => {
            let length = body.len().ok_or_else(|| {
                Error::with_message(ErrorKind::Other, "a body without a length is not sent")
            })?;
            let pieces = match block {
                Some(block) => block.pieces(),
                None => Box::pin(body.clone().map_err(unread)),
            };
            (pieces, length)
        }
    };
    let headers = request.headers().iter().filter(|(name, _)| {
        let is_ours = OURS.contains(&name.as_str());
        // A request that stores something has a length also when it has no body.
        !is_ours || (name.as_str() == "content-length" && length_bytes == 0)
    });
    let headers = headers.map(|(name, value)| {
        let value = value.as_str().as_bytes().to_vec();
        (name.as_str().to_owned(), value)
    });
    let method = firmdrop_net::Method::named(request.method().as_str())
        .ok_or_else(|| Error::with_message(ErrorKind::Other, "a method that is not sent"))?;
    Ok(TransportRequest {
        method,
        url: request.url().clone(),
        headers: headers.collect(),
        body: if length_bytes == 0 {
            TransportBody::Nothing
        } else {
            TransportBody::Streamed(StreamedBody {
                length_bytes,
                pieces,
            })
        },
    })
}

fn in_pieces(bytes: Bytes) -> PieceStream {
    let pieces = stream::unfold(bytes, |mut rest| async move {
        let piece = rest.split_to(PIECE_BYTES.min(rest.len()));
        (!piece.is_empty()).then_some((Ok(piece), rest))
    });
    Box::pin(pieces)
}

/// What the source of a body said, with its kind.
fn unread(error: Error) -> std::io::Error {
    match error.into_downcast::<std::io::Error>() {
        Ok(error) => error,
        Err(error) => std::io::Error::other(error),
    }
}

/// The layer that failed travels through the library in this form.
fn failed(error: NetError) -> Error {
    Error::with_error(ErrorKind::Io, error, "the request has no usable answer")
}

/// What the request holds that no host may repeat: its token, its signatures.
fn secrets_of(request: &Request) -> Scrub {
    let authorization = HeaderName::from_static("authorization");
    let header = request.headers().get_optional_str(&authorization);
    // "Bearer TOKEN", "SharedKey ACCOUNT:SIGNATURE".
    let header = header.and_then(|value| value.rsplit([' ', ':']).next());
    let signatures = request.url().query_pairs();
    let signatures = signatures
        .filter(|(name, _)| name.eq_ignore_ascii_case("sig"))
        .map(|(_, value)| value.into_owned());
    let all = header.map(str::to_owned).into_iter().chain(signatures);
    Scrub::of(all.map(Into::into))
}

/// The headers that are text, each once.
fn incoming(headers: Vec<(String, Vec<u8>)>, secrets: Option<&Scrub>) -> Headers {
    let mut read = Headers::new();
    for (name, value) in headers {
        let clean = secrets.and_then(|secrets| secrets.scrubbed(&value));
        if let Ok(value) = String::from_utf8(clean.unwrap_or(value)) {
            read.insert(name, value);
        }
    }
    read
}

/// A refusal as far as it is read.
async fn refusal(mut body: ResponseStream) -> Result<Vec<u8>, NetError> {
    let mut read = Vec::new();
    while let Some(piece) = body.next().await {
        read.extend_from_slice(&piece?);
        if read.len() >= REFUSAL_BYTES {
            read.truncate(REFUSAL_BYTES);
            break;
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use azure_core::http::Method;

    use super::*;

    #[tokio::test]
    async fn a_whole_body_goes_out_in_pieces_that_make_it_up() {
        let bytes: Bytes = (0..=250).cycle().take(PIECE_BYTES * 2 + 7).collect();
        let pieces: Vec<Bytes> = in_pieces(bytes.clone()).try_collect().await.unwrap();
        assert_eq!(pieces.len(), 3);
        assert_eq!(pieces.concat(), bytes);
    }

    #[test]
    fn the_lengths_that_the_library_writes_are_written_once() {
        let mut request = Request::new("https://a.test/c/b".parse().unwrap(), Method::Put);
        request.insert_header("content-length", "0");
        request.insert_header("user-agent", "other");
        let names = |request: &Request| {
            let sent = outgoing(request, None).unwrap().headers;
            sent.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(names(&request), ["content-length"]);
        request.set_body("four");
        assert_eq!(names(&request), Vec::<String>::new());
    }

    #[test]
    fn tokens_and_signatures_are_what_no_host_may_repeat() {
        let url = "https://a.test/c?sv=1&sig=MARKER%2Bsignature%3D";
        let mut request = Request::new(url.parse().unwrap(), Method::Get);
        request.insert_header("authorization", "Bearer MARKERtoken");
        let scrub = secrets_of(&request);
        let clean =
            scrub.scrubbed(b"<M>MARKERtoken and MARKER+signature= and MARKER%2Bsignature%3D</M>");
        let clean = String::from_utf8(clean.unwrap()).unwrap();
        assert!(!clean.contains("MARKER"), "{clean}");
    }
}
