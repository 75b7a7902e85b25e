//! The ids by which the service calls its objects.

use serde::{Deserializer, de::Error as _};

use crate::json_value;

/// Most characters of an id. The service's own have 32.
const CHARACTERS: usize = 64;

/// Whether a text can be an id of the service. Anything else could lead to another path, or names
/// nothing.
pub(in crate::pelion) fn is_id(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=CHARACTERS).contains(&text.len()) && text.bytes().all(is_plain)
}

/// The id of an object, also as a number. An object without a usable one cannot be read: it could be
/// neither asked for nor counted.
pub(super) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = json_value::id(deserializer)?;
    if is_id(&text) {
        return Ok(text);
    }
    Err(D::Error::custom("a text that is no id of the service"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_lead_to_another_path_and_is_not_empty() {
        assert!(is_id("01658f9a586800000000000100100023"));
        for text in ["", "..", "a/b", "a?b", "a%2fb", "ü", " a", &"a".repeat(65)] {
            assert!(!is_id(text), "{text}");
        }
    }
}
