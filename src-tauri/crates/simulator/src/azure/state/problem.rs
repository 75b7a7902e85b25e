//! What went wrong with a job: a code with an explanation, and a chain of causes.
//!
//! The shape is the documented one: `innererror` at the first level, `innerError` below.

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::update::written;

/// An error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) target: Option<String>,
    pub(crate) details: Vec<(String, String)>,
    pub(crate) inner: Option<Box<Inner>>,
    pub(crate) occurred: Option<Moment>,
}

/// A cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Inner {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) detail: Option<String>,
    pub(crate) cause: Option<Box<Self>>,
}

impl Inner {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            detail: None,
            cause: None,
        }
    }

    #[must_use]
    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    #[must_use]
    pub(crate) fn because(mut self, cause: Self) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }

    fn json(&self) -> Value {
        let mut json = json!({ "code": self.code, "message": self.message });
        if let Some(detail) = &self.detail {
            json["errorDetail"] = detail.as_str().into();
        }
        if let Some(cause) = &self.cause {
            json["innerError"] = cause.json();
        }
        json
    }
}

impl Problem {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            target: None,
            details: Vec::new(),
            inner: None,
            occurred: None,
        }
    }

    #[must_use]
    pub(crate) fn target(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    #[must_use]
    pub(crate) fn because(mut self, inner: Inner) -> Self {
        self.inner = Some(Box::new(inner));
        self
    }

    /// The manifest was read and breaks a rule.
    pub(crate) fn manifest(at: &str, why: impl Into<String>) -> Self {
        Self::new(
            "CannotProcessImportManifest",
            "Error processing import manifest.",
        )
        .target(at)
        .because(Inner::new("CannotParse", "The import manifest is not valid.").detail(why))
    }

    /// As it is written in answers.
    pub(crate) fn json(&self) -> Value {
        let mut json = json!({ "code": self.code, "message": self.message });
        if let Some(target) = &self.target {
            json["target"] = target.as_str().into();
        }
        if !self.details.is_empty() {
            let detail =
                |(code, message): &(String, String)| json!({ "code": code, "message": message });
            json["details"] = self.details.iter().map(detail).collect();
        }
        if let Some(inner) = &self.inner {
            json["innererror"] = inner.json();
        }
        if let Some(occurred) = self.occurred {
            json["occurredDateTime"] = written(occurred).into();
        }
        json
    }
}
