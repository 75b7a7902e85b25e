//! What the signature of an `MCUboot` image was made over, and what the image says of the key.

use crate::bytes::read;
use crate::format::mcuboot::{self, tlvs_of};
use crate::limits::INNER_BYTES;
use crate::signed::{KeyMark, Over, Signed};
use crate::{ImageError, Source};

/// The signature of an image; none where it has none, or its entries cannot be read.
pub(crate) fn of(source: &dyn Source, algorithm: &str) -> Result<Option<Signed>, ImageError> {
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
        Over::Hash(
            value(&[0x10, 0x11, 0x12]).unwrap_or_default(),
            "over the hash in the image",
        )
    };
    Ok(Some(Signed {
        algorithm: algorithm.to_owned(),
        signature,
        over,
        key: KeyMark {
            hash: value(&[0x01]),
            key: value(&[0x02]),
        },
    }))
}
