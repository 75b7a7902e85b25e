//! The connection test of an account: name, connection, TLS, sign-in, instance, role. It names the
//! step that failed.
//!
//! It reads one page and changes nothing. Storage has a test of its own.

use firmdrop_core::{Code, ConnectionReport, Diagnose, StepResult};
use firmdrop_net::{Method, NetError, Request, probe::Target};

use super::{AzureError, DeviceUpdate, Refusal, Resource, address::Area};

/// The steps of the test.
const STEPS: &[(&str, &str)] = &[
    ("name", "DNS lookup"),
    ("connect", "TCP connection"),
    ("tls", "TLS certificate"),
    ("sign_in", "Sign-in"),
    ("instance", "Instance"),
    ("role", "Role: read updates"),
];

fn failed(report: ConnectionReport, key: &str, error: &AzureError) -> ConnectionReport {
    report.fail(key, error.to_string(), error.diagnose())
}

impl DeviceUpdate {
    /// Tests the account step by step. A token is asked for only after the host has shown its
    /// certificate, and sent only to a host that answers as the service does.
    pub async fn test(&self) -> ConnectionReport {
        let mut report = ConnectionReport::of(STEPS);
        let net = |source: NetError| self.net(source, "connection test".to_owned());
        let target = match Target::new(&self.base, &self.options) {
            Ok(target) => target,
            Err(error) => return failed(report, "name", &net(error)),
        };
        let addresses = match target.look_up().await {
            Ok(addresses) => addresses,
            Err(error) => return failed(report, "name", &net(error)),
        };
        report.end("name", StepResult::Passed, target.shown());
        match target.connect(&addresses, &self.options).await {
            Ok(address) => report.end("connect", StepResult::Passed, target.reached(address)),
            Err(error) => return failed(report, "connect", &net(error)),
        }
        self.test_tls(report).await
    }

    /// A request without a token: any answer shows that the host's certificate is accepted.
    async fn test_tls(&self, mut report: ConnectionReport) -> ConnectionReport {
        let url = match self.address(Area::Instance, &["updates", "providers"], &[]) {
            Ok(url) => url,
            Err(error) => return failed(report, "name", &error),
        };
        let answer = self.http.send(Request::new(Method::Get, url)).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                let error = self.net(error, "connection test".to_owned());
                let is_proxy = error.diagnose().code == Code::ProxyFailed;
                let step = if is_proxy { "connect" } else { "tls" };
                return failed(report, step, &error);
            }
        };
        if self.base.scheme() == "https" {
            report.end("tls", StepResult::Passed, "TLS");
        } else {
            report.end("tls", StepResult::NotMade, "the address is plain http");
        }
        let is_page = answer.is_web_page() && !answer.body().is_empty();
        if answer.redirects_to().is_some() || (is_page && answer.status() < 500) {
            let source = NetError::NotJson {
                host: self.host().to_owned(),
                status: answer.status(),
                kind: "a web page or a redirect".to_owned(),
            };
            let error = self.net(source, "connection test".to_owned());
            return failed(report, "instance", &error);
        }
        self.test_sign_in(report).await
    }

    async fn test_sign_in(&self, mut report: ConnectionReport) -> ConnectionReport {
        if let Err(source) = self.tokens.token(Resource::DeviceUpdate).await {
            let error = AzureError::SignIn {
                account: self.account.clone(),
                source,
            };
            return failed(report, "sign_in", &error);
        }
        let list = match self.providers() {
            Ok(list) => list,
            Err(error) => return failed(report, "instance", &error),
        };
        match self.page(&list).await {
            Ok(_) => {
                report.end("sign_in", StepResult::Passed, "the token is accepted");
                report.end("instance", StepResult::Passed, self.instance.clone());
                report.end("role", StepResult::Passed, "updates may be read");
                report
            }
            Err(AzureError::Refused(refusal)) => refused(report, *refusal),
            Err(error @ AzureError::SignIn { .. }) => failed(report, "sign_in", &error),
            Err(error) => {
                report.end("sign_in", StepResult::Passed, "there is a token");
                failed(report, "instance", &error)
            }
        }
    }
}

/// By the status: a token that is refused, a role that is missing, an instance that is not there.
fn refused(mut report: ConnectionReport, refusal: Refusal) -> ConnectionReport {
    let status = refusal.status;
    let is_page = refusal.web_page;
    let error = AzureError::Refused(Box::new(refusal));
    if status == 401 {
        return failed(report, "sign_in", &error);
    }
    report.end("sign_in", StepResult::Passed, "the token is accepted");
    // Whether the instance exists is not said to whoever has no role.
    let step = if status == 403 && !is_page {
        "role"
    } else {
        "instance"
    };
    failed(report, step, &error)
}
