//! SHA-256 as a manifest writes it: base64 of the 32 bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use firmdrop_core::Sha256;

/// Why a text is no SHA-256 of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum HashError {
    /// 64 hexadecimal digits.
    #[error("it is written as hexadecimal")]
    Hexadecimal,
    /// Not base64.
    #[error("it is no base64")]
    NotBase64,
    /// Base64 of another number of bytes.
    #[error("it is base64 of {0} bytes")]
    Length(usize),
}

/// Reads a hash.
pub(super) fn read(text: &str) -> Result<Sha256, HashError> {
    // 64 hexadecimal digits are base64 too, of 48 bytes that mean nothing.
    if Sha256::from_hex(text).is_ok() {
        return Err(HashError::Hexadecimal);
    }
    let bytes = STANDARD.decode(text).map_err(|_| HashError::NotBase64)?;
    let length = bytes.len();
    let bytes = <[u8; 32]>::try_from(bytes).map_err(|_| HashError::Length(length))?;
    Ok(Sha256::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_and_cut_hashes_are_named_as_what_they_are() {
        let hash = Sha256::of(b"");
        assert_eq!(
            hash.to_base64(),
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        );
        assert_eq!(read(&hash.to_base64()), Ok(hash));
        let hex = hash.to_string();
        assert_eq!(read(&hex), Err(HashError::Hexadecimal));
        assert_eq!(read(&hex.to_uppercase()), Err(HashError::Hexadecimal));
        assert_eq!(read("AAAA"), Err(HashError::Length(3)));
        assert_eq!(
            read("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"),
            Err(HashError::NotBase64)
        );
        assert_eq!(read("not a hash"), Err(HashError::NotBase64));
    }
}
