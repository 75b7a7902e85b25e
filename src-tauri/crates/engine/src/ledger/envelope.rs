//! An entry as a DSSE envelope: a payload and who signed it. <https://github.com/secure-systems-lab/dsse>

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::{Deserialize, Serialize};

use super::note::{Signer, Verifier};

/// Type of the payload, by the in-toto attestation framework.
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// An envelope, as it is stored and exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<Signature>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Signature {
    #[serde(default)]
    keyid: String,
    sig: String,
}

impl Envelope {
    /// Seals a payload; without a key it has no signature.
    pub(super) fn seal(payload: &[u8], signer: Option<&Signer>) -> Self {
        let signature = |signer: &Signer| Signature {
            keyid: signer.verifier().key_id().to_string(),
            sig: STANDARD.encode(signer.sign(&signed_bytes(PAYLOAD_TYPE, payload))),
        };
        Self {
            payload: STANDARD.encode(payload),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: signer.map(signature).into_iter().collect(),
        }
    }

    /// The payload, believed or not.
    pub(super) fn payload(&self) -> Option<Vec<u8>> {
        decode(&self.payload)
    }

    /// Whether nobody signed it.
    pub(super) fn is_unsigned(&self) -> bool {
        self.signatures.is_empty()
    }

    /// The first of these keys that signed it. The key's id is a hint and proves nothing.
    pub(super) fn signer<'a>(
        &self,
        verifiers: impl IntoIterator<Item = &'a Verifier>,
    ) -> Option<&'a Verifier> {
        if self.payload_type != PAYLOAD_TYPE {
            return None;
        }
        let signed = signed_bytes(&self.payload_type, &self.payload()?);
        let signatures: Vec<Vec<u8>> = self
            .signatures
            .iter()
            .filter_map(|signature| decode(&signature.sig))
            .collect();
        verifiers
            .into_iter()
            .find(|key| signatures.iter().any(|one| key.signed(&signed, one)))
    }
}

/// Reads both forms of base64, as DSSE asks of whoever verifies.
fn decode(text: &str) -> Option<Vec<u8>> {
    let standard = STANDARD.decode(text).ok();
    standard.or_else(|| URL_SAFE.decode(text).ok())
}

/// What is signed: type and payload with their lengths, so that neither is taken for the other.
fn signed_bytes(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    );
    [head.as_bytes(), payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_what_the_specification_shows() {
        // Example of DSSE's protocol.md.
        assert_eq!(
            signed_bytes("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }

    #[test]
    fn an_envelope_opens_with_its_key_and_no_other() {
        let (signer, _) = Signer::generate("a").unwrap();
        let (other, _) = Signer::generate("a").unwrap();
        let envelope = Envelope::seal(b"{}", Some(&signer));
        let keys = [other.verifier(), signer.verifier()];
        assert_eq!(envelope.signer(keys), Some(signer.verifier()));
        assert_eq!(envelope.signer([other.verifier()]), None);
        let unsigned = Envelope::seal(b"{}", None);
        assert!(unsigned.is_unsigned() && unsigned.signer(keys).is_none());
        let mut other_base64 = envelope.clone();
        for text in [
            &mut other_base64.payload,
            &mut other_base64.signatures[0].sig,
        ] {
            *text = text.replace('+', "-").replace('/', "_");
        }
        assert_eq!(other_base64.signer(keys), Some(signer.verifier()));
        let mut changed = envelope.clone();
        changed.payload = STANDARD.encode(b"{ }");
        assert_eq!(changed.signer(keys), None);
        let mut retyped = envelope;
        retyped.payload_type = "text/plain".into();
        assert_eq!(retyped.signer(keys), None);
    }
}
