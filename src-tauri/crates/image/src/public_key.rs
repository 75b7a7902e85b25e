//! A public key that a person adds to check signatures with: RSA, ECDSA on P-256 and P-384, Ed25519.
//!
//! PEM or DER, as `imgtool getpub` and OpenSSL write them (RFC 5280 and 8017). Private keys are refused by
//! name: none is needed here.

use aws_lc_rs::digest::{Digest, SHA256, SHA384};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ED25519, ParsedPublicKey,
    RSA_PSS_2048_8192_SHA256,
};
use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier};
use der::{Decode as _, Document, Reader as _, SliceReader};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const CURVE_25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// A public key, and where it came from.
#[derive(Clone)]
pub struct PublicKey {
    name: String,
    kind: Kind,
    /// What `MCUboot` makes the hash of a key from: PKCS #1 for RSA, the whole structure for others.
    encoded: Vec<u8>,
    key: ParsedPublicKey,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// With the bits of its modulus.
    Rsa(usize),
    P256,
    P384,
    Ed25519,
}

/// Why bytes are no public key that can be used here, one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(String);

impl PublicKey {
    /// Reads a key; `name` is what it is called in answers.
    ///
    /// # Errors
    /// [`KeyError`] for a private key, a certificate, another algorithm, and what is no key at all.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, KeyError> {
        let no = |why: &str| KeyError(format!("{name}: {why}."));
        if let Some(why) = no_key(bytes) {
            return Err(no(why));
        }
        let text = std::str::from_utf8(bytes).ok();
        let text = text.map(|text| text.trim_start_matches('\u{FEFF}').trim_start());
        let label = text.and_then(|text| text.strip_prefix("-----BEGIN ")?.split("-----").next());
        match label {
            None | Some("PUBLIC KEY" | "RSA PUBLIC KEY") => {}
            Some(label) if label.contains("PRIVATE KEY") => {
                return Err(no(PRIVATE));
            }
            Some("CERTIFICATE") => {
                return Err(no(
                    "it is a certificate, not a public key; openssl x509 -pubkey -noout writes the key that is in it",
                ));
            }
            Some(label) => {
                let what = format!("it is PEM text of another kind ({label}), not a public key");
                return Err(no(&what));
            }
        }
        let document;
        let der = match text.filter(|_| label.is_some()) {
            Some(text) => {
                let text = in_lines_of_64(text);
                let parsed = Document::from_pem(&text);
                (_, document) =
                    parsed.map_err(|error| no(&format!("the PEM text is not valid: {error}")))?;
                document.as_bytes()
            }
            None => bytes,
        };
        if is_private(der) {
            return Err(no(PRIVATE));
        }
        let found =
            structure(der).or_else(|| Some((Kind::Rsa(modulus_bits(der)?), der.to_vec(), der)));
        let (kind, encoded, raw) = found.ok_or_else(|| {
            no("it is no public key, or of an algorithm that is not known here (RSA, ECDSA P-256 and P-384, Ed25519)")
        })?;
        let key = match kind {
            Kind::Rsa(_) => ParsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, raw),
            Kind::P256 => ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, raw),
            Kind::P384 => ParsedPublicKey::new(&ECDSA_P384_SHA384_ASN1, raw),
            Kind::Ed25519 => ParsedPublicKey::new(&ED25519, raw),
        };
        let key = key.map_err(|_| no("its numbers are no key"))?;
        Ok(Self {
            name: name.to_owned(),
            kind,
            encoded,
            key,
        })
    }

    /// What it is called in answers.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The algorithm, as signatures name it: "RSA-2048", "ECDSA P-256".
    pub fn algorithm(&self) -> String {
        match self.kind {
            Kind::Rsa(bits) => format!("RSA-{bits}"),
            Kind::P256 => "ECDSA P-256".to_owned(),
            Kind::P384 => "ECDSA P-384".to_owned(),
            Kind::Ed25519 => "Ed25519".to_owned(),
        }
    }

    /// The form that `MCUboot` hashes, or puts into the image.
    pub(crate) fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    /// Whether this key made the signature of the bytes of a hash; Ed25519 takes the hash as its message.
    pub(crate) fn signed_hash(&self, hash: &[u8], signature: &[u8]) -> bool {
        let algorithm = match self.kind {
            Kind::Ed25519 => return self.signed(hash, signature),
            Kind::P384 => &SHA384,
            Kind::Rsa(_) | Kind::P256 => &SHA256,
        };
        let signature = match self.kind {
            Kind::P256 | Kind::P384 => unpadded(signature),
            _ => signature,
        };
        Digest::import_less_safe(hash, algorithm)
            .and_then(|digest| self.key.verify_digest_sig(&digest, signature))
            .is_ok()
    }

    /// Whether this key made the signature of the message itself.
    pub(crate) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({}, {})", self.name, self.algorithm())
    }
}

