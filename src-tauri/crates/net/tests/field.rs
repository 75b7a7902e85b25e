//! Hosts, gateways and proxies as they are in the field: they compress unasked, ask for sign-ins,
//! hang up, redirect, repeat what they were sent.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    io::Write as _,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use firmdrop_core::{Code, Diagnose};
use firmdrop_net::{
    Deadlines, Delivered, Http, HttpOptions, Method, NetError, Request, Response, Secret, TlsFault,
    Url,
    fetch::{FetchError, FetchRules, FetchWatch, LeastRate, fetch},
    retry::{Idempotency, RetryVerdict, after_error},
};
use flate2::{Compression, write::GzEncoder};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};
use tokio_util::sync::CancellationToken;

const KEY: &str = "ak_marker/that+must==never&show";

fn options() -> HttpOptions {
    HttpOptions {
        deadlines: Deadlines {
            connect: Duration::from_secs(5),
            stall: Duration::from_secs(5),
            answer: Duration::from_secs(5),
        },
        ..HttpOptions::default()
    }
}

async fn head_of(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// A host that answers each request with what `answer` makes of its head, then closes.
async fn host(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let head = head_of(&mut stream).await;
            let _ = stream.write_all(&answer(&head)).await;
            let _ = stream.shutdown().await;
        }
    });
    address
}

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

async fn get(url: &str, options: &HttpOptions) -> Result<Response, NetError> {
    let url = Url::parse(url).unwrap();
    let http = Http::new(&url, options)?;
    let secret = Secret::from(KEY.to_owned());
    http.send(Request::new(Method::Get, url).bearer(&secret))
        .await
}

fn through(proxy: impl std::fmt::Display) -> HttpOptions {
    HttpOptions {
        proxy: Some(proxy.to_string()),
        ..options()
    }
}

#[tokio::test]
async fn answers_that_are_compressed_unasked_are_read_and_identity_is_asked_for() {
    let heads: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&heads);
    let json = br#"{"message":"Your key has no right."}"#;
    let address = host(move |head| {
        seen.lock().unwrap().push(head.to_lowercase());
        let coding = "Content-Encoding: gzip\r\nContent-Type: application/json\r\n";
        answer("403 Forbidden", coding, &gzip(json))
    })
    .await;
    let response = get(&format!("http://{address}/"), &options())
        .await
        .unwrap();
    assert_eq!(response.body(), json);
    assert!(heads.lock().unwrap()[0].contains("accept-encoding: identity\r\n"));
}

#[tokio::test]
async fn a_coding_that_cannot_be_undone_is_an_error_that_names_it() {
    for (coding, body) in [("br", &b"\x0b\x02\x80"[..]), ("gzip", b"{\"id\":\"1\"}")] {
        let address =
            host(move |_| answer("200 OK", &format!("Content-Encoding: {coding}\r\n"), body)).await;
        let error = get(&format!("http://{address}/"), &options())
            .await
            .unwrap_err();
        assert!(matches!(error, NetError::Coding { .. }), "{error:?}");
        assert_eq!(error.diagnose().code, Code::AnswerUnreadable);
        // A POST may have been carried out.
        let verdict = after_error(&error, Idempotency::Once);
        assert_eq!(verdict, RetryVerdict::AskFirst);
    }
}

