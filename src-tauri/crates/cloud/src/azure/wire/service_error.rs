//! The service's words when something failed, in any of the shapes that it has for them.
//!
//! A tree of errors is read to a bounded depth and becomes a list, the deepest first.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::shortened;
use crate::azure::bounds::{ERROR_DEPTH, MOST_ERRORS};

/// What failed, the deepest cause first. Empty when the service gave no words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ServiceError {
    /// Each error of the tree.
    pub causes: Vec<ErrorCause>,
}

/// One error of the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ErrorCause {
    /// The service's code: `CannotProcessImportManifest`. May be empty.
    pub code: String,
    /// Its words. May be empty.
    pub message: String,
    /// What it is about.
    pub target: String,
    /// How deep it is in the tree; the outermost has 0.
    pub depth: usize,
}

impl ServiceError {
    /// Whether there are no words.
    pub fn is_empty(&self) -> bool {
        self.causes.is_empty()
    }

    /// Whether one of the errors has this code.
    pub fn has_code(&self, code: &str) -> bool {
        self.causes
            .iter()
            .any(|cause| cause.code.eq_ignore_ascii_case(code))
    }

    /// The error of the answer to a request: `{"error": …}`, a problem of RFC 9457, or bare fields.
    pub(in crate::azure) fn of_answer(body: &Value) -> Self {
        match field(body, &["error"]) {
            Some(error @ Value::Object(_)) => Self::of(error),
            // OAuth and some gateways.
            Some(Value::String(code)) => {
                Self::single(code, body, &["error_description", "message"])
            }
            _ if field(body, &["code", "message", "innererror", "causes"]).is_some() => {
                Self::of(body)
            }
            _ if field(body, &["title", "detail", "errors"]).is_some() => Self::of_problem(body),
            _ => Self::default(),
        }
    }

    /// The error of an operation or a deployment.
    pub(in crate::azure) fn of(error: &Value) -> Self {
        if let Value::String(words) = error {
            let cause = ErrorCause {
                message: shortened(words),
                ..ErrorCause::default()
            };
            let causes = Some(cause).filter(|cause| !cause.message.is_empty());
            return Self {
                causes: causes.into_iter().collect(),
            };
        }
        if let Some(Value::Array(causes)) = field(error, &["causes"]) {
            let read = causes.iter().take(MOST_ERRORS);
            let read = read.filter_map(|cause| ErrorCause::deserialize(cause).ok());
            return Self {
                causes: read.collect(),
            };
        }
        let mut causes = Vec::new();
        collect(error, 0, &mut causes);
        // The deepest first; among equals the order of the service.
        causes.sort_by_key(|cause| std::cmp::Reverse(cause.depth));
        Self { causes }
    }

    /// The trace id in the body of an answer.
    pub(in crate::azure) fn trace_of(body: &Value) -> Option<String> {
        let direct = field(body, &["traceId"]);
        let nested = field(body, &["error"]).and_then(|error| field(error, &["traceId"]));
        let text = direct.or(nested)?.as_str()?;
        Some(shortened(text)).filter(|text| !text.is_empty())
    }

    fn single(code: &str, body: &Value, messages: &[&str]) -> Self {
        let message = field(body, messages)
            .and_then(Value::as_str)
            .unwrap_or_default();
        let cause = ErrorCause {
            code: shortened(code),
            message: shortened(message),
            ..ErrorCause::default()
        };
        Self {
            causes: vec![cause],
        }
    }

    /// RFC 9457, with the fields that a validation of ASP.NET adds.
    fn of_problem(body: &Value) -> Self {
        let word = |name| {
            field(body, &[name])
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let title = [word("title"), word("detail")]
            .into_iter()
            .filter(|text| !text.is_empty())
            .collect::<Vec<_>>()
            .join(": ");
        let mut causes = Vec::new();
        if let Some(Value::Object(fields)) = field(body, &["errors"]) {
            for (name, messages) in fields.iter().take(MOST_ERRORS) {
                let messages: Vec<&str> = match messages {
                    Value::Array(all) => all.iter().filter_map(Value::as_str).take(4).collect(),
                    Value::String(one) => vec![one],
                    _ => Vec::new(),
                };
                causes.push(ErrorCause {
                    code: String::new(),
                    message: shortened(&messages.join(" ")),
                    target: shortened(name),
                    depth: 1,
                });
            }
        }
        causes.push(ErrorCause {
            message: shortened(&title),
            ..ErrorCause::default()
        });
        causes.retain(|cause| !cause.message.is_empty() || !cause.target.is_empty());
        Self { causes }
    }
}

/// The error itself and what is below it.
fn collect(error: &Value, depth: usize, causes: &mut Vec<ErrorCause>) {
    if depth >= ERROR_DEPTH || causes.len() >= MOST_ERRORS || !error.is_object() {
        return;
    }
    let word = |name| {
        let text = field(error, &[name]).map(|value| match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        });
        shortened(&text.unwrap_or_default())
    };
    let (message, detail) = (word("message"), word("errorDetail"));
    let message = match (
        message.is_empty(),
        detail.is_empty() || message.contains(&detail),
    ) {
        (_, true) => message,
        (true, false) => detail,
        (false, false) => format!("{} {detail}", message.trim_end()),
    };
    let cause = ErrorCause {
        code: word("code"),
        message,
        target: word("target"),
        depth,
    };
    if !cause.code.is_empty() || !cause.message.is_empty() {
        causes.push(cause);
    }
    // `innererror` at the first level, `innerError` below.
    if let Some(inner) = field(error, &["innererror"]) {
        collect(inner, depth + 1, causes);
    }
    if let Some(Value::Array(details)) = field(error, &["details"]) {
        for detail in details {
            collect(detail, depth + 1, causes);
        }
    }
}