const PRIVATE: &str = "this is a private key; give its public key, as imgtool getpub -e pem or openssl pkey -pubout write it";

/// Why bytes are no key in PEM or DER, where their beginning says it.
fn no_key(bytes: &[u8]) -> Option<&'static str> {
    const OF_OPENSSH: [&[u8]; 3] = [b"ssh-", b"ecdsa-sha2-", b"---- BEGIN SSH2"];
    let bytes = bytes.trim_ascii_start();
    if bytes.is_empty() {
        return Some("the file is empty");
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Some("it is text in UTF-16; save it as ASCII or UTF-8");
    }
    OF_OPENSSH
        .iter()
        .any(|begin| bytes.starts_with(begin))
        .then_some("it is a key of OpenSSH; ssh-keygen -e -m PKCS8 writes it as PEM")
}

/// Whether a structure begins with the version of a private key: RFC 5208 and 5915 have 0 and 1, RFC 8017 has 0.
fn is_private(bytes: &[u8]) -> bool {
    let version = || {
        let whole = AnyRef::from_der(bytes).ok()?;
        let mut reader = SliceReader::new(whole.value()).ok()?;
        let version = der::asn1::UintRef::decode(&mut reader).ok()?;
        version
            .as_bytes()
            .first()
            .copied()
            .filter(|_| version.as_bytes().len() == 1)
    };
    version().is_some_and(|version| version <= 1)
}

/// PEM text with lines as RFC 7468 has them: older Python libraries, and with them `nrfutil`, write longer ones.
fn in_lines_of_64(text: &str) -> String {
    let (mut framed, mut body) = (Vec::new(), String::new());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with("-----") {
            framed.push(line);
        } else if framed.len() == 1 {
            body.push_str(line);
        }
    }
    let mut lines = vec![framed.first().copied().unwrap_or_default().to_owned()];
    let characters: Vec<char> = body.chars().collect();
    lines.extend(characters.chunks(64).map(|chunk| chunk.iter().collect()));
    lines.extend(framed.get(1).map(|&end| end.to_owned()));
    lines.join("\n") + "\n"
}

/// `SubjectPublicKeyInfo`: the algorithm, and the key in its own form.
fn structure(bytes: &[u8]) -> Option<(Kind, Vec<u8>, &[u8])> {
    let whole = AnyRef::from_der(bytes).ok()?;
    let mut reader = SliceReader::new(whole.value()).ok()?;
    let algorithm = AnyRef::decode(&mut reader).ok()?;
    let raw = BitStringRef::decode(&mut reader).ok()?.as_bytes()?;
    let mut reader = SliceReader::new(algorithm.value()).ok()?;
    let id = ObjectIdentifier::decode(&mut reader).ok()?;
    let curve = (!reader.is_finished())
        .then(|| ObjectIdentifier::decode(&mut reader).ok())
        .flatten();
    let kind = match (id, curve) {
        (RSA, _) => return Some((Kind::Rsa(modulus_bits(raw)?), raw.to_vec(), raw)),
        (EC, Some(P256)) => Kind::P256,
        (EC, Some(P384)) => Kind::P384,
        (CURVE_25519, _) => Kind::Ed25519,
        _ => return None,
    };
    Some((kind, bytes.to_vec(), raw))
}

/// Bits of the modulus of a key in the form of PKCS #1.
fn modulus_bits(bytes: &[u8]) -> Option<usize> {
    let whole = AnyRef::from_der(bytes).ok()?;
    let mut reader = SliceReader::new(whole.value()).ok()?;
    let modulus = der::asn1::UintRef::decode(&mut reader).ok()?;
    der::asn1::UintRef::decode(&mut reader).ok()?;
    let first = modulus.as_bytes().first()?;
    Some(modulus.as_bytes().len() * 8 - first.leading_zeros() as usize)
}

