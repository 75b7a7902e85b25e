//! One value of a service's JSON, read for what it means: gateways and other versions of a service write
//! numbers and flags as texts, and ids as numbers. What cannot be read says nothing.

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

/// A text; a number or a flag as its text; anything else is empty.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(as_text(Value::deserialize(deserializer)?))
}

/// A text that may be missing.
pub(crate) fn maybe_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let is_one = matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_));
    Ok(is_one.then(|| as_text(value)))
}

/// A text that must be there, also as a number.
pub(crate) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(D::Error::custom(format!("invalid id: {}", kind(&other)))),
    }
}

/// A whole number that must be there and fit, also as its text.
pub(crate) fn number<'de, T: TryFrom<u64>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let read = as_number(&value).and_then(|number| T::try_from(number).ok());
    read.ok_or_else(|| D::Error::custom(format!("invalid number: {}", kind(&value))))
}

/// A whole number that is not negative, also as its text; `None` when it is anything else.
pub(crate) fn maybe_number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u64>, D::Error> {
    Ok(as_number(&Value::deserialize(deserializer)?))
}

/// A whole number with its sign, also as its text; `None` when it is anything else.
pub(crate) fn maybe_integer<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<i32>, D::Error> {
    let read = match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    Ok(read.and_then(|number| i32::try_from(number).ok()))
}

/// A number, also as its text; `None` when it is anything else.
pub(crate) fn maybe_decimal<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<f64>, D::Error> {
    let read = match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    Ok(read.filter(|number: &f64| number.is_finite()))
}

/// A flag, also as its text or as 0 or 1; `None` when it is anything else.
pub(crate) fn maybe_flag<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<bool>, D::Error> {
    Ok(as_flag(&Value::deserialize(deserializer)?))
}

/// The text of a value that is one thing.
pub(crate) fn as_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// A flag in any of its spellings.
pub(crate) fn as_flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_u64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(text) => match text.trim() {
            text if text.eq_ignore_ascii_case("true") => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A whole number that is not negative, in any of its spellings: `5`, `"5"`, `5.0`.
pub(crate) fn as_number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| whole(text.parse().ok()?))
        }
        _ => None,
    }
}

/// A decimal number that is whole and that a decimal number holds without a loss.
fn whole(number: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let is_whole = number.fract() == 0.0 && (0.0..EXACT).contains(&number);
    is_whole
        .then(|| format!("{number:.0}").parse().ok())
        .flatten()
}

/// What a value is, without what stands in it.
const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a flag",
        Value::Number(_) => "a number that does not fit",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Read {
        #[serde(deserialize_with = "id")]
        id: String,
        #[serde(deserialize_with = "number")]
        count: u32,
        #[serde(default, deserialize_with = "maybe_number")]
        size: Option<u64>,
        #[serde(default, deserialize_with = "maybe_text")]
        word: Option<String>,
        #[serde(default, deserialize_with = "maybe_flag")]
        flag: Option<bool>,
        #[serde(default, deserialize_with = "maybe_decimal")]
        percent: Option<f64>,
        #[serde(default, deserialize_with = "maybe_integer")]
        mode: Option<i32>,
    }

    fn read(value: Value) -> Option<Read> {
        serde_json::from_value(value).ok()
    }

    #[test]
    fn values_are_read_in_each_of_their_spellings() {
        let odd = read(json!({
            "id": 700_001, "count": " 5 ", "size": "1048576", "word": 7, "flag": "True",
            "percent": "97.5", "mode": "-1",
        }));
        let odd = odd.unwrap();
        assert_eq!(
            (&*odd.id, odd.count, odd.size),
            ("700001", 5, Some(1_048_576))
        );
        assert_eq!((odd.word.as_deref(), odd.flag), (Some("7"), Some(true)));
        assert_eq!((odd.percent, odd.mode), (Some(97.5), Some(-1)));
        let decimal = read(json!({ "id": "a", "count": 5.0, "size": "1048576.0", "flag": 0 }));
        let decimal = decimal.unwrap();
        assert_eq!((decimal.count, decimal.size), (5, Some(1_048_576)));
        assert_eq!(decimal.flag, Some(false));
    }

    #[test]
    fn what_cannot_be_read_says_nothing_and_what_must_be_there_is_missing() {
        let odd = read(json!({
            "id": "a", "count": 1, "size": -1, "word": [], "flag": "perhaps", "percent": "half",
            "mode": {},
        }));
        let odd = odd.unwrap();
        assert_eq!((odd.size, odd.word, odd.flag), (None, None, None));
        assert_eq!((odd.percent, odd.mode), (None, None));
        for (id, count) in [
            (json!(null), json!(1)),
            (json!("a"), json!(null)),
            (json!("a"), json!(-1)),
            (json!("a"), json!("many")),
            (json!("a"), json!(4_294_967_296_u64)),
            (json!("a"), json!(1.5)),
        ] {
            assert!(
                read(json!({ "id": id, "count": count })).is_none(),
                "{id} {count}"
            );
        }
    }
}
