//! What an agent reported of an installation, with its codes in words. What is not known of a code stays
//! its number.

use firmdrop_cloud::azure::InstallResult;
use firmdrop_cloud::azure::result_code::{ExtendedResultCode, is_success, result_in_words};
use firmdrop_core::{Code, Diagnosis, Remedy};
use serde::Serialize;

/// What an agent reported of its last installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct AgentReport {
    /// Whether it says that the installation succeeded; `None` when it gave no result code.
    pub succeeded: Option<bool>,
    /// The result code in words: `606 (installed; the device must restart)`.
    pub result: Option<String>,
    /// Its extended code; `None` for 0.
    pub code: Option<ExplainedCode>,
    /// In the agent's own words.
    pub details: Option<String>,
    /// Each step, in the update's order.
    pub steps: Vec<StepReport>,
}

/// What an agent reported of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct StepReport {
    /// The update that the step installs, or its description.
    pub title: Option<String>,
    /// Whether it succeeded; `None` when it gave no result code.
    pub succeeded: Option<bool>,
    /// The result code in words.
    pub result: Option<String>,
    /// Its extended code; `None` for 0.
    pub code: Option<ExplainedCode>,
    /// In the agent's own words.
    pub details: Option<String>,
}

/// An extended result code of an agent, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ExplainedCode {
    /// As the agent's sources write it: `0x30100206`.
    pub hex: String,
    /// As a device reports it: may be negative.
    pub number: i32,
    /// Where in the agent it came from: its name, or its number.
    pub facility: String,
    /// Which part of that: its name, or its number.
    pub component: String,
    /// The lower twenty bits.
    pub value: u32,
    /// The value is a number of the operating system or of a tool that the handler ran.
    pub is_foreign_value: bool,
    /// What happened, where that is known for certain.
    pub cause: Option<String>,
    /// What helps against it.
    pub help: Option<String>,
}

/// Takes a code apart as a page, a log or a user shows it: decimal, negative or not, or hexadecimal
/// with `0x`.
pub fn explain_code(text: &str) -> Result<ExplainedCode, Diagnosis> {
    let code = ExtendedResultCode::read(text).ok_or_else(|| {
        let shown: String = text.trim().chars().take(40).collect();
        Diagnosis::new(
            Code::OptionUnknown,
            format!("{shown:?} is no result code."),
            "A result code is a number of 32 bits: 0x30100206 or 806355462.",
        )
        .titled("Not a result code")
        .state("Nothing was sent.")
        .remedy(Remedy::Advice {
            text: "Copy the extended result code from the device's report or the agent's log."
                .to_owned(),
        })
    })?;
    Ok(code.into())
}

impl From<ExtendedResultCode> for ExplainedCode {
    fn from(code: ExtendedResultCode) -> Self {
        let named = |name: Option<&str>, what: &str, number: u8| {
            name.map_or_else(|| format!("{what} {number}"), str::to_owned)
        };
        let cause = code.cause();
        Self {
            hex: code.hex(),
            number: code.number,
            facility: named(code.facility_name(), "facility", code.facility),
            component: named(code.component_name(), "component", code.component),
            value: code.value,
            is_foreign_value: code.is_foreign_value(),
            cause: cause.map(|(what, _)| what.to_owned()),
            help: cause.map(|(_, help)| help.to_owned()),
        }
    }
}

/// A code that a device reports as a number; 0 says nothing.
pub(super) fn explained(number: Option<i32>) -> Option<ExplainedCode> {
    let number = number.filter(|number| *number != 0)?;
    Some(ExtendedResultCode::new(number).into())
}

impl From<InstallResult> for AgentReport {
    fn from(result: InstallResult) -> Self {
        let steps = result.step_results.into_iter().map(|step| StepReport {
            title: step
                .update
                .map(|update| update.update_id.to_string())
                .or(step.description),
            succeeded: step.result_code.map(is_success),
            result: step.result_code.map(result_in_words),
            code: explained(step.extended_result_code),
            details: step.result_details,
        });
        Self {
            steps: steps.collect(),
            succeeded: result.result_code.map(is_success),
            result: result.result_code.map(result_in_words),
            code: explained(result.extended_result_code),
            details: result.result_details,
        }
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_cloud::azure::StepResult;

    use super::*;

    #[test]
    fn a_code_that_was_copied_from_a_log_is_explained_with_what_helps() {
        let code = explain_code(" 0x30100206 ").unwrap();
        assert_eq!(
            (&*code.facility, &*code.component),
            ("update handler", "swupdate handler")
        );
        assert_eq!(
            code.cause.as_deref(),
            Some("the step has no installedCriteria")
        );
        assert!(code.help.unwrap().contains("installedCriteria"));
        assert_eq!(explain_code("806355462").unwrap().hex, "0x30100206");
    }

    #[test]
    fn what_is_no_code_is_refused_and_never_echoed_at_length() {
        let refused = explain_code(&"x".repeat(5_000)).unwrap_err();
        assert!(
            refused.what_happened.len() < 100,
            "{}",
            refused.what_happened
        );
    }

    #[test]
    fn a_part_that_nobody_named_is_its_number() {
        let code = explain_code("0xC2300007").unwrap();
        assert_eq!(
            (&*code.facility, &*code.component),
            ("facility 12", "component 35")
        );
        assert_eq!((code.value, code.cause), (7, None));
    }

    #[test]
    fn a_report_says_of_each_step_whether_it_succeeded_and_nothing_that_was_not_said() {
        let report = AgentReport::from(InstallResult {
            result_code: Some(0),
            extended_result_code: Some(0x3010_0206),
            step_results: vec![
                StepResult {
                    description: Some("Install".to_owned()),
                    result_code: Some(700),
                    extended_result_code: Some(0),
                    ..StepResult::default()
                },
                StepResult::default(),
            ],
            ..InstallResult::default()
        });
        assert_eq!(report.succeeded, Some(false));
        assert_eq!(report.code.unwrap().hex, "0x30100206");
        assert_eq!(report.steps[0].succeeded, Some(true));
        assert_eq!(report.steps[0].code, None);
        assert_eq!(
            (report.steps[1].succeeded, &report.steps[1].result),
            (None, &None)
        );
    }
}
