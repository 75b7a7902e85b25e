//! One delivery as an in-toto Statement v1: the file is the subject, what became of it the predicate.
//! <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>

use firmdrop_core::Sha256;
use serde::{Deserialize, Serialize};

use super::envelope::Envelope;
use super::{Delivered, Maker};

/// Type of a statement.
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// Type of our predicate. A name, not a page.
const DELIVERY: &str = "https://firmdrop.org/attestation/delivery/v1";

/// What is signed about one delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Statement {
    #[serde(rename = "_type")]
    of: String,
    subject: Vec<Subject>,
    predicate_type: String,
    pub(super) predicate: Entry,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Subject {
    name: String,
    digest: SubjectDigest,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SubjectDigest {
    sha256: Sha256,
}

/// Our predicate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Where it stands.
    pub(super) ledger: LedgerPosition,
    /// Who wrote it.
    #[serde(flatten)]
    pub(super) maker: Maker,
    /// What was delivered, and how it ended.
    pub(super) delivery: Delivered,
}

/// The place of an entry, and everything before it in one hash: an entry that is signed cannot be moved,
/// and none before it can be taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LedgerPosition {
    /// The ledger; absent when no key was there to name one.
    pub(super) origin: Option<String>,
    /// Its number, from 1.
    pub(super) number: u32,
    /// The root over all entries before it.
    pub(super) previous_root: Sha256,
}

impl Statement {
    pub(super) fn new(ledger: LedgerPosition, maker: Maker, delivery: Delivered) -> Self {
        Self {
            of: STATEMENT.to_owned(),
            subject: vec![Subject {
                name: delivery.file_name.clone(),
                digest: SubjectDigest {
                    sha256: delivery.sha256,
                },
            }],
            predicate_type: DELIVERY.to_owned(),
            predicate: Entry {
                ledger,
                maker,
                delivery,
            },
        }
    }

    /// What an envelope holds, whoever signed it.
    pub(super) fn of(envelope: &Envelope) -> Option<Self> {
        Self::read(&envelope.payload()?)
    }

    /// Reads a payload; `None` when it is no statement of ours, or its subject is not what its
    /// predicate speaks of.
    pub(super) fn read(payload: &[u8]) -> Option<Self> {
        let statement: Self = serde_json::from_slice(payload).ok()?;
        let [subject] = statement.subject.as_slice() else {
            return None;
        };
        let delivery = &statement.predicate.delivery;
        let fits = statement.of == STATEMENT
            && statement.predicate_type == DELIVERY
            && subject.name == delivery.file_name
            && subject.digest.sha256 == delivery.sha256;
        fits.then_some(statement)
    }
}
