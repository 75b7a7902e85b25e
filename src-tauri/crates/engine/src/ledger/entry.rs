//! One entry of the ledger and how it is sealed.

use firmdrop_core::{Code, Moment, Outcome, Sha256};
use serde::{Deserialize, Serialize};

use crate::JobId;

/// The two chains of a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chain {
    /// Deliveries to real readers and services.
    Deliveries,
    /// Deliveries into the simulated world.
    Demo,
}

impl Chain {
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
    /// What the other side calls it, when it told.
    pub remote_id: Option<String>,
    /// Which chain it belongs to.
    pub chain: Chain,
    /// How it ended.
    pub result: DeliveredResult,
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

/// A sealed entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Its number in its chain, from 1.
    pub number: u32,
    /// Hash of the entry before; zeros for the first.
    pub previous: Sha256,
    /// Hash over number, previous hash and body.
    pub hash: Sha256,
    /// What it says.
    #[serde(flatten)]
    pub delivered: Delivered,
}

/// A chain that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {number} of the ledger does not fit the one before it")]
pub struct LedgerFault {
    /// The first entry that does not fit.
    pub number: u32,
}

/// The seal of an entry: SHA-256 over number, the hash before and the body as it is stored.
pub(super) fn seal(number: u32, previous: &Sha256, body: &str) -> Sha256 {
    Sha256::of(format!("{number}\n{previous}\n{body}").as_bytes())
}