#[tokio::test]
async fn a_proxy_that_wants_a_sign_in_is_told_apart_from_one_that_is_away() {
    let asking = host(|_| {
        let offer = "Proxy-Authenticate: Basic realm=\"lab\"\r\n";
        answer("407 Proxy Authentication Required", offer, b"")
    })
    .await;
    for target in ["https://api.test/", "http://10.77.0.1/"] {
        for (proxy, word) in [
            (format!("http://{asking}"), "without a user name"),
            (format!("http://me:SECRET@{asking}"), "password is wrong"),
        ] {
            let error = get(target, &through(proxy)).await.unwrap_err();
            assert!(
                matches!(error, NetError::ProxySignIn { .. }),
                "{target}: {error:?}"
            );
            let diagnosis = error.diagnose();
            let text = format!("{error} {diagnosis:?}");
            assert!(text.contains("407") && text.contains(word), "{text}");
            assert!(!text.contains("SECRET"), "{text}");
            assert_eq!(diagnosis.code, Code::ProxyFailed);
            let verdict = after_error(&error, Idempotency::Repeatable);
            assert_eq!(verdict, RetryVerdict::Final);
        }
    }
    let ntlm = host(|_| {
        let offer = "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n";
        answer("407 Proxy Authentication Required", offer, b"")
    })
    .await;
    let error = get("http://10.77.0.1/", &through(format!("http://{ntlm}"))).await;
    let diagnosis = error.unwrap_err().diagnose();
    assert!(diagnosis.why.contains("Negotiate, NTLM"), "{diagnosis:?}");
}

#[tokio::test]
async fn what_does_not_speak_http_is_said_to_be_no_web_service_and_not_a_broken_line() {
    for banner in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        b"220 mail.test ESMTP\r\n",
        b"-ERR unknown command\r\n",
        b"\0\0\x12\x04\0\0\0\0\0",
        b"<html>no status line</html>",
    ] {
        let address = host(move |_| banner.to_vec()).await;
        let error = get(&format!("http://{address}/"), &options()).await;
        let error = error.unwrap_err();
        assert!(matches!(error, NetError::NotHttp { .. }), "{error:?}");
        assert_eq!(error.diagnose().code, Code::NotThisService);
        let verdict = after_error(&error, Idempotency::Repeatable);
        assert_eq!(verdict, RetryVerdict::Final);
        // A service that answered before is still there: something broke on the way.
        let verdict = after_error(&error.after_own_answers(), Idempotency::Repeatable);
        assert_eq!(verdict, RetryVerdict::Again);
    }
}

#[tokio::test]
async fn a_407_where_no_proxy_was_given_blames_none() {
    for (head, word) in [
        ("Proxy-Authenticate: Basic realm=\"lab\"\r\n", "Basic"),
        ("", "names no proxy"),
    ] {
        let asking = host(move |_| answer("407 Proxy Authentication Required", head, b"no")).await;
        let error = get(&format!("http://{asking}/"), &options()).await;
        let error = error.unwrap_err();
        let text = format!("{error} {:?}", error.diagnose());
        assert!(
            text.contains("127.0.0.1 answered 407") && text.contains(word),
            "{text}"
        );
        assert!(
            !text.contains("the proxy  ") && !text.contains("was given"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_proxy_that_is_away_refuses_or_hangs_up_is_waited_for() {
    let closes = host(|_| Vec::new()).await;
    let refuses = host(|_| answer("503 Service Unavailable", "", b"")).await;
    for proxy in [
        "http://127.0.0.1:1".to_owned(),
        "http://no-such-proxy.invalid:3128".to_owned(),
        "socks5h://127.0.0.1:1".to_owned(),
        format!("http://{closes}"),
        format!("http://{refuses}"),
    ] {
        let error = get("https://api.test/", &through(&proxy))
            .await
            .unwrap_err();
        assert!(
            matches!(error, NetError::Proxy { .. }),
            "{proxy}: {error:?}"
        );
        assert_eq!(error.delivered(), Delivered::No);
        for idempotency in [Idempotency::Once, Idempotency::Repeatable] {
            assert_eq!(
                after_error(&error, idempotency),
                RetryVerdict::Again,
                "{proxy}"
            );
        }
    }
}

#[tokio::test]
async fn a_host_that_hangs_up_during_the_handshake_is_no_refused_certificate() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for reset in [false, true] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut hello = [0; 64];
            let _ = stream.read(&mut hello).await;
            if reset {
                stream.set_zero_linger().unwrap();
            }
        }
    });
    for _ in 0..2 {
        let error = get(&format!("https://{address}/"), &options())
            .await
            .unwrap_err();
        assert!(matches!(error, NetError::Unreachable { .. }), "{error:?}");
        assert_eq!(error.delivered(), Delivered::No);
        assert_eq!(after_error(&error, Idempotency::Once), RetryVerdict::Again);
    }
}

