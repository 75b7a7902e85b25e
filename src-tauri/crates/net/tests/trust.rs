//! What this computer's own settings lead to: no certificates of authorities, a proxy that is no address; and
//! hosts that hang up without the farewell of TLS.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::process::Command;
use std::sync::Arc;

use firmdrop_core::{Code, Diagnose as _};
use firmdrop_net::{Http, HttpOptions, Method, Request, Url};
use rcgen::{CertificateParams, KeyPair};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// Where no certificates are.
const NOWHERE: &str = "/nonexistent/certificates";
const VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// What speaks TLS as `localhost`, and the certificate of it.
fn localhost() -> (TlsAcceptor, String) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), certificate.pem())
}

/// A host whose certificate somebody unknown issued.
async fn host() -> String {
    let (acceptor, _) = localhost();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        // The client refuses the certificate and hangs up.
        let _ = acceptor.accept(stream).await;
    });
    format!("https://localhost:{port}")
}

/// Whether the environment is this one. Where it is not, the test runs again where it is, and is over here.
fn is_in(environment: &[(&str, &str)], test: &str) -> bool {
    let is_so = |(name, value): &(&str, &str)| std::env::var(name).is_ok_and(|is| is == *value);
    if environment.iter().all(is_so) {
        return true;
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", test]);
    let ended = again.envs(environment.iter().copied()).output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    false
}

#[tokio::test]
async fn where_no_authority_is_known_no_host_is_blamed() {
    let nowhere = VARIABLES.map(|name| (name, NOWHERE));
    if !is_in(&nowhere, "where_no_authority_is_known_no_host_is_blamed") {
        return;
    }
    let url = Url::parse(&host().await).unwrap();
    let http = Http::new(&url, &HttpOptions::default()).unwrap();
    let error = http.send(Request::new(Method::Get, url)).await.unwrap_err();
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::TlsFailed, "{diagnosis:?}");
    assert!(diagnosis.title.contains("This computer"), "{diagnosis:?}");
    let why = &diagnosis.why;
    assert!(why.contains("no certificates of authorities"), "{why}");
    assert!(!why.contains("issued by nobody"), "{why}");
}

/// A host that answers with these bytes and hangs up without the farewell of TLS, and its certificate.
async fn rude_host(answer: &'static [u8]) -> (String, HttpOptions) {
    let (acceptor, pem) = localhost();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(stream).await.unwrap();
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).await;
        stream.write_all(answer).await.unwrap();
        stream.flush().await.unwrap();
        let (mut line, _) = stream.into_inner();
        line.shutdown().await.unwrap();
    });
    let options = HttpOptions {
        extra_ca_pem: Some(pem.into_bytes()),
        ..HttpOptions::default()
    };
    (format!("https://localhost:{port}"), options)
}

#[tokio::test]
async fn a_host_that_hangs_up_without_a_farewell_ends_a_whole_answer_and_cuts_an_unmeasured_one() {
    for (answer, is_whole) in [
        (
            &b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}"[..],
            true,
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n",
            true,
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n",
            false,
        ),
        // It may go on: nobody said how long it is, and nobody said that it ended.
        (b"HTTP/1.1 200 OK\r\n\r\n{\"a\":1}", false),
    ] {
        let (address, options) = rude_host(answer).await;
        let url = Url::parse(&address).unwrap();
        let http = Http::new(&url, &options).unwrap();
        let read = http.send(Request::new(Method::Get, url)).await;
        let shown = String::from_utf8_lossy(answer);
        assert_eq!(read.is_ok(), is_whole, "{shown} {read:?}");
    }
}

/// With this in `HTTPS_PROXY`, nothing leaves for a host that is reached through a proxy.
async fn is_not_passed_by(proxy: &str, test: &str) {
    let environment = [
        ("HTTPS_PROXY", proxy),
        ("https_proxy", ""),
        ("NO_PROXY", "spared.test"),
    ];
    if !is_in(&environment, test) {
        return;
    }
    let refused = |address: &str| {
        let url = Url::parse(address).unwrap();
        let http = Http::new(&url, &HttpOptions::default()).unwrap();
        async move {
            let sent = http.send(Request::new(Method::Get, url)).await;
            sent.unwrap_err()
        }
    };
    let error = refused("https://host.test").await;
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::ProxyFailed, "{diagnosis:?}");
    let text = format!("{error} {diagnosis:?}");
    assert!(text.contains("HTTPS_PROXY"), "{text}");
    assert!(!text.contains("s3cr") && !text.contains("et@"), "{text}");
    for spared in ["https://spared.test", "http://host.test"] {
        let error = refused(spared).await;
        assert_ne!(error.diagnose().code, Code::ProxyFailed, "{error}");
    }
}

#[tokio::test]
async fn a_proxy_of_the_environment_whose_password_ends_its_address_is_not_passed_by() {
    let test = "a_proxy_of_the_environment_whose_password_ends_its_address_is_not_passed_by";
    is_not_passed_by("http://user:s3cr#et@proxy.test:3128", test).await;
}

#[tokio::test]
async fn a_proxy_of_the_environment_that_is_no_address_is_not_passed_by() {
    let test = "a_proxy_of_the_environment_that_is_no_address_is_not_passed_by";
    is_not_passed_by("user:s3cret@http://proxy.test:3128", test).await;
}
