//! Bytes of a manifest as a person and JSON read them: lower-case hexadecimal.
//!
//! Not a digest: it may have any length, and its meaning is its field's.

use serde::{Serialize, Serializer};

/// Bytes that are written as hexadecimal.
#[derive(Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "specta", specta(transparent))]
pub struct Hex(#[cfg_attr(feature = "specta", specta(type = String))] pub Vec<u8>);

impl Hex {
    /// Whether there is not one byte.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// Reads hexadecimal of any case; `None` when it is none or has half a byte.
    pub fn read(text: &str) -> Option<Self> {
        if !text.len().is_multiple_of(2) || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let pairs = text.as_bytes().chunks_exact(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect::<Option<Vec<u8>>>()
            .map(Self)
    }
}

impl From<&[u8]> for Hex {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl std::fmt::Display for Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hex({self})")
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_in_any_case_and_never_guessed() {
        assert_eq!(Hex::read("00Ff").unwrap().as_slice(), [0, 255]);
        assert_eq!(Hex::read("00Ff").unwrap().to_string(), "00ff");
        for wrong in ["0", "0x00", "+1", "é0"] {
            assert_eq!(Hex::read(wrong), None, "{wrong}");
        }
    }
}
