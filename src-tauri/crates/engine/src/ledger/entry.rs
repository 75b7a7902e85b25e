//! One entry of the ledger.

use firmdrop_core::{Code, Moment, Outcome, Sha256};
use serde::{Deserialize, Serialize};

use super::Maker;
use super::clean::clean;
use crate::JobId;

/// Longest name, id or sentence of others that is written down, characters.
const LONGEST_TEXT: usize = 2000;

/// The two chains of a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chain {
    /// Deliveries to real readers and services.
    Deliveries,
    /// Deliveries into the simulated world.
    Demo,
}

impl Chain {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Deliveries, Self::Demo];

    /// The name it has in the journal.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Deliveries => "deliveries",
            Self::Demo => "demo",
        }
    }
}

/// What is written down about a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// When it ended.
    pub at: Moment,
    /// The job.
    pub job: JobId,
    /// The file's name.
    pub file_name: String,
    /// Size of the image, bytes.
    pub size_bytes: u64,
    /// SHA-256 of the image.
    pub sha256: Sha256,
    /// Where it went: `scheme:address`.
    pub destination: String,
    /// What the other side calls it, when it said so.
    pub remote_id: Option<String>,
    /// The failed check that was confirmed, when the file was delivered although it is damaged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damaged: Option<String>,
    /// Which chain it belongs to.
    pub chain: Chain,
    /// How it ended.
    pub result: DeliveredResult,
}

impl Delivered {
    /// As it is written down: what others wrote is bounded and shows as it is.
    pub(super) fn cleaned(&self) -> Self {
        let clean = |text: &str| clean(text, LONGEST_TEXT);
        let result = match &self.result {
            DeliveredResult::Finished(Outcome::Sent { reason }) => {
                DeliveredResult::Finished(Outcome::Sent {
                    reason: clean(reason),
                })
            }
            DeliveredResult::Finished(Outcome::Verified { proof }) => {
                let mut proof = proof.clone();
                proof.statement = clean(&proof.statement);
                DeliveredResult::Finished(Outcome::Verified { proof })
            }
            DeliveredResult::Failed { code, state_now } => DeliveredResult::Failed {
                code: *code,
                state_now: clean(state_now),
            },
            DeliveredResult::Cancelled { state_now } => DeliveredResult::Cancelled {
                state_now: clean(state_now),
            },
        };
        Self {
            file_name: clean(&self.file_name),
            destination: clean(&self.destination),
            remote_id: self.remote_id.as_deref().map(clean),
            result,
            ..self.clone()
        }
    }
}

/// How a delivery ended, as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum DeliveredResult {
    /// Finished, with the proof or the reason why there is none.
    Finished(Outcome),
    /// Failed.
    Failed {
        /// Code of the diagnosis.
        code: Code,
        /// What the other side was left with.
        state_now: String,
    },
    /// Ended by a person.
    Cancelled {
        /// What the other side was left with.
        state_now: String,
    },
}

/// An entry as it is listed and exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Its number in its chain, from 1.
    pub number: u32,
    /// Hash of the entry before; zeros for the first.
    pub previous: Sha256,
    /// Hash of its envelope as a leaf of the tree (RFC 6962). In entries from before they were signed,
    /// SHA-256 over number, previous hash and body.
    pub hash: Sha256,
    /// Who wrote it; absent in entries from before they were signed.
    #[serde(flatten)]
    pub maker: Option<Maker>,
    /// Its bytes as they were signed, a DSSE envelope; in entries from before, what was hashed.
    pub envelope: String,
    /// What it says.
    #[serde(flatten)]
    pub delivered: Delivered,
}
