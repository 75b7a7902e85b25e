//! One thing that was checked, and how it ended.
//!
//! Not how it was checked: images and manifests make their own checks.

use serde::{Deserialize, Serialize};

/// One check and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Check {
    /// What was checked: "Hash inside the image".
    pub name: String,
    /// How it ended.
    pub result: CheckResult,
    /// What it rests on: "SHA-256 over header and code, recomputed here".
    pub explanation: String,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum CheckResult {
    /// It holds.
    Passed,
    /// It holds, but a person should know something.
    Warning,
    /// It does not hold: what was checked is damaged or forged.
    Failed,
    /// It could not be made; the explanation says why.
    NotMade,
}

impl Check {
    /// A check that ended so.
    pub fn new(name: &str, result: CheckResult, explanation: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            result,
            explanation: explanation.into(),
        }
    }
}
