//! The connection test names the step that failed.

use std::sync::Arc;

use async_trait::async_trait;
use firmdrop_cloud::azure::{
    AccessToken, ApiVersion, AzureAccount, DeviceUpdate, Resource, TokenError, TokenSource,
};
use firmdrop_core::{Code, ConnectionReport, Diagnosis, StepResult};

use crate::recorder::{Answer, Recorder};

fn failed_step(report: &ConnectionReport) -> Option<&str> {
    let mut steps = report.steps.iter();
    steps
        .find(|step| step.result == StepResult::Failed)
        .map(|step| step.key.as_str())
}

#[tokio::test]
async fn each_step_fails_under_its_own_name() {
    for (status, body, step, code) in [
        (200, r#"{"value":[]}"#, None, None),
        (401, "{}", Some("sign_in"), Some(Code::KeyRefused)),
        (403, "{}", Some("role"), Some(Code::KeyForbidden)),
        (404, "{}", Some("instance"), Some(Code::AccountInvalid)),
        (503, "{}", Some("instance"), Some(Code::ServiceFailed)),
    ] {
        let host = Recorder::start(move |request, _| match request.header("authorization") {
            None => Answer::new(401, ""),
            Some(_) => Answer::new(status, body),
        })
        .await;
        let report = host.client().test().await;
        assert_eq!(failed_step(&report), step, "{status}");
        assert_eq!(
            report.diagnosis.map(|diagnosis| diagnosis.code),
            code,
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_host_that_is_not_the_service_gets_no_token() {
    let host = Recorder::says(200, "<html>router</html>").await;
    let report = host.client().test().await;
    assert_eq!(failed_step(&report), Some("instance"));
    assert_eq!(report.diagnosis.unwrap().code, Code::NotThisService);
    let requests = host.requests();
    assert!(
        requests
            .iter()
            .all(|request| request.header("authorization").is_none())
    );
}

#[derive(Debug)]
struct NobodySignedIn;

#[async_trait]
impl TokenSource for NobodySignedIn {
    async fn token(&self, _: Resource) -> Result<AccessToken, TokenError> {
        Err(TokenError(Box::new(Diagnosis::new(
            Code::SignInNeeded,
            "Nobody is signed in.",
            "x",
        ))))
    }
    fn refused(&self, _: Resource) {}
}

#[tokio::test]
async fn a_sign_in_that_is_missing_and_a_port_that_is_closed_are_told_apart() {
    let host = Recorder::says(401, "").await;
    let account = |service: String| AzureAccount {
        name: "contoso".to_owned(),
        service,
        instance: "blue".to_owned(),
        api_version: ApiVersion::default(),
        proxy: None,
        extra_ca_pem: None,
        production: false,
    };
    let client = DeviceUpdate::new(&account(host.origin()), Arc::new(NobodySignedIn)).unwrap();
    let report = client.test().await;
    assert_eq!(failed_step(&report), Some("sign_in"));
    assert_eq!(report.diagnosis.unwrap().code, Code::SignInNeeded);

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = DeviceUpdate::new(&account(closed), Arc::new(NobodySignedIn)).unwrap();
    assert_eq!(failed_step(&client.test().await), Some("connect"));
}

#[tokio::test]
async fn a_host_without_tls_fails_at_that_step() {
    let host = Recorder::says(401, "").await;
    let account = AzureAccount {
        name: "contoso".to_owned(),
        service: host.origin().replace("http://", "https://"),
        instance: "blue".to_owned(),
        api_version: ApiVersion::default(),
        proxy: None,
        extra_ca_pem: None,
        production: false,
    };
    let client = DeviceUpdate::new(&account, Arc::new(NobodySignedIn)).unwrap();
    assert_eq!(failed_step(&client.test().await), Some("tls"));
}
