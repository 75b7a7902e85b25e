//! What the handlers share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::blob::{
    access::Gate,
    record::BlobRecorder,
    state::{Account, Storage},
};

/// What the handlers share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The account's name, the first segment of every path.
    pub(crate) name: String,
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    pub(crate) account: Mutex<Account>,
    pub(crate) storage: Storage,
    pub(crate) gate: Gate,
    pub(crate) recorder: BlobRecorder,
}

impl Shared {
    pub(crate) fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
