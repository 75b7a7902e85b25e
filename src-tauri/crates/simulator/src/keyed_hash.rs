//! HMAC-SHA256, with which the simulated services sign tokens and check signatures.
//!
//! What is signed is each service's own.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

type HmacSha256 = Hmac<Sha256>;

/// The HMAC-SHA256 of a text (RFC 2104).
pub(crate) fn hmac_sha256(key: &[u8], text: &[u8]) -> [u8; 32] {
    // A key of any length is taken; the error type is for other algorithms.
    let Ok(mut mac) = HmacSha256::new_from_slice(key) else {
        return [0; 32];
    };
    mac.update(text);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_vector_of_rfc_4231_comes_out() {
        let hash = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(
            hash,
            *firmdrop_core::Sha256::from_hex(expected)
                .unwrap()
                .as_bytes()
        );
    }
}
