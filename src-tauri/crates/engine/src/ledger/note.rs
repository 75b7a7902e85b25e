//! Signed notes (C2SP `signed-note`) with Ed25519 keys, and their keys as text.
//!
//! Written from the specification: <https://c2sp.org/signed-note>.

use aws_lc_rs::encoding::{AsBigEndian as _, Curve25519SeedBin};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use firmdrop_core::Sha256;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

/// Kind of signature: Ed25519, by the specification.
const ED25519_KIND: u8 = 1;
/// Longest note that is read, bytes. A checkpoint has some 300.
const LONGEST: usize = 16 << 10;
/// Most signatures of a note that are looked at. Witnesses add some.
const MOST_SIGNATURES: usize = 64;
/// What stands before each signature.
const DASH: &str = "\u{2014} ";
/// What an Ed25519 key is in DER before its 32 bytes, by RFC 8410.
const DER: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// The public half: who signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key: [u8; 32],
}

impl Verifier {
    /// Reads `NAME+HASH+KEY`.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.trim().split_once('+')?;
        let (hash, key) = rest.split_once('+')?;
        let key = STANDARD.decode(key).ok()?;
        let (kind, key) = key.split_first()?;
        let key = <[u8; 32]>::try_from(key).ok()?;
        let verifier = Self {
            name: name.to_owned(),
            key,
        };
        let fits = *kind == ED25519_KIND && is_name(name) && hash == hex(&verifier.hash());
        fits.then_some(verifier)
    }

    /// The name of the key: the ledger whose head it signs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the key in DER, as other programs name a key.
    pub fn key_id(&self) -> Sha256 {
        Sha256::of(&self.der())
    }

    /// The key as other programs read it.
    pub fn pem(&self) -> String {
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(self.der())
        )
    }

    fn der(&self) -> Vec<u8> {
        [&DER[..], &self.key].concat()
    }

    /// What a signature names the key with.
    fn hash(&self) -> [u8; 4] {
        let named = [self.name.as_bytes(), b"\n", &[ED25519_KIND], &self.key].concat();
        let [a, b, c, d, ..] = *Sha256::of(&named).as_bytes();
        [a, b, c, d]
    }

    /// Whether the signature over these bytes is this key's.
    pub(super) fn signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.key)
            .verify(bytes, signature)
            .is_ok()
    }
}

impl std::fmt::Display for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = STANDARD.encode([&[ED25519_KIND][..], &self.key].concat());
        write!(f, "{}+{}+{key}", self.name, hex(&self.hash()))
    }
}

/// A key that signs. Never printed.
pub(crate) struct Signer {
    pair: Ed25519KeyPair,
    verifier: Verifier,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Signer").field(&self.verifier).finish()
    }
}

impl Signer {
    /// A new key, and its text for the key store. `None` when the system gives no random numbers.
    pub(super) fn generate(name: &str) -> Option<(Self, SecretString)> {
        let pair = Ed25519KeyPair::generate().ok()?;
        let seed = pair.seed().ok()?;
        let seed: Curve25519SeedBin<'_> = seed.as_be_bytes().ok()?;
        let signer = Self::new(name, pair)?;
        let mut tagged = Zeroizing::new(vec![ED25519_KIND]);
        tagged.extend_from_slice(seed.as_ref());
        let text = format!(
            "PRIVATE+KEY+{name}+{}+{}",
            hex(&signer.verifier.hash()),
            Zeroizing::new(STANDARD.encode(&*tagged)).as_str()
        );
        Some((signer, text.into()))
    }

    /// Reads `PRIVATE+KEY+NAME+HASH+SEED`.
    pub(super) fn parse(text: &SecretString) -> Option<Self> {
        let rest = text.expose_secret().trim().strip_prefix("PRIVATE+KEY+")?;
        let (name, rest) = rest.split_once('+')?;
        let (hash, seed) = rest.split_once('+')?;
        let seed = Zeroizing::new(STANDARD.decode(seed).ok()?);
        let (kind, seed) = seed.split_first()?;
        let signer = Self::new(name, Ed25519KeyPair::from_seed_unchecked(seed).ok()?)?;
        (*kind == ED25519_KIND && hash == hex(&signer.verifier.hash())).then_some(signer)
    }