/// The first of these fields that is there and not `null`, in any case.
fn field<'a>(value: &'a Value, names: &[&str]) -> Option<&'a Value> {
    let object = value.as_object()?;
    names.iter().find_map(|name| {
        let mut fields = object.iter();
        let found = fields.find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_null());
        found.map(|(_, value)| value)
    })
}

impl std::fmt::Display for ServiceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, cause) in self.causes.iter().enumerate() {
            if number > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{cause}")?;
        }
        Ok(())
    }
}

impl std::fmt::Display for ErrorCause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let message = self.message.trim_end_matches('.');
        match (self.code.is_empty(), message.is_empty()) {
            (false, false) => write!(f, "{}: {message}", self.code)?,
            (false, true) => f.write_str(&self.code)?,
            (true, _) => f.write_str(message)?,
        }
        if !self.target.is_empty() {
            write!(f, " ({})", self.target)?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for ServiceError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(&Value::deserialize(deserializer)?))
    }
}

/// An error that may be missing.
pub(super) fn maybe<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<ServiceError>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok((!value.is_null()).then(|| ServiceError::of(&value)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_deepest_cause_is_said_first_whatever_the_case_of_its_field() {
        let body = json!({"error": {
            "code": "CannotProcessImportManifest", "message": "Failed.", "target": "manifest",
            "details": [{"code": "Note", "message": "m"}],
            "innererror": {"code": "CannotDownload", "message": "No way.", "errorDetail": "403",
                "innerError": {"code": "AuthorizationPermissionMismatch", "message": null}},
        }});
        let error = ServiceError::of_answer(&body);
        assert_eq!(
            error.to_string(),
            "AuthorizationPermissionMismatch; CannotDownload: No way. 403; Note: m; CannotProcessImportManifest: Failed (manifest)"
        );
        assert!(error.has_code("cannotdownload"));
    }

    #[test]
    fn a_problem_of_rfc_9457_has_its_title_its_fields_and_its_trace() {
        let body = json!({
            "type": "https://tools.ietf.org/html/rfc7231#section-6.5.4", "title": "Not Found", "status": 404,
            "traceId": "00-1bbbe71ba982e27b80262974a7359c47-71a9656907290348-00",
        });
        assert_eq!(ServiceError::of_answer(&body).to_string(), "Not Found");
        let trace = ServiceError::trace_of(&body).unwrap();
        assert!(trace.starts_with("00-1bbbe71b"));
        let invalid = json!({"title": "One or more validation errors occurred.", "errors": {
            "importManifest.sizeInBytes": ["Must be positive."], "$": "Bad."}});
        let said = ServiceError::of_answer(&invalid).to_string();
        assert!(
            said.contains("Must be positive (importManifest.sizeInBytes)"),
            "{said}"
        );
        assert!(said.ends_with("validation errors occurred"), "{said}");
    }

    #[test]
    fn other_shapes_and_none_are_read_without_a_guess() {
        let of = |body: Value| ServiceError::of_answer(&body).to_string();
        assert_eq!(of(json!({"code": "A", "message": "b"})), "A: b");
        assert_eq!(
            of(json!({"error": "invalid_client", "error_description": "x"})),
            "invalid_client: x"
        );
        assert_eq!(
            of(json!({"Message": "An error has occurred."})),
            "An error has occurred"
        );
        for empty in [
            json!(null),
            json!([]),
            json!("x"),
            json!({"error": null}),
            json!({"error": []}),
            json!({}),
        ] {
            assert!(ServiceError::of_answer(&empty).is_empty(), "{empty}");
        }
    }

    #[test]
    fn an_error_that_is_a_text_is_its_words() {
        let of = |error: Value| ServiceError::of(&error);
        assert_eq!(of(json!("It broke.")).to_string(), "It broke");
        assert!(of(json!(" ")).is_empty());
        assert!(of(json!(7)).is_empty());
    }

    #[test]
    fn a_tree_without_an_end_is_read_to_its_limits() {
        let mut deep = json!({"code": "bottom"});
        for level in 0..100 {
            deep = json!({"code": format!("L{level}"), "innerError": deep});
        }
        let read = ServiceError::of(&deep);
        assert_eq!(read.causes.len(), ERROR_DEPTH);
        assert_eq!(read.causes[0].depth, ERROR_DEPTH - 1);
        let wide =
            json!({"code": "top", "details": vec![json!({"code": "x".repeat(10_000)}); 5_000]});
        let read = ServiceError::of(&wide);
        assert_eq!(read.causes.len(), MOST_ERRORS);
        assert!(read.to_string().len() < 64 * 1024);
    }

    #[test]
    fn what_was_read_survives_being_written_down() {
        let read =
            ServiceError::of(&json!({"code": "A", "innererror": {"code": "B", "message": "c"}}));
        let again: ServiceError =
            serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
        assert_eq!(again, read);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_fail(code in "\\PC{0,40}", message in "\\PC{0,40}", depth in 0_usize..30) {
            let mut value = json!({"code": code, "message": message, "details": 7, "innererror": [1]});
            for _ in 0..depth {
                value = json!({"details": [value, null, 3], "INNERERROR": {"message": message}});
            }
            let read = ServiceError::of_answer(&json!({"error": value}));
            prop_assert!(read.causes.len() <= MOST_ERRORS);
        }
    }
}