/// A host with the certificate that `openssl req -x509` makes: that of an authority.
async fn self_signed(name: &str) -> (SocketAddr, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // A client that refuses the certificate hangs up here.
            if let Ok(mut stream) = acceptor.accept(stream).await {
                head_of(&mut stream).await;
                let _ = stream.write_all(&answer("200 OK", "", b"{}")).await;
                let _ = stream.shutdown().await;
            }
        }
    });
    (address, certificate.pem())
}

fn given(pem: &str) -> HttpOptions {
    HttpOptions {
        extra_ca_pem: Some(pem.as_bytes().to_vec()),
        ..options()
    }
}

#[tokio::test]
async fn a_self_signed_host_is_accepted_when_its_very_certificate_was_given() {
    let (address, pem) = self_signed("127.0.0.1").await;
    let response = get(&format!("https://{address}/"), &given(&pem))
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn a_self_signed_host_is_refused_in_words_in_every_other_case() {
    let (address, _) = self_signed("127.0.0.1").await;
    let (elsewhere, pem) = self_signed("elsewhere.test").await;
    for (address, options, fault) in [
        (address, options(), TlsFault::SelfSigned),
        (address, given(&pem), TlsFault::SelfSigned),
        (elsewhere, given(&pem), TlsFault::Name),
    ] {
        let error = get(&format!("https://{address}/"), &options)
            .await
            .unwrap_err();
        let is_fault = matches!(&error, NetError::Tls { fault: is, .. } if *is == fault);
        assert!(is_fault, "{error:?}");
        let text = format!("{error} {:?}", error.diagnose());
        for ours in ["OtherError", "CaUsed", "DnsName("] {
            assert!(!text.contains(ours), "{text}");
        }
    }
}

#[tokio::test]
async fn a_redirect_is_named_with_its_target_and_not_followed() {
    let address = host(|head| {
        let target = match head.split(' ').nth(1) {
            Some("/a") => "https://elsewhere.test/v3/a?sig=SECRET",
            Some("/b") => "/b/",
            _ => "http://[broken",
        };
        answer(
            "307 Temporary Redirect",
            &format!("Location: {target}\r\n"),
            b"",
        )
    })
    .await;
    let target = async |path: &str| {
        let response = get(&format!("http://{address}{path}"), &options()).await;
        response.unwrap().redirects_to()
    };
    let elsewhere = target("/a").await;
    assert_eq!(elsewhere.as_deref(), Some("https://elsewhere.test/v3/a?…"));
    assert_eq!(target("/b").await, Some(format!("http://{address}/b/")));
    assert_eq!(target("/c").await, None);
}

#[tokio::test]
async fn a_wait_until_a_date_is_read_by_the_hosts_own_clock() {
    let address = host(|_| {
        let headers = "Date: Sun, 06 Nov 1994 08:49:00 GMT\r\n\
             Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: 5\r\n";
        answer("503 Service Unavailable", headers, b"")
    })
    .await;
    let response = get(&format!("http://{address}/"), &options())
        .await
        .unwrap();
    assert_eq!(response.retry_after(), Some(Duration::from_secs(37)));
}

#[tokio::test]
async fn a_time_for_the_next_try_is_named_by_any_retry_after_readable_or_not() {
    for (headers, names, wait) in [
        ("Retry-After: 3\r\n", true, Some(Duration::from_secs(3))),
        ("Retry-After: -5\r\n", true, None),
        ("Retry-After: soon\r\n", true, None),
        ("Retry-After:\r\n", true, None),
        ("", false, None),
    ] {
        let address = host(move |_| answer("503 Service Unavailable", headers, b"")).await;
        let response = get(&format!("http://{address}/"), &options())
            .await
            .unwrap();
        assert_eq!(response.names_a_retry(), names, "{headers}");
        assert_eq!(response.retry_after(), wait, "{headers}");
    }
}

#[tokio::test]
async fn a_host_that_repeats_the_key_gets_it_into_no_value() {
    let address = host(|head| {
        let key = head
            .lines()
            .find_map(|line| line.strip_prefix("authorization: Bearer "));
        let key = key.unwrap();
        let percent = key
            .bytes()
            .fold(String::new(), |coded, byte| format!("{coded}%{byte:02X}"));
        let json = serde_json::json!({ key: key, "list": [key, percent] }).to_string();
        let headers = format!("X-Request-Id: {key}\r\nLocation: /x/{percent}\r\n");
        answer("302 Found", &headers, json.as_bytes())
    })
    .await;
    let response = get(&format!("http://{address}/"), &options())
        .await
        .unwrap();
    let shown = format!("{response:?} {:?}", response.redirects_to());
    for part in ["ak_marker", "never&show", "never%26show", "%6E%65%76%65%72"] {
        assert!(!shown.contains(part), "{shown}");
    }
}

#[tokio::test]
async fn a_host_on_ipv6_is_reached_by_its_literal_address() {
    // A computer without IPv6 has no such host.
    let Ok(listener) = TcpListener::bind("[::1]:0").await else {
        return;
    };
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _): (TcpStream, _) = listener.accept().await.unwrap();
        let head = head_of(&mut stream).await;
        let host = format!("host: {address}\r\n");
        let status = if head.contains(&host) {
            "200 OK"
        } else {
            "421 Misdirected"
        };
        let _ = stream.write_all(&answer(status, "", b"{}")).await;
    });
    let response = get(&format!("http://{address}/"), &options())
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
}