    fn new(name: &str, pair: Ed25519KeyPair) -> Option<Self> {
        let key = <[u8; 32]>::try_from(pair.public_key().as_ref()).ok()?;
        let verifier = Verifier {
            name: name.to_owned(),
            key,
        };
        is_name(name).then_some(Self { pair, verifier })
    }

    /// The public half.
    pub(crate) fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// A signature over these bytes.
    pub(super) fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.pair.sign(bytes).as_ref().to_vec()
    }

    /// The text, which ends with a line feed, as a signed note.
    pub(super) fn sign_note(&self, text: &str) -> String {
        let signed = [&self.verifier.hash()[..], &self.sign(text.as_bytes())].concat();
        let signature = STANDARD.encode(signed);
        format!("{text}\n{DASH}{} {signature}\n", self.verifier.name)
    }
}

/// A note, read but not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note<'a> {
    /// What is signed, the last line feed included.
    pub(super) text: &'a str,
    signatures: Vec<(&'a str, Vec<u8>)>,
}

impl<'a> Note<'a> {
    /// Reads a note; `None` when it is none.
    pub(super) fn parse(note: &'a str) -> Option<Self> {
        let control = |c: char| c.is_ascii_control() && c != '\n';
        if note.len() > LONGEST || note.contains(control) {
            return None;
        }
        let (before, signatures) = note.rsplit_once("\n\n")?;
        let text = note.get(..=before.len())?;
        let signatures = signatures.strip_suffix('\n')?.split('\n');
        let signatures = signatures
            .take(MOST_SIGNATURES)
            .map(|line| {
                let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
                Some((name, STANDARD.decode(signature).ok()?))
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Self { text, signatures })
    }

    /// Whether this key signed it. Signatures of others are passed over.
    pub(super) fn is_signed_by(&self, verifier: &Verifier) -> bool {
        self.signatures.iter().any(|(name, signature)| {
            *name == verifier.name
                && signature
                    .split_at_checked(4)
                    .is_some_and(|(hash, signature)| {
                        hash == verifier.hash() && verifier.signed(self.text.as_bytes(), signature)
                    })
        })
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the documentation of Go's `note` package.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const PETER_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn a_note_of_another_program_verifies_and_a_changed_one_does_not() {
        let peter = Verifier::parse(PETER).unwrap();
        assert_eq!(peter.to_string(), PETER);
        assert!(Note::parse(PETER_NOTE).unwrap().is_signed_by(&peter));
        let changed = PETER_NOTE.replace("answer", "Answer");
        assert!(!Note::parse(&changed).unwrap().is_signed_by(&peter));
    }

    #[test]
    fn a_key_comes_back_from_its_text_and_signs_the_same() {
        let (signer, text) = Signer::generate("firmdrop.org/ledger/1/demo").unwrap();
        let again = Signer::parse(&text).unwrap();
        assert_eq!(again.verifier(), signer.verifier());
        let note = signer.sign_note("one\ntwo\n");
        assert!(Note::parse(&note).unwrap().is_signed_by(again.verifier()));
        assert_eq!(Note::parse(&note).unwrap().text, "one\ntwo\n");
        let (other, _) = Signer::generate("firmdrop.org/ledger/1/demo").unwrap();
        assert!(!Note::parse(&note).unwrap().is_signed_by(other.verifier()));
        assert!(!format!("{signer:?}").contains("PRIVATE"));
    }

    #[test]
    fn what_is_no_note_or_no_key_is_refused() {
        for note in [
            "",
            "text\n",
            "text\n\n",
            "text\n\n\u{2014} a\n",
            "a\u{1}\n\n\u{2014} a AA==\n",
        ] {
            let read = Note::parse(note);
            let peter = Verifier::parse(PETER).unwrap();
            assert!(
                read.is_none_or(|note| !note.is_signed_by(&peter)),
                "{note:?}"
            );
        }
        for key in [
            "",
            "a+b+c",
            &PETER.replace("c74f", "c740"),
            &PETER.replace("ARpc", "Ahpc"),
        ] {
            assert!(Verifier::parse(key).is_none(), "{key}");
        }
        assert!(Signer::parse(&SecretString::from("PRIVATE+KEY+a+b+c")).is_none());
        assert!(Signer::generate("a name").is_none());
    }
}
