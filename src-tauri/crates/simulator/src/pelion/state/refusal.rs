//! Why the account refuses something, in the service's own words.

use serde::Serialize;

/// What a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefusalKind {
    /// It cannot be understood, or breaks a rule.
    BadRequest,
    /// A field has a value it must not have.
    Invalid,
    /// There is no right to it: the access key is not valid.
    NoKey,
    /// It is understood and not allowed now.
    Forbidden,
    /// It does not exist.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// It contradicts what is there.
    Conflict,
    /// The length is missing.
    LengthRequired,
    /// It is too large.
    TooLarge,
    /// It has another type than the service takes.
    UnsupportedType,
    /// The service failed.
    Failed,
}

/// Why something is refused.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) kind: RefusalKind,
    pub(crate) message: String,
    pub(crate) fields: Vec<Field>,
}

/// A field whose value is refused.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Field {
    name: &'static str,
    message: String,
}

impl Refusal {
    pub(crate) fn new(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            fields: Vec::new(),
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::BadRequest, message)
    }

    pub(crate) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        let mut refusal = Self::new(RefusalKind::Invalid, "The request is not valid.");
        refusal.fields.push(Field {
            name: field,
            message: message.into(),
        });
        refusal
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Forbidden, message)
    }

    pub(crate) fn no_key() -> Self {
        Self::new(RefusalKind::NoKey, "The access key is not valid.")
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(RefusalKind::NotFound, format!("{what} does not exist."))
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Conflict, message)
    }

    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::TooLarge, message)
    }

    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Failed, message)
    }
}
