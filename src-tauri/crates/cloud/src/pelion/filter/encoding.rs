//! Percent-encoding, both ways. `+` is never a space here: a space is written `%20`, which every
//! reader of addresses understands in the same way.

use std::fmt::Write as _;

/// Everything but letters, digits and `-._~` encoded (RFC 3986, unreserved characters).
pub(in crate::pelion) fn percent_encoded(text: &str) -> String {
    encoded_where(text, |byte| {
        !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'))
    })
}

/// Only what would be read as something else in a filter's text is encoded.
pub(super) fn encoded_sparingly(text: &str) -> String {
    encoded_where(text, |byte| {
        matches!(byte, b'&' | b'%' | b'+' | b'=' | b' ')
    })
}

fn encoded_where(text: &str, must: impl Fn(u8) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for letter in text.chars() {
        let mut bytes = [0; 4];
        let bytes = letter.encode_utf8(&mut bytes).as_bytes();
        if bytes.iter().any(|byte| must(*byte)) {
            for byte in bytes {
                // Writing into a text cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        } else {
            encoded.push(letter);
        }
    }
    encoded
}

/// Why a text cannot be decoded, and where: the byte at which it begins and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadEncoding {
    pub(super) at: usize,
    pub(super) length: usize,
    pub(super) why: &'static str,
}

/// The text with every `%xx` decoded.
pub(super) fn percent_decoded(text: &str) -> Result<String, BadEncoding> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, from) = rest.split_at(at);
        decoded.extend_from_slice(before.as_bytes());
        let digits = from
            .get(1..3)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let Some(byte) = byte else {
            return Err(BadEncoding {
                at: text.len() - from.len(),
                length: 1,
                why: "a % must be followed by two hexadecimal digits; a percent sign itself is written %25",
            });
        };
        decoded.push(byte);
        rest = from.get(3..).unwrap_or_default();
    }
    decoded.extend_from_slice(rest.as_bytes());
    String::from_utf8(decoded).map_err(|_| BadEncoding {
        at: 0,
        length: text.len(),
        why: "what is encoded here is no UTF-8 text",
    })
}

/// A filter that was encoded as a whole, once more than it is written: nothing in it separates a name
/// from a value. `None` when it is not so.
pub(in crate::pelion) fn decoded_whole(text: &str) -> Option<String> {
    let is_whole = !text.contains(['=', '&']) && text.contains('%');
    is_whole.then(|| percent_decoded(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_is_decoded_to_the_same() {
        for text in [
            "a b",
            "a+b",
            "a&b=c",
            "100%",
            "Zürich ✓",
            "2020-01-01T00:00:00Z",
            "",
            "a,b",
        ] {
            assert_eq!(percent_decoded(&percent_encoded(text)).unwrap(), text);
            assert_eq!(percent_decoded(&encoded_sparingly(text)).unwrap(), text);
        }
    }

    #[test]
    fn a_filter_that_was_encoded_as_a_whole_is_decoded_once() {
        let whole = percent_encoded("state__eq=a%26b&id__in=1,2");
        assert_eq!(
            decoded_whole(&whole).as_deref(),
            Some("state__eq=a%26b&id__in=1,2")
        );
        for text in ["state__eq=a%26b", "state", "%zz"] {
            assert_eq!(decoded_whole(text), None, "{text}");
        }
    }

    #[test]
    fn each_character_is_encoded_in_one_way() {
        assert_eq!(percent_encoded("a b+c&d=e%f"), "a%20b%2Bc%26d%3De%25f");
        assert_eq!(percent_encoded("ü~-._"), "%C3%BC~-._");
        assert_eq!(
            encoded_sparingly("a b+c&d=e%f,ü:/"),
            "a%20b%2Bc%26d%3De%25f,ü:/"
        );
    }

    #[test]
    fn what_cannot_be_decoded_is_told_with_its_place() {
        for (text, at) in [
            ("a%", 1),
            ("a%4", 1),
            ("ab%zz", 2),
            ("%20%+1", 3),
            ("%ü", 0),
        ] {
            assert_eq!(percent_decoded(text).unwrap_err().at, at, "{text}");
        }
        assert!(percent_decoded("%ff").is_err());
        assert_eq!(percent_decoded("a+b").unwrap(), "a+b");
    }
}