/// An ECDSA signature without the zeros that older tools put behind it.
fn unpadded(signature: &[u8]) -> &[u8] {
    let length = signature
        .get(1)
        .map_or(0, |length| usize::from(*length) + 2);
    signature.get(..length).unwrap_or(signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_imgtool_are_read_from_pem_and_der_with_their_algorithm() {
        for (text, algorithm) in [
            (
                include_str!("../../../../tests/real_firmware/imgtool/rsa-2048.pem"),
                "RSA-2048",
            ),
            (
                include_str!("../../../../tests/real_firmware/imgtool/rsa-3072.pem"),
                "RSA-3072",
            ),
            (
                include_str!("../../../../tests/real_firmware/imgtool/ecdsa-p256.pem"),
                "ECDSA P-256",
            ),
            (
                include_str!("../../../../tests/real_firmware/imgtool/ecdsa-p384.pem"),
                "ECDSA P-384",
            ),
            (
                include_str!("../../../../tests/real_firmware/imgtool/ed25519.pem"),
                "Ed25519",
            ),
        ] {
            assert_eq!(
                PublicKey::read("k", text.as_bytes()).unwrap().algorithm(),
                algorithm
            );
            let (_, der) = Document::from_pem(text).unwrap();
            assert_eq!(
                PublicKey::read("k", der.as_bytes()).unwrap().algorithm(),
                algorithm
            );
        }
    }

    #[test]
    fn pem_with_lines_of_other_lengths_is_read() {
        let text = include_str!("../../../../tests/real_firmware/imgtool/ecdsa-p256.pem");
        let (_, body) = text.split_once("-----\n").unwrap();
        let (body, _) = body.split_once("-----END").unwrap();
        let body: String = body.split_whitespace().collect();
        for length in [10, 76, 500] {
            let chunks = body.as_bytes().chunks(length);
            let lines = chunks.map(|chunk| std::str::from_utf8(chunk).unwrap());
            let lines: Vec<_> = lines.collect();
            let lines = lines.join("\r\n");
            let text = format!("-----BEGIN PUBLIC KEY-----\r\n{lines}\r\n-----END PUBLIC KEY-----");
            assert_eq!(
                PublicKey::read("k", text.as_bytes()).unwrap().algorithm(),
                "ECDSA P-256"
            );
        }
    }

    #[test]
    fn what_is_no_public_key_is_refused_by_name() {
        let private = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";
        for (bytes, what) in [
            (private.as_bytes(), "private key"),
            (
                b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n",
                "a certificate",
            ),
            (b"-----BEGIN PUBLIC KEY-----\n!\n", "PEM text is not valid"),
            (b"hello", "no public key"),
            (&[0x30, 0], "no public key"),
            (&[], "file is empty"),
        ] {
            let why = PublicKey::read("a.pem", bytes).unwrap_err().to_string();
            assert!(why.starts_with("a.pem: ") && why.contains(what), "{why}");
        }
    }

    #[test]
    fn what_is_no_public_key_is_named_as_what_it_is() {
        let pem = include_str!("../../../../tests/real_firmware/imgtool/ecdsa-p256.pem");
        let marked = format!("\u{FEFF}{pem}");
        assert!(PublicKey::read("k", marked.as_bytes()).is_ok());
        for (bytes, word) in [
            (&b""[..], "is empty"),
            (b" \r\n", "is empty"),
            (b"\xff\xfe-\0-\0", "UTF-16"),
            (b"ssh-ed25519 AAAAC3Nz x@y", "of OpenSSH"),
            (b"ecdsa-sha2-nistp256 AAAA x@y", "of OpenSSH"),
            (b"-----BEGIN CERTIFICATE-----\n", "certificate"),
            (b"-----BEGIN EC PARAMETERS-----\n", "EC PARAMETERS"),
            (
                b"\xef\xbb\xbf-----BEGIN EC PRIVATE KEY-----\n",
                "private key",
            ),
            // SEC 1, PKCS #8 and PKCS #1, each by its beginning.
            (b"\x30\x06\x02\x01\x01\x04\x01\x07", "private key"),
            (b"\x30\x05\x02\x01\x00\x30\x00", "private key"),
            (b"\x30\x06\x02\x01\x00\x02\x01\x07", "private key"),
        ] {
            let error = PublicKey::read("k", bytes).unwrap_err().to_string();
            assert!(error.contains(word), "{bytes:?}: {error}");
        }
    }
}
