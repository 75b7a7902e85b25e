//! The ledger: which bytes went where, when, with what proof. Append-only, each entry sealed by a
//! hash over itself and the entry before.
//!
//! Deliveries into the simulated world have a chain of their own.

mod entry;
mod table;

pub use entry::{Chain, Delivered, DeliveredResult, LedgerEntry, LedgerFault};
pub(crate) use table::append;
