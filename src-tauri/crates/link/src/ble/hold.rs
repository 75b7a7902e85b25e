//! Who has a device: one link at a time, and none before the last one was given up.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use btleplug::api::Peripheral as _;
use btleplug::platform::{Peripheral, PeripheralId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;

use super::air::Air;
use super::threads;
use super::timing::{LEAVE, LET_GO};
use crate::LinkError;

/// By device. Those that were ever opened stay; a bench has some hundreds.
static DEVICES: LazyLock<Mutex<HashMap<PeripheralId, Arc<Semaphore>>>> =
    LazyLock::new(Mutex::default);

/// A device that is this link's own. Dropping it disconnects, and gives the device back once that is done. It waits for
/// the threads of the radio: it is not to be dropped on them.
#[derive(Debug)]
pub(super) struct DeviceHold {
    peripheral: Peripheral,
    air: Arc<Air>,
    /// Whether it disconnected.
    pub(super) lost: watch::Receiver<bool>,
    held: Option<OwnedSemaphorePermit>,
}

impl DeviceHold {
    /// Takes a device that nobody has; one that is being given up is waited for.
    pub(super) async fn take(
        peripheral: &Peripheral,
        air: Arc<Air>,
        place: &str,
    ) -> Result<Self, LinkError> {
        let free = {
            let mut devices = DEVICES.lock().unwrap_or_else(PoisonError::into_inner);
            let one = || Arc::new(Semaphore::new(1));
            Arc::clone(devices.entry(peripheral.id()).or_insert_with(one))
        };
        let place = || place.to_owned();
        let held = timeout(LET_GO, free.acquire_owned()).await;
        let held = held.map_err(|_| LinkError::Busy { place: place() })?;
        let held = held.map_err(|_| LinkError::Busy { place: place() })?;
        let (lost, receiver) = watch::channel(false);
        air.known().links.insert(peripheral.id(), lost);
        Ok(Self {
            peripheral: peripheral.clone(),
            air,
            lost: receiver,
            held: Some(held),
        })
    }
}

impl Drop for DeviceHold {
    fn drop(&mut self) {
        let (peripheral, held) = (self.peripheral.clone(), self.held.take());
        let lost = *self.lost.borrow();
        self.air.known().links.remove(&peripheral.id());
        self.air.asked.notify_one();
        if lost {
            return;
        }
        let Ok(threads) = threads::threads() else {
            return;
        };
        let (done, is_done) = std::sync::mpsc::channel::<()>();
        threads.spawn(async move {
            let disconnecting = async {
                let _ = peripheral.disconnect().await;
                drop(done);
                while peripheral.is_connected().await.unwrap_or(false) {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            let _ = timeout(LET_GO, disconnecting).await;
            drop(held);
        });
        let _ = is_done.recv_timeout(LEAVE);
    }
}
