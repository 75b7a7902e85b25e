//! The hash by which a bootloader knows an image: SHA-256, SHA-384 or SHA-512, by its length.
//!
//! Not the digest of a file: a bootloader's hash covers a part of it.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::Sha256;

/// Bytes of the longest hash.
const LONGEST_BYTES: usize = 64;

/// A hash of 32, 48 or 64 bytes, written as lower-case hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "specta", specta(transparent))]
pub struct ImageHash(#[cfg_attr(feature = "specta", specta(type = String))] Bytes);

/// Behind the hash's length all bytes are zero, so that equal hashes are equal values.
type Bytes = (usize, [u8; LONGEST_BYTES]);

impl ImageHash {
    /// The hash with these bytes; `None` when they have another length than a hash.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        matches!(bytes.len(), 32 | 48 | 64).then_some(())?;
        let mut all = [0; LONGEST_BYTES];
        all.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Self((bytes.len(), all)))
    }

    /// The bytes of the hash.
    pub fn as_bytes(&self) -> &[u8] {
        let (length, bytes) = &self.0;
        bytes.get(..*length).unwrap_or(bytes)
    }

    /// First and last four digits, as a person reads it: `9f2c…e07a`.
    pub fn short(&self) -> String {
        let hex = self.to_string();
        let (first, last) = (hex.get(..4), hex.get(hex.len().saturating_sub(4)..));
        format!("{}…{}", first.unwrap_or(""), last.unwrap_or(""))
    }

    fn from_hex(text: &str) -> Option<Self> {
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        let mut bytes = Vec::with_capacity(LONGEST_BYTES);
        if text.len() > LONGEST_BYTES * 2 {
            return None;
        }
        for pair in text.as_bytes().chunks(2) {
            let [high, low] = pair else { return None };
            bytes.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
        }
        Self::from_bytes(&bytes)
    }
}

impl From<Sha256> for ImageHash {
    fn from(hash: Sha256) -> Self {
        let mut all = [0; LONGEST_BYTES];
        for (place, byte) in all.iter_mut().zip(hash.as_bytes()) {
            *place = *byte;
        }
        Self((hash.as_bytes().len(), all))
    }
}

impl std::fmt::Display for ImageHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = self.as_bytes().iter();
        bytes.try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for ImageHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ImageHash({self})")
    }
}

impl Serialize for ImageHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ImageHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let wrong = || D::Error::custom("not a hash of 32, 48 or 64 bytes");
        Self::from_hex(&text).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_of_each_length_reads_back_as_it_was_written_and_no_other_is_one() {
        for length in [32_u8, 48, 64] {
            let bytes: Vec<u8> = (0..length).collect();
            let hash = ImageHash::from_bytes(&bytes).unwrap();
            assert_eq!(hash.as_bytes(), bytes);
            let json = serde_json::to_string(&hash).unwrap();
            assert_eq!(json.len(), usize::from(length) * 2 + 2);
            assert_eq!(serde_json::from_str::<ImageHash>(&json).unwrap(), hash);
        }
        assert_eq!(ImageHash::from_bytes(&[0; 20]), None);
        for wrong in ["\"00\"", "\"zz\"", "\"\"", "\"0\""] {
            assert!(serde_json::from_str::<ImageHash>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_sha256_is_the_same_hash_however_it_was_read() {
        let digest = Sha256::of(b"image");
        let hash = ImageHash::from(digest);
        assert_eq!(ImageHash::from_bytes(digest.as_bytes()), Some(hash));
        assert_eq!(hash.to_string(), digest.to_string());
        assert_eq!(hash.short(), digest.short());
    }
}
