//! What the signature of an `MCUboot` image was made over, and what the image says of the key.

use crate::bytes::read;
use crate::format::mcuboot::{self, tlvs_of};
use crate::limits::INNER_BYTES;
use crate::{ImageError, Source};

/// A signature and what it is for.
pub(crate) struct Signed {
    /// The signature.
    pub(crate) signature: Vec<u8>,
    /// What it was made over.
    pub(crate) over: Over,
    /// Hash of the key it was made with.
    pub(crate) key_hash: Option<Vec<u8>>,
    /// The key itself, where the image carries it.
    pub(crate) key: Option<Vec<u8>>,
}

/// What a signature was made over.
pub(crate) enum Over {
    /// The hash that stands in the image; the inspection compares it with the bytes.
    Hash(Vec<u8>),
    /// Header, code and protected entries themselves.
    Image(Vec<u8>),
    /// The same, and there is more of it than is held in memory.
    TooMuch,
}

/// The signature of an image; none where it has none, or its entries cannot be read.
pub(crate) fn of(source: &dyn Source) -> Result<Option<Signed>, ImageError> {
    let Some((tlvs, covered)) = tlvs_of(source)? else {
        return Ok(None);
    };
    let value = |kinds: &[u16]| {
        let tlv = tlvs.iter().find(|tlv| kinds.contains(&tlv.kind))?;
        Some(tlv.value.clone())
    };
    let Some(signature) = value(&mcuboot::SIGNATURES) else {
        return Ok(None);
    };
    let over = if tlvs.iter().any(|tlv| tlv.kind == 0x25) {
        match usize::try_from(covered) {
            Ok(length) if covered <= INNER_BYTES => Over::Image(read(source, 0, length)?),
            _ => Over::TooMuch,
        }
    } else {
        Over::Hash(value(&[0x10, 0x11, 0x12]).unwrap_or_default())
    };
    Ok(Some(Signed {
        signature,
        over,
        key_hash: value(&[0x01]),
        key: value(&[0x02]),
    }))
}
