//! What the service says, read tolerantly: an unknown field is ignored, a missing one is empty,
//! `null` is missing, a value of another type is empty, a word that nobody knows yet stays as it is.
//!
//! Times stay text: nothing is computed from them.

mod deployment;
mod device;
mod diagnostics;
mod group;
mod operation;
mod page;
mod service_error;
mod update;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

pub use deployment::{
    Deployment, DeploymentDevice, DeploymentStatus, RollbackFailure, RollbackPolicy, SubgroupStatus,
};
pub use device::{Device, DeviceClass, DeviceClassProperties, InstallResult, StepResult};
pub use diagnostics::{
    DeviceHealth, DeviceOperation, HealthCheck, LogCollection, LogDevice, LogDeviceStatus,
    LogStatus,
};
pub use group::{BestUpdate, Compliance, Counter, Counters, Group, InstanceLimits, Subgroup};
pub use operation::{Operation, OperationStatus};
pub(super) use page::WirePage;
pub use service_error::{ErrorCause, ServiceError};
pub use update::{
    DownloadHandler, Instructions, RelatedFile, Step, Update, UpdateFile, UpdateId, UpdateInfo,
};

use super::bounds::ERROR_CHARACTERS;
use crate::json_value::{as_flag, as_number, as_text, text};

/// A text that may be missing.
fn maybe_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let read = as_text(Value::deserialize(deserializer)?);
    Ok((!read.is_empty()).then_some(read))
}

/// A flag, also as its text.
fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(as_flag(&Value::deserialize(deserializer)?).unwrap_or_default())
}

/// A flag that is set unless it is said not to be.
fn flag_or_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(as_flag(&Value::deserialize(deserializer)?).unwrap_or(true))
}

fn yes() -> bool {
    true
}

/// A whole number that is not negative, also as its text; `None` when it is anything else.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(as_number(&Value::deserialize(deserializer)?))
}

/// A whole number of 32 bits, also as decimal text; `None` when it is anything else.
fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i32>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_i64().and_then(of_32_bits),
        Value::String(text) => {
            let text = text.trim();
            let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
            let read = match hexadecimal {
                Some(digits) => i64::from_str_radix(digits, 16),
                None => text.parse(),
            };
            read.ok().and_then(of_32_bits)
        }
        _ => None,
    })
}

/// An agent's code above 0x7FFFFFFF comes as a negative number or as a large one.
fn of_32_bits(number: i64) -> Option<i32> {
    let signed = i32::try_from(number).ok();
    signed.or_else(|| u32::try_from(number).ok().map(u32::cast_signed))
}

/// A text that may be missing, and nothing but a text.
fn maybe_word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) if !text.trim().is_empty() => Some(text),
        _ => None,
    })
}

/// A value; `null` reads like a missing one, and so does one of another type.
fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Default + DeserializeOwned,
    D: Deserializer<'de>,
{
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).unwrap_or_default())
}

/// Each entry of a list; what is no list is none, and an entry that cannot be read has nothing in it.
fn each<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Default + DeserializeOwned,
    D: Deserializer<'de>,
{
    let Value::Array(entries) = Value::deserialize(deserializer)? else {
        return Ok(Vec::new());
    };
    let entries = entries.into_iter();
    Ok(entries
        .map(|entry| serde_json::from_value(entry).unwrap_or_default())
        .collect())
}

/// A flag that may not be said, also as its text.
fn maybe_flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(as_flag(&Value::deserialize(deserializer)?))
}

/// Names with their texts. Anything else than a text stays as its JSON, `null` is left out.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    Ok(as_texts(Value::deserialize(deserializer)?))
}

fn as_texts(value: Value) -> BTreeMap<String, String> {
    let Value::Object(pairs) = value else {
        return BTreeMap::new();
    };
    let pairs = pairs.into_iter().filter_map(|(name, value)| match value {
        Value::Null => None,
        Value::String(text) => Some((name, text)),
        other => Some((name, other.to_string())),
    });
    pairs.collect()
}

/// Several of those.
fn list_of_texts<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<BTreeMap<String, String>>, D::Error> {
    let Value::Array(entries) = Value::deserialize(deserializer)? else {
        return Ok(Vec::new());
    };
    Ok(entries.into_iter().map(as_texts).collect())
}

/// One line of bounded length, without signatures: foreign words go into logs and dialogs.
pub(super) fn shortened(text: &str) -> String {
    let clean = without_signatures(text);
    let visible = clean.chars().map(|c| if c.is_control() { ' ' } else { c });
    visible
        .take(ERROR_CHARACTERS)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// The text without the signatures of addresses in it: the service quotes addresses that it could not
/// read.
fn without_signatures(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut clean = String::with_capacity(text.len());
    let mut copied = 0;
    while let Some(at) = ["sig=", "sig%3d"]
        .iter()
        .filter_map(|mark| Some(copied + lower.get(copied..)?.find(mark)? + mark.len()))
        .min()
    {
        clean.push_str(text.get(copied..at).unwrap_or_default());
        let rest = text.get(at..).unwrap_or_default();
        let is_end = |c: char| c.is_whitespace() || "&\"'<>,;)]}".contains(c);
        let end = rest.find(is_end).unwrap_or(rest.len());
        if end > 0 {
            clean.push('…');
        }
        copied = at + end;
    }
    clean.push_str(text.get(copied..).unwrap_or_default());
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_service_have_no_signature_in_them() {
        for (text, clean) in [
            (
                "https://a.test/b?sp=r&sig=c2Vj%3D&se=1 failed",
                "https://a.test/b?sp=r&sig=…&se=1 failed",
            ),
            ("'x?SIG=abc' and 'y?sig=def'", "'x?SIG=…' and 'y?sig=…'"),
            ("https%3A%2F%2Fa%3Fsig%3Dabc", "https%3A%2F%2Fa%3Fsig%3D…"),
            ("no design of signatures", "no design of signatures"),
            ("ends with sig=", "ends with sig="),
            ("sig=é", "sig=…"),
        ] {
            assert_eq!(shortened(text), clean);
        }
    }
}
