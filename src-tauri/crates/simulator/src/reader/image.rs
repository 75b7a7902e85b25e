//! `MCUboot` images: what a reader reads out of one, and small ones made for the demo and tests.
//!
//! Written from `MCUboot`'s `design.md`; signs nothing.

use sha2::{Digest, Sha256, Sha384, Sha512};

const MAGIC: u32 = 0x96f3_b83d;
const HEADER_BYTES: u16 = 32;
const TRAILER_MAGIC: u16 = 0x6907;

/// What a reader knows of a stored image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    /// As it is listed.
    pub(super) version: Option<String>,
    pub(super) hash: Option<Vec<u8>>,
    /// Major, minor, revision.
    pub(super) number: (u8, u8, u16),
}

impl Stored {
    /// What a reader knows of bytes that are no image of `MCUboot`.
    pub(super) fn of_any(bytes: &[u8], hashed: bool) -> Option<Self> {
        (!bytes.is_empty()).then(|| Self {
            version: None,
            hash: hashed.then(|| Sha256::digest(bytes).to_vec()),
            number: (0, 0, 0),
        })
    }
}

/// The hash in an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HashKind {
    /// 32 bytes.
    #[default]
    Sha256,
    /// 48 bytes.
    Sha384,
    /// 64 bytes.
    Sha512,
}

impl HashKind {
    /// `IMAGE_TLV_SHA256`, `IMAGE_TLV_SHA384`, `IMAGE_TLV_SHA512`.
    fn of(entry: u16) -> Option<Self> {
        match entry {
            0x10 => Some(Self::Sha256),
            0x11 => Some(Self::Sha384),
            0x12 => Some(Self::Sha512),
            _ => None,
        }
    }

    fn entry(self) -> u16 {
        match self {
            Self::Sha256 => 0x10,
            Self::Sha384 => 0x11,
            Self::Sha512 => 0x12,
        }
    }

    fn hash(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// Reads version and hash out of a whole image and checks the hash, as the bootloader would.
pub(super) fn read(bytes: &[u8]) -> Option<Stored> {
    let word = |at: usize| Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let long = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    if !begins_like_one(bytes) {
        return None;
    }
    let body = usize::from(word(8)?).checked_add(usize::try_from(long(12)?).ok()?)?;
    let hashed = body + usize::from(word(10)?);
    let mut at = hashed;
    if word(at)? != TRAILER_MAGIC {
        return None;
    }
    let end = at + usize::from(word(at + 2)?);
    at += 4;
    while at < end {
        let (kind, length) = (word(at)?, usize::from(word(at + 2)?));
        let value = bytes.get(at + 4..at + 4 + length)?;
        if let Some(kind) = HashKind::of(kind) {
            let intact = kind.hash(bytes.get(..hashed)?) == value;
            let [major, minor] = *bytes.get(20..)?.first_chunk()?;
            return intact.then_some(Stored {
                version: Some(match long(24)? {
                    0 => format!("{major}.{minor}.{}", word(22)?),
                    build => format!("{major}.{minor}.{}.{build}", word(22)?),
                }),
                hash: Some(value.to_vec()),
                number: (major, minor, word(22)?),
            });
        }
        at += 4 + length;
    }
    None
}

/// Whether the first bytes are those of an image; a reader refuses the first chunk otherwise.
pub(super) fn begins_like_one(bytes: &[u8]) -> bool {
    bytes.first_chunk() == Some(&MAGIC.to_le_bytes())
}

/// An image with a valid hash and no signature: version `(major, minor, revision)`, `size_bytes`
/// bytes of code that differ from version to version.
pub fn demo_image(version: (u8, u8, u16), size_bytes: u32) -> Vec<u8> {
    demo_image_with(HashKind::Sha256, version, size_bytes)
}

/// The same with a hash of this kind.
pub fn demo_image_with(kind: HashKind, version: (u8, u8, u16), size_bytes: u32) -> Vec<u8> {
    let (major, minor, revision) = version;
    let mut image = MAGIC.to_le_bytes().to_vec();
    image.extend_from_slice(&[0; 4]);
    image.extend_from_slice(&HEADER_BYTES.to_le_bytes());
    image.extend_from_slice(&[0; 2]);
    image.extend_from_slice(&size_bytes.to_le_bytes());
    image.extend_from_slice(&[0; 4]);
    image.extend_from_slice(&[major, minor]);
    image.extend_from_slice(&revision.to_le_bytes());
    image.extend_from_slice(&[0; 8]);
    let mut word = u32::from_be_bytes([1, major, minor, revision.to_le_bytes()[0]]);
    image.extend((0..size_bytes).map(|_| {
        // Knuth's linear congruential generator, enough to make no two places alike.
        word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        word.to_be_bytes()[0]
    }));
    let hash = kind.hash(&image);
    let length = u16::try_from(hash.len()).unwrap_or(u16::MAX);
    image.extend_from_slice(&TRAILER_MAGIC.to_le_bytes());
    image.extend_from_slice(&(4_u16 + 4 + length).to_le_bytes());
    image.extend_from_slice(&kind.entry().to_le_bytes());
    image.extend_from_slice(&length.to_le_bytes());
    image.extend_from_slice(&hash);
    image
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_image_reads_back_with_its_version_and_hash() {
        let image = demo_image((2, 4, 1), 5000);
        let stored = read(&image).unwrap();
        assert_eq!(stored.version.as_deref(), Some("2.4.1"));
        assert_eq!(stored.number, (2, 4, 1));
        assert_eq!(stored.hash, Some(Sha256::digest(&image[..5032]).to_vec()));
    }

    #[test]
    fn a_damaged_or_short_image_is_none() {
        let mut image = demo_image((1, 0, 0), 5000);
        assert_eq!(read(&image[..4000]), None);
        image[100] ^= 1;
        assert_eq!(read(&image), None);
        assert_eq!(read(b""), None);
    }
}
