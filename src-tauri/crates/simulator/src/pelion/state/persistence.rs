//! How an account is saved.

use super::store::Store;

/// How an account is saved.
#[derive(Debug)]
pub(crate) struct Persistence {
    pub(super) store: Store,
    /// The last id of the inventory: what came later is no part of the beginning.
    pub(super) last_beginning_id: u64,
    /// Why the last change is not saved.
    pub(super) failure: Option<String>,
}
