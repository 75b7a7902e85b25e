//! The only two ways a job can be finished: *Verified* with the proof, or *Sent, not verified*
//! with the reason. Nothing is done because a request was accepted.

use serde::{Deserialize, Serialize};

/// How a finished job ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Outcome {
    /// The other side was asked afterwards, and holds our bytes.
    Verified {
        /// What was asked and what it said.
        proof: Proof,
    },
    /// The other side took the bytes but offers no proof that it holds them.
    Sent {
        /// Why there is no proof.
        reason: String,
    },
}

/// What makes a job *Verified*.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Proof {
    /// How it was proved.
    pub method: ProofMethod,
    /// One sentence: "The remote copy has 2,097,152 bytes and the SHA-256 of this image."
    pub statement: String,
}

/// Ways of proving, from a service's word to the bytes themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum ProofMethod {
    /// The service reported size and SHA-256 of what it stored, and both are ours.
    RemoteSizeAndSha256,
    /// The device reported the hash of the image it runs after its restart.
    HashAfterRestart,
    /// The device computed a checksum over what it stored.
    DeviceChecksum,
    /// The bytes were read out again and compared.
    ReadBack,
    /// Every device of a campaign reported that it runs the image.
    DevicesReported,
}

impl Outcome {
    /// Verified, by this method, with this sentence.
    pub fn verified(method: ProofMethod, statement: impl Into<String>) -> Self {
        Self::Verified {
            proof: Proof {
                method,
                statement: statement.into(),
            },
        }
    }

    /// Sent, not verified, for this reason.
    pub fn sent(reason: impl Into<String>) -> Self {
        Self::Sent {
            reason: reason.into(),
        }
    }
}
