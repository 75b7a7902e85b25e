//! Ids of the service's newer resources: 16 bytes, written as 32 hexadecimal digits, that sort by
//! the time they were made.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// An id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id([u8; 16]);

impl Id {
    /// The least id of all.
    pub(crate) const LEAST: Self = Self([0; 16]);
    /// The greatest id of all.
    pub(crate) const GREATEST: Self = Self([0xff; 16]);

    pub(crate) const fn new(number: u128) -> Self {
        Self(number.to_be_bytes())
    }

    /// Reads 32 hexadecimal digits of either case.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let is_id = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u128::from_str_radix(text, 16).ok().filter(|_| is_id)?;
        Some(Self::new(number))
    }

    pub(crate) const fn number(self) -> u128 {
        u128::from_be_bytes(self.0)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.number())
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| D::Error::custom("not an id"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_nothing_else_does() {
        let id = Id::new(0x0164_c910);
        assert_eq!(Id::read(&id.to_string()), Some(id));
        let signed = format!("+{}", "1".repeat(31));
        for text in ["", "12", signed.as_str(), &"g".repeat(32), &"1".repeat(33)] {
            assert_eq!(Id::read(text), None, "{text}");
        }
    }
}
