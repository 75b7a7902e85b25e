//! Each layer between this computer and a host fails in its own name, and a guarded download goes
//! nowhere it should not.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use firmdrop_core::{Code, Diagnose};
use firmdrop_net::{
    Deadlines, Delivered, Http, HttpOptions, Method, NetError, Request, StreamedBody, Url,
    fetch::{FetchError, FetchRules, FetchWatch, Fetched, LeastRate, fetch},
};
use futures::StreamExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

fn options() -> HttpOptions {
    HttpOptions {
        deadlines: Deadlines {
            connect: Duration::from_secs(2),
            stall: Duration::from_millis(300),
            answer: Duration::from_millis(300),
        },
        ..HttpOptions::default()
    }
}

/// A host that does the same with each connection once it has read a request's head.
async fn host<F, Done>(serve: F) -> SocketAddr
where
    F: Fn(TcpStream, String) -> Done + Send + 'static,
    Done: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => break,
                }
            }
            tokio::spawn(serve(stream, String::from_utf8_lossy(&head).into_owned()));
        }
    });
    address
}

async fn says(answer: &'static str) -> SocketAddr {
    host(move |mut stream, _| async move {
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await
}

async fn get(url: &str, options: &HttpOptions) -> Result<u16, NetError> {
    let url = Url::parse(url).unwrap();
    let http = Http::new(&url, options)?;
    let answer = http.send(Request::new(Method::Get, url)).await;
    answer.map(|answer| answer.status())
}

#[tokio::test]
async fn the_failing_layer_is_named() {
    let no_name = get("http://no-such-host.invalid/", &options())
        .await
        .unwrap_err();
    assert!(
        matches!(no_name, NetError::NameNotKnown { .. }),
        "{no_name:?}"
    );
    let refused = get("http://127.0.0.1:1/", &options()).await.unwrap_err();
    assert!(
        matches!(refused, NetError::Unreachable { .. }),
        "{refused:?}"
    );
    assert_eq!(refused.delivered(), Delivered::No);

    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = plain.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
    });
    let no_tls = get(&format!("https://{address}/"), &options())
        .await
        .unwrap_err();
    assert!(matches!(no_tls, NetError::Tls { .. }), "{no_tls:?}");

    let hangs_up = host(|_, _| async {}).await;
    let cut = get(&format!("http://{hangs_up}/"), &options())
        .await
        .unwrap_err();
    assert!(matches!(cut, NetError::Cut { .. }), "{cut:?}");
    assert_eq!(cut.delivered(), Delivered::Perhaps);

    let mute = host(|stream, _| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let silent = get(&format!("http://{mute}/"), &options())
        .await
        .unwrap_err();
    assert!(matches!(silent, NetError::Silent { .. }), "{silent:?}");
}

#[tokio::test]
async fn a_proxy_fails_in_its_own_name_and_its_password_stays_hidden() {
    let refusing =
        says("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n").await;
    let through = |proxy: String| HttpOptions {
        proxy: Some(proxy),
        ..options()
    };
    for proxy in [
        "http://me:SECRET@127.0.0.1:1".to_owned(),
        format!("http://me:SECRET@{refusing}"),
    ] {
        let error = get("https://api.test/", &through(proxy)).await.unwrap_err();
        assert_eq!(error.diagnose().code, Code::ProxyFailed, "{error:?}");
        assert!(!format!("{error} {error:?} {:?}", error.diagnose()).contains("SECRET"));
    }
    let wrong = get("https://api.test/", &through("::".to_owned()))
        .await
        .unwrap_err();
    assert!(
        matches!(wrong, NetError::InvalidOptions { .. }),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn a_certificate_that_is_none_is_refused_before_anything_is_sent() {
    let pem = HttpOptions {
        extra_ca_pem: Some(b"not a certificate".to_vec()),
        ..options()
    };
    let error = get("https://api.test/", &pem).await.unwrap_err();
    assert!(
        matches!(error, NetError::InvalidOptions { .. }),
        "{error:?}"
    );
}

fn body(
    pieces: Vec<std::io::Result<&'static [u8]>>,
    length_bytes: u64,
    endless: bool,
) -> StreamedBody {
    let pieces = futures::stream::iter(pieces.into_iter().map(|piece| piece.map(Into::into)));
    let pieces: firmdrop_net::PieceStream = if endless {
        Box::pin(pieces.chain(futures::stream::pending()))
    } else {
        Box::pin(pieces)
    };
    StreamedBody {
        length_bytes,
        pieces,
    }
}

async fn post(address: SocketAddr, body: StreamedBody) -> NetError {
    let url = Url::parse(&format!("http://{address}/")).unwrap();
    let http = Http::new(&url, &options()).unwrap();
    let request = Request::new(Method::Post, url).streamed(body);
    http.send(request)
        .await
        .map(|answer| answer.status())
        .unwrap_err()
}

#[tokio::test]
async fn a_body_that_was_not_handed_over_was_certainly_not_delivered() {
    let reads = || {
        host(|mut stream, _| async move {
            let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        })
    };
    let stalled = post(reads().await, body(vec![Ok(b"half")], 8, true)).await;
    assert!(matches!(stalled, NetError::Silent { .. }), "{stalled:?}");
    assert_eq!(stalled.delivered(), Delivered::No);

    let whole = post(
        reads().await,
        body(vec![Ok(b"half"), Ok(b"half")], 8, false),
    )
    .await;
    assert_eq!(whole.delivered(), Delivered::Perhaps, "{whole:?}");

    let unread = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    let unread = post(
        reads().await,
        body(vec![Ok(b"half"), Err(unread)], 8, false),
    )
    .await;
    assert!(
        matches!(unread, NetError::Body { source } if source.kind() == std::io::ErrorKind::PermissionDenied)
    );
}

fn rules(limit_bytes: u64, allowed: &[&str]) -> FetchRules {
    FetchRules {
        limit_bytes,
        slowest: LeastRate {
            bytes: 4,
            within: Duration::from_millis(50),
        },
        allowed_hosts: allowed
            .iter()
            .map(|host| (*host).to_owned())
            .collect::<BTreeSet<_>>(),
    }
}

async fn download(url: &str, rules: &FetchRules) -> Result<(Fetched, Vec<u8>, u64), FetchError> {
    let (mut bytes, seen) = (Vec::new(), AtomicU64::new(0));
    let watch = FetchWatch {
        progress: &|so_far, _| seen.store(so_far, Ordering::Relaxed),
        cancel: &CancellationToken::new(),
    };
    let fetched = fetch(url, rules, &options(), &mut bytes, watch).await?;
    Ok((fetched, bytes, seen.into_inner()))
}

#[tokio::test]
async fn an_allowed_host_gives_its_file() {
    let address = says("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nfirmware").await;
    let url = format!("http://{address}/a/fw.bin?sig=SECRET");
    let (fetched, bytes, seen) = download(&url, &rules(8, &["127.0.0.1"])).await.unwrap();
    assert_eq!((bytes.as_slice(), seen), (b"firmware".as_slice(), 8));
    assert_eq!(fetched.file_name.as_deref(), Some("fw.bin"));
    assert!(!fetched.address.contains("SECRET"));
}

#[tokio::test]
async fn addresses_of_the_own_network_are_refused_in_every_spelling() {
    let hosts = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "localhost",
        "LOCALHOST",
        "0.0.0.0",
        "[::]",
        "10.0.0.1",
        "172.16.5.4",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00::1]",
        "[64:ff9b::a00:1]",
        "255.255.255.255",
        "224.0.0.1",
    ];
    for host in hosts {
        let error = download(&format!("http://{host}/fw.bin"), &rules(10, &[]))
            .await
            .unwrap_err();
        let refused = matches!(error, FetchError::Net(NetError::AddressRefused { .. }));
        assert!(refused, "{host}: {error:?}");
        assert_eq!(error.diagnose().code, Code::DownloadFailed);
    }
}

// The parser takes the first word of the path for the host, as browsers do.
#[tokio::test]
async fn an_address_without_a_host_has_none() {
    for url in [
        "http:///x",
        "https:////host/fw.bin",
        "http://\\host/fw.bin",
        "http://\t/host",
        "http://",
        "https://?x",
        "http://:80/fw.bin",
        "http:/host/fw.bin",
        "http:host/fw.bin",
    ] {
        let refused = download(url, &rules(10, &["host", "x"])).await.unwrap_err();
        let unread = matches!(refused, FetchError::Net(NetError::InvalidAddress { .. }));
        assert!(unread, "{url}: {refused:?}");
        assert_eq!(refused.diagnose().code, Code::DownloadFailed, "{url}");
    }
}

#[tokio::test]
async fn a_redirect_into_the_own_network_is_refused() {
    let trap = says("HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n").await;
    let error = download(&format!("http://{trap}/"), &rules(10, &["127.0.0.1"]))
        .await
        .unwrap_err();
    assert!(
        matches!(error, FetchError::Net(NetError::AddressRefused { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_fourth_redirect_and_a_foreign_scheme_are_not_followed() {
    let circle = says("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n").await;
    let error = download(&format!("http://{circle}/"), &rules(10, &["127.0.0.1"]))
        .await
        .unwrap_err();
    assert!(
        matches!(error, FetchError::Net(NetError::Redirect { .. })),
        "{error:?}"
    );
    let file =
        says("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n")
            .await;
    let error = download(&format!("http://{file}/"), &rules(10, &["127.0.0.1"]))
        .await
        .unwrap_err();
    assert_eq!(error.diagnose().code, Code::DownloadFailed);
    assert!(error.to_string().contains("to a file address"), "{error}");
    let error = download("https://[::1/", &rules(10, &[]))
        .await
        .unwrap_err();
    assert_eq!(error.diagnose().code, Code::DownloadFailed);
    let error = download("ftp://host/fw.bin", &rules(10, &[]))
        .await
        .unwrap_err();
    assert_eq!(error.diagnose().code, Code::SchemeNotSupported);
}

// hyperium/hyper #2136: "connection closed before message completed".
#[tokio::test]
async fn a_host_that_closes_after_a_redirect_without_saying_so_is_asked_over_another_connection() {
    let closing = host(|mut stream, head| async move {
        let answer: &[u8] = if head.starts_with("GET /old ") {
            b"HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n"
        } else {
            b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nfirmware"
        };
        stream.write_all(answer).await.unwrap();
        // The next request over this connection gets no answer.
        let _ = stream.read_u8().await;
    })
    .await;
    let address = format!("http://{closing}/old");
    let (_, file, _) = download(&address, &rules(10, &["127.0.0.1"]))
        .await
        .unwrap();
    assert_eq!(file, b"firmware");
}

#[tokio::test]
async fn a_status_that_brings_no_file_is_not_called_a_failure_of_the_host_unless_it_is_one() {
    for (answer, why) in [
        ("HTTP/1.1 204 No Content\r\n\r\n", "without the file"),
        (
            "HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\n\r\nfi",
            "a part of the file",
        ),
        ("HTTP/1.1 304 Not Modified\r\n\r\n", "without the file"),
        (
            "HTTP/1.1 300 Multiple Choices\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
            "without the file",
        ),
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            "no file at this address",
        ),
        (
            "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n",
            "refused the request",
        ),
        (
            "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n",
            "more requests",
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
            "The host failed",
        ),
    ] {
        let address = says(answer).await;
        let error = download(&format!("http://{address}/"), &rules(10, &["127.0.0.1"]))
            .await
            .unwrap_err();
        let said = error.diagnose().why;
        assert!(said.contains(why), "{answer:?}: {said}");
    }
}

#[tokio::test]
async fn a_file_that_is_too_large_ends_early() {
    let stated = says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfirmware!").await;
    let unstated =
        says("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nfirmware and ever so much more").await;
    for address in [stated, unstated] {
        let error = download(&format!("http://{address}/"), &rules(8, &["127.0.0.1"]))
            .await
            .unwrap_err();
        assert!(matches!(error, FetchError::TooLarge { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_download_that_breaks_off_or_falls_silent_is_no_file() {
    let cut = says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfirm").await;
    let mute = host(|mut stream, _| async move {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfirm")
            .await
            .unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    for address in [cut, mute] {
        let error = download(&format!("http://{address}/"), &rules(80, &["127.0.0.1"]))
            .await
            .unwrap_err();
        assert!(matches!(error, FetchError::Net(_)), "{error:?}");
    }
    let gone = says("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").await;
    let error = download(&format!("http://{gone}/"), &rules(80, &["127.0.0.1"]))
        .await
        .unwrap_err();
    assert!(
        matches!(error, FetchError::Status { status: 404, .. }),
        "{error:?}"
    );
}
