//! The ledger: which bytes went where, when, with what proof. Append-only and sealed by published
//! formats, so that programs of others can check it:
//!
//! - an entry is an in-toto statement in a DSSE envelope, signed with the ledger's own Ed25519 key;
//! - the entries are the leaves of a Merkle tree by RFC 6962;
//! - its head is a C2SP checkpoint, a signed note, stored in the journal, beside it, in the key store
//!   and in every export.
//!
//! Deliveries into the simulated world have a chain of their own. Entries from before they were signed
//! stay as they are; the tree covers them too.

mod access;
mod checkpoint;
mod clean;
mod entry;
mod envelope;
mod examine;
mod export;
mod finding;
mod heads;
mod key;
mod known_job;
mod maker;
mod merkle;
mod note;
mod statement;
mod table;
#[cfg(test)]
mod tampering;
#[cfg(test)]
mod test_ledger;
mod verify;

pub use access::Ledger;
pub use entry::{Chain, Delivered, DeliveredResult, LedgerEntry};
pub use export::{Export, ExportHead, LARGEST_EXPORT_BYTES};
pub use finding::{FindingKind, LedgerFinding};
pub(crate) use heads::{Seal, publish};
pub(crate) use key::LedgerKeys;
pub use maker::{Maker, Station};
pub use note::Verifier;
pub(crate) use table::append;
pub use verify::{Against, KeyFound, LedgerReport};
