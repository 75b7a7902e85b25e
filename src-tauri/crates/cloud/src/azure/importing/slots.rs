//! At most ten imports and deletions at a time for one instance: the service refuses more.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::azure::{DeviceUpdate, MOST_JOBS_AT_ONCE};

static SLOTS: LazyLock<Mutex<HashMap<String, Arc<Semaphore>>>> = LazyLock::new(Mutex::default);

/// The right to have one more operation running; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    _permit: Option<OwnedSemaphorePermit>,
}

/// Waits for a slot of this instance.
pub(super) async fn slot(service: &DeviceUpdate) -> Slot {
    let key = format!("{}/{}", service.host(), service.instance());
    let slots = {
        let mut all = SLOTS.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Semaphore::new(MOST_JOBS_AT_ONCE));
        Arc::clone(all.entry(key).or_insert_with(new))
    };
    Slot {
        // It is never closed.
        _permit: slots.acquire_owned().await.ok(),
    }
}
