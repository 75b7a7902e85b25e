//! Prints checks, each with what it rests on.

use firmdrop_core::{Check, CheckResult};

use crate::print;

/// Every check on a line of the answer.
pub(super) fn print(checks: &[Check]) {
    for check in checks {
        print::line(&line(check));
    }
}

/// Those that did not pass, beside the answer.
pub(super) fn warn(checks: &[Check]) {
    let loud = |check: &&Check| matches!(check.result, CheckResult::Warning | CheckResult::Failed);
    for check in checks.iter().filter(loud) {
        print::line_to_error(&line(check));
    }
}

fn line(check: &Check) -> String {
    let result = match check.result {
        CheckResult::Passed => "passed",
        CheckResult::Warning => "warning",
        CheckResult::Failed => "FAILED",
        CheckResult::NotMade => "not made",
    };
    format!("  {result:<9} {}: {}", check.name, check.explanation)
}
