//! Hosts whose certificate comes from an authority of the account's own.

use std::sync::Arc;

use firmdrop_cloud::pelion::{Pelion, PelionAccount};
use firmdrop_core::Code;
use firmdrop_core::{ConnectionReport, ConnectionStep, StepResult};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
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

/// An empty list of upload jobs.
const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 46\r\n\
    Connection: close\r\n\r\n{\"object\":\"list\",\"data\":[],\"has_more\":false}   ";

/// A certificate authority that only these tests know.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// A host on this computer whose certificate is for `name`, changed by `change`.
    async fn host(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> String {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        serve(TlsAcceptor::from(Arc::new(config))).await
    }
}

async fn serve(acceptor: TlsAcceptor) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that refuses the certificate hangs up here.
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => head.push(byte),
                        Err(_) => return,
                    }
                }
                let _ = stream.write_all(ANSWER.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    format!("https://{address}")
}

async fn tested(host: &str, extra_ca_pem: Option<String>) -> ConnectionReport {
    let account = PelionAccount {
        name: "demo".to_owned(),
        host: host.to_owned(),
        proxy: None,
        extra_ca_pem,
        production: false,
    };
    let pelion = Pelion::new(&account, "ak_secret".to_owned().into()).unwrap();
    pelion.test().await
}

fn step<'a>(report: &'a ConnectionReport, key: &str) -> &'a ConnectionStep {
    report.steps.iter().find(|step| step.key == key).unwrap()
}

/// The host answers, its certificate is refused, the key was never shown to it.
#[track_caller]
fn refused_at_tls(report: &ConnectionReport, words: &str) {
    let results: Vec<_> = report.steps.iter().map(|step| step.result).collect();
    let expected = [
        StepResult::Passed,
        StepResult::Passed,
        StepResult::Failed,
        StepResult::NotMade,
        StepResult::NotMade,
    ];
    assert_eq!(results, expected, "{report:?}");
    let diagnosis = report.diagnosis.as_ref().unwrap();
    assert_eq!(diagnosis.code, Code::TlsFailed, "{diagnosis:?}");
    assert_eq!(diagnosis.code.to_string(), "FD-405");
    let why = diagnosis.why.to_lowercase();
    assert!(why.contains(words), "{diagnosis:?}");
}

#[tokio::test]
async fn the_authority_of_an_account_is_trusted_beside_the_systems_own() {
    let authority = Authority::new();
    let host = authority.host("127.0.0.1", |_| ()).await;
    let report = tested(&host, Some(authority.pem())).await;
    assert!(report.is_usable(), "{report:?}");
    assert_eq!(step(&report, "tls").result, StepResult::Passed);
    assert_eq!(step(&report, "key").result, StepResult::Passed);
}

#[tokio::test]
async fn without_its_authority_the_connection_test_stops_at_tls() {
    let (authority, other) = (Authority::new(), Authority::new());
    let host = authority.host("127.0.0.1", |_| ()).await;
    refused_at_tls(&tested(&host, None).await, "issued by nobody");
    let another = tested(&host, Some(other.pem())).await;
    refused_at_tls(&another, "");
}

#[tokio::test]
async fn one_of_several_authorities_in_the_file_is_enough() {
    let (authority, other) = (Authority::new(), Authority::new());
    let host = authority.host("127.0.0.1", |_| ()).await;
    let both = format!("{}\n{}", other.pem(), authority.pem());
    assert!(tested(&host, Some(both)).await.is_usable());
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let authority = Authority::new();
    let expired = |params: &mut CertificateParams| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    };
    let host = authority.host("127.0.0.1", expired).await;
    let report = tested(&host, Some(authority.pem())).await;
    refused_at_tls(&report, "expired");
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let authority = Authority::new();
    let host = authority.host("elsewhere.test", |_| ()).await;
    let report = tested(&host, Some(authority.pem())).await;
    refused_at_tls(&report, "not valid for");
}
