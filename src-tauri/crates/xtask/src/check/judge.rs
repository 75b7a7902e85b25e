//! Findings as the end of a check.

use crate::failure::{Done, Failure};

/// A list of findings as one failure; no finding is fine.
pub(super) fn judge(findings: &[String], advice: &str) -> Done {
    if findings.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("{}\n{advice}", findings.join("\n"))))
}
