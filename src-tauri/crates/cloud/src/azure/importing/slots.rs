//! At most ten imports and deletions at a time for one instance: the service refuses more.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use firmdrop_core::NoteKind;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Duration;

use super::ImportError;
use super::run::Run;
use crate::azure::{DeviceUpdate, MOST_JOBS_AT_ONCE};

/// Time between two notes that it waits: well below the silence after which a phase is stalled.
const SAID_EVERY: Duration = Duration::from_mins(5);

static SLOTS: LazyLock<Mutex<HashMap<String, Arc<Semaphore>>>> = LazyLock::new(Mutex::default);

/// The right to have one more operation running; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    _permit: Option<OwnedSemaphorePermit>,
}

/// One that is free now.
pub(super) fn free(service: &DeviceUpdate) -> Option<Slot> {
    let permit = slots(service).try_acquire_owned().ok()?;
    Some(Slot {
        _permit: Some(permit),
    })
}

/// Waits for one, and says so again and again: it may take as long as ten imports do.
pub(super) async fn wait(run: &Run<'_>) -> Result<Slot, ImportError> {
    if let Some(slot) = free(run.service) {
        return Ok(slot);
    }
    let turn = slots(run.service).acquire_owned();
    tokio::pin!(turn);
    loop {
        run.note(
            NoteKind::Step,
            "Waiting: ten imports of this instance are under way",
        );
        let turn = tokio::time::timeout(SAID_EVERY, &mut turn);
        match run.session.unless_stopped(turn).await {
            None => return Err(run.stopped()),
            // The semaphore is never closed.
            Some(Ok(permit)) => {
                return Ok(Slot {
                    _permit: permit.ok(),
                });
            }
            Some(Err(_)) => {}
        }
    }
}

fn slots(service: &DeviceUpdate) -> Arc<Semaphore> {
    let key = format!("{}/{}", service.host(), service.instance());
    let mut all = SLOTS.lock().unwrap_or_else(PoisonError::into_inner);
    let new = || Arc::new(Semaphore::new(MOST_JOBS_AT_ONCE));
    Arc::clone(all.entry(key).or_insert_with(new))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::{ApiVersion, AzureAccount, sign_in::PastedToken};

    fn service(host: &str) -> DeviceUpdate {
        let account = AzureAccount {
            name: "contoso".to_owned(),
            service: host.to_owned(),
            instance: "blue".to_owned(),
            api_version: ApiVersion::default(),
            proxy: None,
            extra_ca_pem: None,
            production: false,
        };
        DeviceUpdate::new(&account, Arc::new(PastedToken::new("t".to_owned().into()))).unwrap()
    }

    #[test]
    fn ten_imports_of_an_instance_run_and_the_next_has_its_turn_when_one_ends() {
        let (contoso, other) = (service("contoso.example"), service("other.example"));
        let mut held: Vec<Slot> = std::iter::from_fn(|| free(&contoso)).collect();
        assert_eq!(held.len(), MOST_JOBS_AT_ONCE);
        assert!(free(&other).is_some(), "another account has its own");
        held.pop();
        assert!(free(&contoso).is_some());
    }
}
