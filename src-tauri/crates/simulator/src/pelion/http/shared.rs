//! What the handlers share.

use std::{
    net::SocketAddr,
    ops::{Deref, DerefMut},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::pelion::state::{Account, Storage, UploadRecorder};

/// What the handlers share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) address: SocketAddr,
    pub(crate) account: Mutex<Account>,
    pub(crate) storage: Storage,
    pub(crate) uploads: UploadRecorder,
    pub(crate) refuse_taken_image_name: bool,
}

/// The account while somebody reads or changes it. What was changed is saved when this is dropped,
/// which is before the answer goes out.
#[derive(Debug)]
pub(crate) struct HeldAccount<'a>(MutexGuard<'a, Account>);

impl Shared {
    /// The account as it is now: what is due has happened.
    pub(crate) fn account(&self) -> HeldAccount<'_> {
        let mut account = HeldAccount(self.lock());
        account.settle();
        account
    }

    /// Why the last change could not be saved; it is tried again first.
    pub(crate) fn save_failure(&self) -> Option<String> {
        let mut account = self.lock();
        account.save_failure()?;
        account.save();
        account.save_failure().map(str::to_owned)
    }

    fn lock(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deref for HeldAccount<'_> {
    type Target = Account;

    fn deref(&self) -> &Account {
        &self.0
    }
}

impl DerefMut for HeldAccount<'_> {
    fn deref_mut(&mut self) -> &mut Account {
        &mut self.0
    }
}

impl Drop for HeldAccount<'_> {
    fn drop(&mut self) {
        self.0.save();
    }
}
