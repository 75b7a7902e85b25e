//! The connection test of an account: name, connection, TLS, key. It names the step that failed.
//!
//! It reads one page and changes nothing.

use firmdrop_core::{Code, Diagnose, Diagnosis};
use firmdrop_net::{NetError, probe::Target};
use serde::{Deserialize, Serialize};

use super::{ListQuery, Pelion, PelionError};

/// How one step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum StepResult {
    /// It works.
    Passed,
    /// It does not; the diagnosis says why.
    Failed,
    /// A step before it failed, or there is none of this kind on the way.
    NotMade,
}

/// One step of the test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ConnectionStep {
    /// For programs: `name`, `connect`, `tls`, `key`.
    pub key: String,
    /// In plain words.
    pub title: String,
    /// How it ended.
    pub result: StepResult,
    /// What was found: an address, a reason.
    pub found: String,
}

/// What a connection test found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ConnectionReport {
    /// The steps, in their order.
    pub steps: Vec<ConnectionStep>,
    /// Why the account cannot be used; `None` when it can.
    pub diagnosis: Option<Diagnosis>,
}

impl ConnectionReport {
    /// Whether every step passed.
    pub fn is_usable(&self) -> bool {
        self.diagnosis.is_none()
    }

    fn begin() -> Self {
        let step = |(key, title): (&str, &str)| ConnectionStep {
            key: key.to_owned(),
            title: title.to_owned(),
            result: StepResult::NotMade,
            found: String::new(),
        };
        let steps = [
            ("name", "The name is known"),
            ("connect", "The host answers"),
            ("tls", "Its certificate is accepted"),
            ("key", "The access key is accepted"),
        ];
        Self {
            steps: steps.map(step).into(),
            diagnosis: None,
        }
    }

    fn end(&mut self, key: &str, result: StepResult, found: impl Into<String>) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.key == key) {
            step.result = result;
            step.found = found.into();
        }
    }

    fn fail(mut self, key: &str, error: &PelionError) -> Self {
        self.end(key, StepResult::Failed, error.to_string());
        self.diagnosis = Some(error.diagnose().state("Nothing was changed."));
        self
    }
}

impl Pelion {
    /// Tests the account step by step. Takes at most the connect deadline per address and one
    /// answer deadline.
    pub async fn test(&self) -> ConnectionReport {
        let mut report = ConnectionReport::begin();
        let net = |source: NetError| PelionError::Net {
            source,
            account: self.account.clone(),
            request: "connection test".to_owned(),
        };
        let target = match Target::new(&self.base, &self.options) {
            Ok(target) => target,
            Err(error) => return report.fail("name", &net(error)),
        };
        let addresses = match target.look_up().await {
            Ok(addresses) => addresses,
            Err(error) => return report.fail("name", &net(error)),
        };
        report.end("name", StepResult::Passed, target.shown());
        match target.connect(&addresses, &self.options).await {
            Ok(address) => report.end("connect", StepResult::Passed, address.to_string()),
            Err(error) => return report.fail("connect", &net(error)),
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
        let asked = self.upload_jobs(&ListQuery::default().limit(2)).await;
        match asked {
            Ok(_) => {
                tls(&mut report);
                report.end("key", StepResult::Passed, "upload jobs may be listed");
                report
            }
            Err(error) if failed_below_http(&error) => report.fail("tls", &error),
            Err(error) => {
                tls(&mut report);
                report.fail("key", &error)
            }
        }
    }
}

fn failed_below_http(error: &PelionError) -> bool {
    error.status().is_none()
        && !matches!(
            error.diagnose().code,
            Code::NotThisService | Code::AnswerUnreadable | Code::ServiceTimeout
        )
}
