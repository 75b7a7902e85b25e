//! What a reader finds when it carries out a request: the fields of its answer, and the time it takes.

use std::time::Duration;

use ciborium::Value;

/// Field names and values of an answer.
pub(super) type Fields = Vec<(&'static str, Value)>;

/// What a request's own function found.
pub(super) struct Found {
    pub(super) fields: Fields,
    pub(super) work: Duration,
}

impl From<Fields> for Found {
    fn from(fields: Fields) -> Self {
        Self {
            fields,
            work: Duration::ZERO,
        }
    }
}

pub(super) fn count(number: usize) -> Value {
    Value::from(number as u64)
}
