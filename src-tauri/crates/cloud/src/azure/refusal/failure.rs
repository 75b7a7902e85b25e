//! An operation that the service accepted and that failed later.

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};

use crate::azure::{
    Operation, OperationStatus, UpdateId,
    wire::{ServiceError, shortened},
};

use super::known::Known;

/// Why an operation failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationFailure {
    /// The operation.
    pub operation_id: String,
    /// The update; `None` when the service does not name it, as before it has read its manifest.
    pub update: Option<UpdateId>,
    /// Its word for how it ended.
    pub word: String,
    /// The service's words.
    pub error: ServiceError,
    /// What Microsoft's support asks for.
    pub trace_id: Option<String>,
}

impl Operation {
    /// Why it failed, when it did.
    pub fn failure(&self) -> Option<OperationFailure> {
        (self.status() == OperationStatus::Failed).then(|| OperationFailure {
            operation_id: self.operation_id.clone(),
            update: self.subject().cloned(),
            word: shortened(&self.status_word),
            error: self.error.clone().unwrap_or_default(),
            trace_id: self.trace_id.clone(),
        })
    }
}

impl OperationFailure {
    /// Whether the same request may succeed later: what it read was not readable then, or something
    /// else was under way.
    pub fn may_pass_later(&self) -> bool {
        let codes = [
            "CannotDownload",
            "ContentFileCannotDownload",
            "DuplicateContentImport",
            "SourceFilePendingMalwareAnalysis",
        ];
        codes.iter().any(|code| self.error.has_code(code))
    }
}

impl std::fmt::Display for OperationFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let is_the_usual_word = self.word.eq_ignore_ascii_case("failed");
        match &self.update {
            _ if !is_the_usual_word => write!(
                f,
                "the service ended its operation with the word \"{}\"",
                self.word
            )?,
            Some(update) => write!(
                f,
                "the service reports that its operation on {update} failed"
            )?,
            None => f.write_str(
                "the service reports that its operation failed, without the name of an update",
            )?,
        }
        if self.error.is_empty() {
            f.write_str(", without a reason")
        } else {
            write!(f, ": {}", self.error)
        }
    }
}

impl Diagnose for OperationFailure {
    fn diagnose(&self) -> Diagnosis {
        let what = format!("{self}.");
        let diagnosis = Known::of(&self.error).map_or_else(
            || {
                let (why, help) = if self.error.is_empty() {
                    (
                        "The service gives no reason.",
                        "Give the trace id to Microsoft's support.",
                    )
                } else {
                    (
                        "Its own words are the only reason it gives; the first is the deepest cause.",
                        "If the words do not help: give the trace id to Microsoft's support.",
                    )
                };
                Diagnosis::new(Code::ImportFailed, &what, why).remedy(Remedy::advice(help))
            },
            |known| known.diagnosis(&what),
        );
        let diagnosis = diagnosis
            .state("The operation is over. The service stores its record for seven days.")
            .detail("Operation", &self.operation_id);
        match &self.trace_id {
            Some(id) => diagnosis.detail("Trace id", id),
            None => diagnosis,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_failed_operation_says_its_deepest_cause_first_and_its_trace_id() {
        let operation: Operation = serde_json::from_value(json!({
            "operationId": "e4491c54", "status": "Failed", "traceId": "2b881ef9",
            "error": {"code": "CannotProcessUpdateFile", "message": "File not usable.",
                "innererror": {"code": "ContentFileCannotDownload", "message": "Got 403."}},
        }))
        .unwrap();
        let diagnosis = operation.failure().unwrap().diagnose();
        assert_eq!(diagnosis.code, Code::ImportFailed);
        assert!(
            diagnosis
                .what_happened
                .contains("ContentFileCannotDownload: Got 403; CannotProcess")
        );
        assert!(
            diagnosis
                .what_happened
                .contains("without the name of an update")
        );
        assert!(
            diagnosis
                .details
                .iter()
                .any(|detail| detail.value == "2b881ef9")
        );
    }

    #[test]
    fn an_operation_that_is_not_over_has_no_failure() {
        for status in [
            "NotStarted",
            "running",
            "Succeeded",
            "Undefined",
            "Paused",
            "",
        ] {
            let operation: Operation =
                serde_json::from_value(json!({"operationId": "a", "status": status})).unwrap();
            assert!(operation.failure().is_none(), "{status}");
            assert_eq!(
                operation.status().is_over(),
                status == "Succeeded",
                "{status}"
            );
        }
    }
}
