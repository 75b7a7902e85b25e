//! The connection test of an account: name, connection, TLS, key. It names the step that failed.
//!
//! It reads one page and changes nothing.

use firmdrop_core::{Code, ConnectionReport, Diagnose, StepResult};
use firmdrop_net::{NetError, probe::Target};

use super::{ListQuery, Pelion, PelionError};

/// The steps of the test.
const STEPS: &[(&str, &str)] = &[
    ("name", "DNS lookup"),
    ("connect", "TCP connection"),
    ("tls", "TLS certificate"),
    ("service", "Service response"),
    ("key", "Access key"),
];

fn failed(report: ConnectionReport, key: &str, error: &PelionError) -> ConnectionReport {
    report.fail(key, error.to_string(), error.diagnose())
}

impl Pelion {
    /// Tests the account step by step. Takes at most the connect deadline per address, one
    /// answer deadline, and some seconds more where that answer may pass.
    pub async fn test(&self) -> ConnectionReport {
        let mut report = ConnectionReport::of(STEPS);
        let net = |source: NetError| PelionError::Net {
            source,
            account: self.account.clone(),
            request: "connection test".to_owned(),
        };
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
        self.test_key(report).await
    }

    async fn test_key(&self, mut report: ConnectionReport) -> ConnectionReport {
        let encrypted = self.base.scheme() == "https";
        let tls = |report: &mut ConnectionReport| {
            if encrypted {
                report.end("tls", StepResult::Passed, "TLS");
            } else {
                report.end("tls", StepResult::NotMade, "the address is plain http");
            }
        };
        let asked = self
            .clone()
            .alone()
            .upload_jobs(&ListQuery::default().limit(2))
            .await;
        match asked {
            Ok(_) => {
                tls(&mut report);
                report.end(
                    "service",
                    StepResult::Passed,
                    "in this service's own format",
                );
                report.end("key", StepResult::Passed, "upload jobs may be listed");
                report
            }
            // The port of the proxy was reached, the host was not.
            Err(error) if error.diagnose().code == Code::ProxyFailed => {
                failed(report, "connect", &error)
            }
            Err(error) if failed_below_http(&error) => failed(report, "tls", &error),
            Err(error) => {
                tls(&mut report);
                let is_of_the_key = matches!(&error, PelionError::Refused(refusal)
                    if matches!(refusal.status, 401 | 403) && !refusal.web_page);
                if !is_of_the_key {
                    return failed(report, "service", &error);
                }
                report.end(
                    "service",
                    StepResult::Passed,
                    "in this service's own format",
                );
                failed(report, "key", &error)
            }
        }
    }
}

fn failed_below_http(error: &PelionError) -> bool {
    error.status().is_none()
        && !matches!(
            error.diagnose().code,
            Code::NotThisService
                | Code::AnswerUnreadable
                | Code::ServiceTimeout
                | Code::ServiceFailed
        )
}