async fn download(url: &str, limit_bytes: u64) -> Result<Vec<u8>, FetchError> {
    let rules = FetchRules {
        limit_bytes,
        slowest: LeastRate {
            bytes: 1000,
            within: Duration::from_millis(30),
        },
        allowed_hosts: ["127.0.0.1".to_owned()].into(),
    };
    let watch = FetchWatch {
        progress: &|_, _| (),
        cancel: &CancellationToken::new(),
    };
    let mut bytes = Vec::new();
    fetch(url, &rules, &options(), &mut bytes, watch).await?;
    Ok(bytes)
}

#[tokio::test]
async fn a_download_that_was_compressed_on_the_way_is_unpacked_and_a_packed_file_is_not() {
    let firmware = b"firmware".repeat(1000);
    let packed = gzip(&firmware);
    let sent = packed.clone();
    let address = host(move |_| answer("200 OK", "Content-Encoding: gzip\r\n", &sent)).await;
    let url = |path: &str| format!("http://{address}/{path}");
    assert_eq!(download(&url("fw.bin"), 8000).await.unwrap(), firmware);
    assert_eq!(download(&url("fw.bin.gz"), 8000).await.unwrap(), packed);
    let bomb = download(&url("fw.bin"), 7999).await.unwrap_err();
    assert!(matches!(bomb, FetchError::TooLarge { .. }), "{bomb:?}");
}

#[tokio::test]
async fn a_host_that_sends_next_to_nothing_does_not_hold_a_download_open() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        head_of(&mut stream).await;
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
        let mut alive = stream.write_all(head).await.is_ok();
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        while alive {
            tick.tick().await;
            alive = stream.write_all(b"x").await.is_ok();
        }
    });
    let error = download(&format!("http://{address}/fw.bin"), 100_000)
        .await
        .unwrap_err();
    assert!(matches!(error, FetchError::TooSlow { .. }), "{error:?}");
    assert_eq!(error.diagnose().code, Code::DownloadFailed);
}
