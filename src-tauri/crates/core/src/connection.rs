//! What a connection test of an account found, layer by layer.
//!
//! Which layers there are, and how they are tried, is the business of the service's client.

use serde::{Deserialize, Serialize};

use crate::Diagnosis;

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
    /// For users.
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
    /// A report of these steps, by key and title, none of which was made.
    pub fn of(steps: &[(&str, &str)]) -> Self {
        let step = |(key, title): &(&str, &str)| ConnectionStep {
            key: (*key).to_owned(),
            title: (*title).to_owned(),
            result: StepResult::NotMade,
            found: String::new(),
        };
        Self {
            steps: steps.iter().map(step).collect(),
            diagnosis: None,
        }
    }

    /// Whether every step passed.
    pub fn is_usable(&self) -> bool {
        self.diagnosis.is_none()
    }

    /// The steps of both; the second one's end is the end.
    #[must_use]
    pub fn followed_by(mut self, other: Self) -> Self {
        self.steps.extend(other.steps);
        Self {
            steps: self.steps,
            diagnosis: self.diagnosis.or(other.diagnosis),
        }
    }

    /// Ends the step of this key.
    pub fn end(&mut self, key: &str, result: StepResult, found: impl Into<String>) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.key == key) {
            step.result = result;
            step.found = found.into();
        }
    }

    /// Ends the step of this key, and the test, in a failure.
    #[must_use]
    pub fn fail(mut self, key: &str, found: impl Into<String>, diagnosis: Diagnosis) -> Self {
        self.end(key, StepResult::Failed, found);
        self.diagnosis = Some(diagnosis.state("Nothing was changed."));
        self
    }
}
