//! SHA-256 and MD5 values, compared as bytes and written as lower-case hexadecimal.
//!
//! The services of this field write the same MD5 as base64 in one place and as hexadecimal in
//! another; comparing decoded values is the only comparison that is ever right.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{
    Digest as _,
    digest::common::hazmat::{SerializableState as _, SerializedState},
};

/// A text that is no digest of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind} of {bytes} bytes: {text}")]
pub struct DigestError {
    kind: &'static str,
    bytes: usize,
    text: String,
}

macro_rules! digest {
    ($(#[$doc:meta])* $name:ident, $hasher:ident, $inner:ty, $kind:literal, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "specta", derive(specta::Type))]
        #[cfg_attr(feature = "specta", specta(transparent))]
        pub struct $name(#[cfg_attr(feature = "specta", specta(type = String))] [u8; $bytes]);

        impl $name {
            /// The value with these bytes.
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// The bytes of the value.
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }

            /// The digest of `data`.
            pub fn of(data: &[u8]) -> Self {
                let mut hasher = $hasher::default();
                hasher.update(data);
                hasher.finish()
            }

            /// Reads hexadecimal, any case.
            pub fn from_hex(text: &str) -> Result<Self, DigestError> {
                let wrong = || DigestError {
                    kind: $kind,
                    bytes: $bytes,
                    text: text.chars().take(80).collect(),
                };
                if text.len() != $bytes * 2 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
                    return Err(wrong());
                }
                let mut bytes = [0; $bytes];
                for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
                    let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
                    *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
                }
                Ok(Self(bytes))
            }

            /// Reads what a service states: hexadecimal, also with `0x` or marks between its bytes, or
            /// base64 of either alphabet with or without its padding; in quotes, with the name of the
            /// algorithm before it, with blanks around it.
            pub fn from_service(text: &str) -> Result<Self, DigestError> {
                let bare = bare_digest(text);
                let hex: String = bare
                    .trim_start_matches("0x")
                    .chars()
                    .filter(|letter| !matches!(letter, ':' | '-' | ' '))
                    .collect();
                Self::from_hex(&hex).or_else(|error| {
                    let standard: String = bare
                        .trim_end_matches('=')
                        .chars()
                        .map(|letter| match letter {
                            '-' => '+',
                            '_' => '/',
                            letter => letter,
                        })
                        .collect();
                    let bytes = STANDARD_NO_PAD.decode(standard).map_err(|_| error.clone())?;
                    bytes.try_into().map(Self).map_err(|_| error)
                })
            }

            /// The base64 form that HTTP headers and import manifests use.
            pub fn to_base64(&self) -> String {
                STANDARD.encode(self.0)
            }

            /// First and last four digits, as a person reads it: `9f2c…e07a`.
            pub fn short(&self) -> String {
                let hex = self.to_string();
                format!("{}…{}", &hex[..4], &hex[hex.len() - 4..])
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = DigestError;
            fn from_str(text: &str) -> Result<Self, DigestError> {
                Self::from_hex(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::from_hex(&text).map_err(D::Error::custom)
            }
        }

        #[doc = concat!("Computes a [`", stringify!($name), "`] piece by piece.")]
        #[derive(Debug, Clone, Default)]
        pub struct $hasher($inner);

        impl $hasher {
            /// Takes the next bytes.
            pub fn update(&mut self, data: &[u8]) {
                self.0.update(data);
            }

            /// The digest of everything taken.
            pub fn finish(self) -> $name {
                $name(self.0.finalize().into())
            }
        }
    };
}

digest!(
    /// A SHA-256 value.
    Sha256, Sha256Hasher, sha2::Sha256, "SHA-256", 32
);
digest!(
    /// An MD5 value. It guards against damage on the way, never against an adversary.
    Md5, Md5Hasher, md5::Md5, "MD5", 16
);

/// What is left of a stated digest without blanks, quotes, a weak tag's mark, and the name of its
/// algorithm.
fn bare_digest(text: &str) -> &str {
    let is_around = |letter: char| letter.is_whitespace() || "\"'`<>".contains(letter);
    let text = text.trim_matches(is_around);
    let text = text
        .strip_prefix("W/")
        .unwrap_or(text)
        .trim_matches(is_around);
    let named = ["sha256", "sha-256", "md5"].into_iter().find_map(|name| {
        let head = text.get(..name.len())?;
        let rest = text.get(name.len()..)?;
        let value = rest.trim_start().strip_prefix([':', '=', '-'])?;
        head.eq_ignore_ascii_case(name).then_some(value)
    });
    named.unwrap_or(text).trim_matches(is_around)
}

impl Sha256Hasher {
    /// What was taken so far, to be taken on from later: it grows with nothing.
    pub fn suspend(&self) -> Vec<u8> {
        self.0.serialize().to_vec()
    }

    /// A hasher that took what another had taken when it was suspended; `None` for other bytes.
    pub fn resume(suspended: &[u8]) -> Option<Self> {
        let state = SerializedState::<sha2::Sha256>::try_from(suspended).ok()?;
        sha2::Sha256::deserialize(&state).ok().map(Self)
    }
}

impl Md5 {
    /// The MD5 of no bytes: what the chunk that ends an upload job carries.
    pub const EMPTY: Self = Self([
        0xd4, 0x1d, 0x8c, 0xd9, 0x8f, 0x00, 0xb2, 0x04, 0xe9, 0x80, 0x09, 0x98, 0xec, 0xf8, 0x42,
        0x7e,
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stated_digest_is_read_in_each_of_its_spellings() {
        let digest = Sha256::of(b"firmware");
        let (hex, base64) = (digest.to_string(), digest.to_base64());
        let unpadded = base64.trim_end_matches('=');
        let url_safe = base64.replace('+', "-").replace('/', "_");
        let spaced: Vec<String> = (0..32).map(|at| hex[2 * at..][..2].to_owned()).collect();
        for text in [
            hex.clone(),
            hex.to_uppercase(),
            format!(" {hex}\n"),
            format!("\"{hex}\""),
            format!("W/\"{hex}\""),
            format!("0x{hex}"),
            format!("sha256:{hex}"),
            format!("SHA-256={base64}"),
            format!("sha256-{base64}"),
            spaced.join(":"),
            spaced.join(" "),
            base64.clone(),
            unpadded.to_owned(),
            url_safe,
        ] {
            assert_eq!(Sha256::from_service(&text), Ok(digest), "{text}");
        }
        for text in [
            "",
            "md5",
            "d41d8cd98f00b204e9800998ecf8427e",
            &hex[..62],
            "é",
        ] {
            assert!(Sha256::from_service(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_suspended_hash_goes_on_where_it_was() {
        let bytes: Vec<u8> = (0..=u8::MAX).collect();
        for cut in [0, 1, 63, 64, 65, 200] {
            let mut first = Sha256Hasher::default();
            first.update(&bytes[..cut]);
            let mut second = Sha256Hasher::resume(&first.suspend()).unwrap();
            second.update(&bytes[cut..]);
            assert_eq!(second.finish(), Sha256::of(&bytes), "cut at {cut}");
        }
        assert!(Sha256Hasher::resume(&[]).is_none());
        assert!(Sha256Hasher::resume(&[0xff; 105]).is_none());
    }

    #[test]
    fn the_md5_of_nothing_is_what_the_finishing_chunk_carries() {
        assert_eq!(Md5::of(b""), Md5::EMPTY);
        assert_eq!(Md5::EMPTY.to_base64(), "1B2M2Y8AsgTpgAmY7PhCfg==");
        assert_eq!(Md5::EMPTY.to_string(), "d41d8cd98f00b204e9800998ecf8427e");
    }

    #[test]
    fn hexadecimal_and_base64_of_one_md5_are_equal() {
        let six_mib_of_zeros = Md5::from_service("da6a0d097e307ac52ed9b4ad551801fc").unwrap();
        assert_eq!(
            Md5::from_service("2moNCX4wesUu2bStVRgB/A==").unwrap(),
            six_mib_of_zeros
        );
        assert_eq!(Md5::of(&vec![0; 6 << 20]), six_mib_of_zeros);
    }

    #[test]
    fn a_text_of_another_length_is_no_digest() {
        for text in [
            "",
            "1234",
            "zz1d8cd98f00b204e9800998ecf8427e",
            "d41d8cd98f00b204e9800998ecf8427é",
        ] {
            assert!(Md5::from_hex(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_digest_crosses_json_as_hexadecimal() {
        let digest = Sha256::of(b"abc");
        let json = serde_json::to_string(&digest).unwrap();
        assert_eq!(
            json,
            "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""
        );
        assert_eq!(serde_json::from_str::<Sha256>(&json).unwrap(), digest);
        assert_eq!(digest.short(), "ba78…15ad");
    }
}
