//! Findings on the screen: what, where, why, what to do.

use firmdrop_api::azure::import_manifest::{Finding, Severity};

use crate::print;

/// One finding, on two lines.
pub(super) fn print(finding: &Finding, line: Option<usize>) {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let pointer = if finding.pointer.is_empty() {
        "the manifest"
    } else {
        &finding.pointer
    };
    let line = line.map_or_else(String::new, |line| format!(", line {line}"));
    print::line(&format!(
        "  {severity:<7} {pointer}{line}: {} [{}]",
        finding.what, finding.rule
    ));
    print::line(&format!("          {} {}", finding.why, finding.remedy));
}

/// How many there are: `2 errors, 1 warning`.
pub(super) fn counts<'a>(findings: impl Iterator<Item = &'a Finding>) -> String {
    let (mut errors, mut warnings) = (0, 0);
    for finding in findings {
        match finding.severity {
            Severity::Error => errors += 1,
            Severity::Warning => warnings += 1,
        }
    }
    let of = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {one}s")),
    };
    let parts: Vec<String> = [of(errors, "error"), of(warnings, "warning")]
        .into_iter()
        .flatten()
        .collect();
    if parts.is_empty() {
        "no findings".to_owned()
    } else {
        parts.join(", ")
    }
}
