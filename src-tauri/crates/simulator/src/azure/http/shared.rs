//! What the handlers share.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::azure::{sign_in::Issuer, state::Store};

/// What the handlers share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    /// The instance's name.
    pub(crate) instance: String,
    pub(crate) store: Mutex<Store>,
    pub(crate) issuer: Arc<Issuer>,
    /// Most items of a page.
    pub(crate) page_items: usize,
    /// Most imports and deletes at a time.
    pub(crate) most_jobs: usize,
    /// The jobs that run.
    pub(crate) jobs: TaskTracker,
    /// Ends them.
    pub(crate) end: CancellationToken,
}

/// The instance while somebody reads or changes it. What was changed is saved when this is dropped,
/// which is before the answer goes out.
#[derive(Debug)]
pub(crate) struct Held<'a>(MutexGuard<'a, Store>);

impl Shared {
    /// The instance as it is now: what is due has happened.
    pub(crate) fn store(&self) -> Held<'_> {
        let mut store = Held(self.store.lock().unwrap_or_else(PoisonError::into_inner));
        store.settle();
        store
    }

    /// Why the last change could not be saved; it is tried again first.
    pub(crate) fn save_failure(&self) -> Option<String> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.save_failure()?;
        store.save();
        store.save_failure().map(str::to_owned)
    }
}

impl Deref for Held<'_> {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.0
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut Store {
        &mut self.0
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.save();
    }
}
