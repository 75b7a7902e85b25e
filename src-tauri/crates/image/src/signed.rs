//! A signature that lies in a file: what it was made over, and what the file says of the key.
//!
//! It knows no format; `format` has a reader for each that is checked.

use der::asn1::{AnyRef, UintRef};
use der::{Encode as _, Tag};

/// A signature and what it is for.
pub(crate) struct Signed {
    /// As [`PublicKey::algorithm`](crate::PublicKey::algorithm) names it.
    pub(crate) algorithm: String,
    /// The signature, in the form of ASN.1 where it is ECDSA.
    pub(crate) signature: Vec<u8>,
    /// What it was made over.
    pub(crate) over: Over,
    /// What the file says of the key it was made with.
    pub(crate) key: KeyMark,
}

/// What a signature was made over.
pub(crate) enum Over {
    /// A hash, and the words for what it is of.
    Hash(Vec<u8>, &'static str),
    /// The image itself.
    Image(Vec<u8>),
    /// The image itself, and there is more of it than is held in memory.
    TooMuch,
}

/// What a file says of the key of its signature.
#[derive(Default)]
pub(crate) struct KeyMark {
    /// Hash of the key.
    pub(crate) hash: Option<Vec<u8>>,
    /// The key itself, encoded as [`PublicKey::encoded`](crate::PublicKey::encoded).
    pub(crate) key: Option<Vec<u8>>,
}

/// Two whole numbers, the highest byte first, in a sequence: an ECDSA signature (RFC 3279, 2.2.3), an RSA key
/// (RFC 8017, A.1.1).
fn sequence(numbers: [&[u8]; 2]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    for number in numbers {
        UintRef::new(number).ok()?.encode_to_vec(&mut body).ok()?;
    }
    AnyRef::new(Tag::Sequence, &body).ok()?.to_der().ok()
}

/// Two numbers of equal length, the highest byte first, as ASN.1 writes them; nothing of what is no pair.
pub(crate) fn ecdsa_of_numbers(bytes: &[u8]) -> Option<Vec<u8>> {
    let (r, s) = bytes.split_at(bytes.len() / 2);
    sequence([r, s])
}

/// The same of numbers with the lowest byte first.
pub(crate) fn ecdsa_of_reversed(bytes: &[u8]) -> Option<Vec<u8>> {
    ecdsa_of_numbers(&each_reversed(bytes))
}

/// Both halves, each with its bytes in reverse.
pub(crate) fn each_reversed(bytes: &[u8]) -> Vec<u8> {
    let (first, second) = bytes.split_at(bytes.len() / 2);
    let halves = first.iter().rev().chain(second.iter().rev());
    halves.copied().collect()
}

/// A point of P-256 as `SubjectPublicKeyInfo` (RFC 5480): x and y, the highest byte first.
pub(crate) fn p256_key(point: &[u8]) -> Vec<u8> {
    const BEFORE: [u8; 27] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08,
        0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
    ];
    [&BEFORE, point].concat()
}

/// A modulus and an exponent as PKCS #1 writes a key, the highest byte first.
pub(crate) fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Option<Vec<u8>> {
    sequence([modulus, exponent])
}
