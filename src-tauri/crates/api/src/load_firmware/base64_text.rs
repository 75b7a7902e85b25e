//! Base64 of a request, by the letter: RFC 4648, section 4, with its padding and nothing else.
//!
//! What a lenient reader would skip or guess might make another image of it.

use base64::DecodeError;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use firmdrop_core::{Code, Diagnosis, Remedy, grouped};

use super::LARGEST_BLOB_BYTES;

/// The bytes of a text.
///
/// Fails with [`Code::Base64Invalid`] at the first wrong character, and with [`Code::TooLarge`], before it
/// decodes anything, when there would be more than [`LARGEST_BLOB_BYTES`].
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, Diagnosis> {
    // Three bytes are four characters.
    if text.len() / 4 * 3 > LARGEST_BLOB_BYTES + 2 {
        return Err(Diagnosis::new(
            Code::TooLarge,
            "The firmware was not decoded.",
            format!(
                "It has more than {} bytes.",
                grouped(LARGEST_BLOB_BYTES as u64)
            ),
        )
        .state("Nothing was sent.")
        .remedy(Remedy::advice("Give it as a file or by its address.")));
    }
    BASE64_STANDARD
        .decode(text)
        .map_err(|error| invalid(text, &error))
}

fn invalid(text: &str, error: &DecodeError) -> Diagnosis {
    let (why, help) = match *error {
        DecodeError::InvalidByte(at, byte) => (
            format!(
                "Character {} of {} {}.",
                grouped(at as u64 + 1),
                grouped(text.len() as u64),
                named(byte)
            ),
            of_byte(text, byte),
        ),
        DecodeError::InvalidLength(_) | DecodeError::InvalidPadding => (
            "Its end is missing, or its padding: the number of characters must be a multiple of four."
                .to_owned(),
            "Send all of it, with the equals signs at its end.",
        ),
        DecodeError::InvalidLastSymbol { .. } => (
            "Its last character before the padding has bits that belong to no byte.".to_owned(),
            "Encode the file again.",
        ),
    };
    Diagnosis::new(Code::Base64Invalid, "The blob was not decoded.", why)
        .state("Nothing was sent.")
        .remedy(Remedy::advice(help))
}

fn named(byte: u8) -> String {
    match byte {
        b'\n' | b'\r' => "is a line break".to_owned(),
        b' ' | b'\t' => "is a space".to_owned(),
        b'=' => "is padding in the middle".to_owned(),
        byte if byte.is_ascii_graphic() => {
            format!("is {}, which base64 does not have", char::from(byte))
        }
        _ => "is not a character of base64".to_owned(),
    }
}

fn of_byte(text: &str, byte: u8) -> &'static str {
    if text.starts_with("data:") {
        return "Leave out what stands before the base64: data:…;base64,.";
    }
    match byte {
        b'\n' | b'\r' | b' ' | b'\t' => {
            "Send it without spaces and line breaks: some encoders break lines after 64 or 76 characters."
        }
        b'-' | b'_' => "Use the alphabet with + and /, not the one for addresses.",
        _ => "Encode the file again.",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_base64_by_the_letter_is_refused_with_what_helps() {
        for (text, help) in [
            ("Zm9v Ym Fy", "line breaks"),
            ("Zm9v\nYmFy", "line breaks"),
            ("Zm9vYmFy\n", "line breaks"),
            (" Zm9v", "line breaks"),
            ("Zm9vYg", "equals signs"),
            ("Zm9vYg=", "equals signs"),
            ("Zm9vY", "equals signs"),
            ("Zm9vYg===", ""),
            ("Zm9vYmF=Zm9v", ""),
            ("Zh==", "again"),
            ("Zm9vYmF=", ""),
            ("-_8=", "alphabet"),
            ("data:application/octet-stream;base64,Zm9v", "before"),
            ("Zm9v%3D", ""),
            ("Zm\u{f6}9", ""),
            ("=", ""),
            ("====", ""),
        ] {
            let refused = decode(text).unwrap_err();
            assert_eq!(refused.code, Code::Base64Invalid, "{text:?}");
            let said = format!("{:?}", refused.remedies);
            assert!(said.contains(help), "{text:?}: {said}");
            assert!(!refused.why.contains("Zm9v"), "{}", refused.why);
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_not_decoded() {
        // Not base64 at all: it is refused for its length.
        let long = "*".repeat((LARGEST_BLOB_BYTES / 3 + 2) * 4);
        assert_eq!(decode(&long).unwrap_err().code, Code::TooLarge);
        let largest = vec![0; LARGEST_BLOB_BYTES];
        assert_eq!(
            decode(&BASE64_STANDARD.encode(&largest)).unwrap().len(),
            largest.len()
        );
    }

    proptest! {
        #[test]
        fn bytes_come_back_as_they_were(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(decode(&BASE64_STANDARD.encode(&bytes)).unwrap(), bytes);
        }
    }
}
