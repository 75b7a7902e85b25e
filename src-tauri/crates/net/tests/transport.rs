//! The client as the transport of somebody else's library, against a host on loopback.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use firmdrop_core::{Code, Diagnose as _};
use firmdrop_net::{
    Deadlines, Http, HttpOptions, Method, NetError, StreamedBody, Transport, TransportBody,
    TransportRequest, TransportResponse, Url,
};
use futures::{StreamExt as _, stream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Every request as it came: head and body.
type Seen = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// A host that answers each request with these bytes, and is silent otherwise.
async fn host(answer: &'static str) -> (SocketAddr, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let writing = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, answer, Arc::clone(&writing)));
        }
    });
    (address, seen)
}

async fn serve(mut stream: TcpStream, answer: &'static str, seen: Seen) {
    while let Some(request) = read_request(&mut stream).await {
        seen.lock().unwrap().push(request);
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |text| text.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((head, body))
}

fn transport(address: SocketAddr) -> Transport {
    let url = Url::parse(&format!("http://{address}")).unwrap();
    let wait = Duration::from_millis(300);
    let options = HttpOptions {
        deadlines: Deadlines {
            connect: Duration::from_secs(2),
            stall: wait,
            answer: wait,
        },
        ..HttpOptions::default()
    };
    Transport::new(Http::new(&url, &options).unwrap(), [&url], 1000)
}

fn request(method: Method, address: SocketAddr, body: TransportBody) -> TransportRequest {
    TransportRequest {
        method,
        url: Url::parse(&format!("http://{address}/store/x?sig=s")).unwrap(),
        headers: vec![
            ("Authorization".to_owned(), b"SharedKey a:b".to_vec()),
            ("x-ms-version".to_owned(), b"2026-04-06".to_vec()),
        ],
        body,
    }
}

async fn read(mut response: TransportResponse) -> Result<Vec<u8>, NetError> {
    let mut all = Vec::new();
    while let Some(piece) = response.body.next().await {
        all.extend_from_slice(&piece?);
    }
    Ok(all)
}

#[tokio::test]
async fn every_method_header_and_body_arrives_as_the_library_wrote_it() {
    let ok = "HTTP/1.1 201 Created\r\nETag: \"7\"\r\nx-ms-id: a\r\nx-ms-id: b\r\nContent-Length: 2\r\n\r\nhi";
    let (address, seen) = host(ok).await;
    let transport = transport(address);
    for method in [Method::Put, Method::Patch, Method::Delete, Method::Post] {
        let body = TransportBody::Whole(Bytes::from_static(b"abc"));
        let response = transport
            .send(request(method, address, body))
            .await
            .unwrap();
        assert_eq!(response.status, 201);
        let ids = response
            .headers
            .iter()
            .filter(|(name, _)| name == "x-ms-id");
        assert_eq!(ids.count(), 2, "a header may come more than once");
        assert_eq!(read(response).await.unwrap(), b"hi");
        let (head, body) = seen.lock().unwrap().pop().unwrap();
        let line = format!("{} /store/x?sig=s http/1.1", method.as_str().to_lowercase());
        assert!(head.starts_with(&line), "{head}");
        assert!(
            head.contains("authorization: sharedkey a:b\r\nx-ms-version: 2026-04-06"),
            "{head}"
        );
        assert_eq!(body, b"abc");
    }
}

#[tokio::test]
async fn a_body_streams_out_with_its_length_and_a_head_has_no_body() {
    let (address, seen) = host("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n").await;
    let pieces = [Bytes::from_static(b"one"), Bytes::from_static(b"two")];
    let body = TransportBody::Streamed(StreamedBody {
        length_bytes: 6,
        pieces: Box::pin(stream::iter(pieces.map(Ok))),
    });
    let transport = transport(address);
    let sent = transport.send(request(Method::Put, address, body)).await;
    assert_eq!(sent.unwrap().status, 200);
    let (head, body) = seen.lock().unwrap().pop().unwrap();
    assert!(head.contains("content-length: 6\r\n"), "{head}");
    assert_eq!(body, b"onetwo");

    let head = request(Method::Head, address, TransportBody::Nothing);
    let response = transport.send(head).await.unwrap();
    let length = response
        .headers
        .iter()
        .find(|(name, _)| name == "content-length");
    assert_eq!(length.unwrap().1, b"12");
    assert!(read(response).await.unwrap().is_empty());
}

#[tokio::test]
async fn no_status_is_judged_nothing_is_repeated_and_no_redirect_is_followed() {
    for answer in [
        "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 307 Elsewhere\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n",
    ] {
        let (address, seen) = host(answer).await;
        let asked = request(Method::Get, address, TransportBody::Nothing);
        let response = transport(address).send(asked).await.unwrap();
        assert!([503, 307].contains(&response.status));
        assert_eq!(seen.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_host_that_the_account_does_not_name_gets_no_secret() {
    let (address, _) = host("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let (foreign, seen) = host("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let asked = request(Method::Get, foreign, TransportBody::Nothing);
    let error = transport(address).send(asked).await.unwrap_err();
    assert!(matches!(error, NetError::ForeignHost { .. }), "{error:?}");
    assert_eq!(error.diagnose().code, Code::AccountInvalid);
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_body_that_is_too_long_or_stops_is_an_error_and_not_an_end() {
    let (address, _) = host("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab").await;
    let asked = request(Method::Get, address, TransportBody::Nothing);
    let response = transport(address).send(asked).await.unwrap();
    let error = read(response).await.unwrap_err();
    assert!(matches!(error, NetError::Silent { .. }), "{error:?}");

    let long = Box::leak(
        format!(
            "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n{}",
            "x".repeat(2000)
        )
        .into_boxed_str(),
    );
    let (address, _) = host(long).await;
    let asked = request(Method::Get, address, TransportBody::Nothing);
    let response = transport(address).send(asked).await.unwrap();
    let error = read(response).await.unwrap_err();
    assert!(
        matches!(
            error,
            NetError::TooLarge {
                limit_bytes: 1000,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_header_that_no_request_can_carry_is_refused_by_its_name_alone() {
    let (address, _) = host("").await;
    let mut asked = request(Method::Get, address, TransportBody::Nothing);
    asked.headers = vec![("x-key".to_owned(), b"secret\r\nx: y".to_vec())];
    let error = transport(address).send(asked).await.unwrap_err();
    assert!(
        matches!(error, NetError::InvalidOptions { .. }),
        "{error:?}"
    );
    assert!(!format!("{error} {error:?}").contains("secret"));
}

#[test]
fn a_method_is_known_by_its_name() {
    for name in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        assert_eq!(Method::named(name).unwrap().as_str(), name);
    }
    assert_eq!(Method::named("CONNECT"), None);
}
