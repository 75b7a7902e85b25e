//! Values that a device sends by itself, carried from the radio's threads to whoever wants them.

use async_trait::async_trait;
use btleplug::api::{Characteristic as Native, Peripheral as _};
use btleplug::platform::Peripheral;
use futures::StreamExt as _;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use super::errors::failed;
use super::threads;
use crate::{LinkError, Notifications};

/// Values that wait to be taken; at 247 bytes each, some seconds of a fast device.
const MOST_WAITING: usize = 256;

/// The values of one characteristic.
#[derive(Debug)]
pub(super) struct Notified {
    values: mpsc::Receiver<Result<Vec<u8>, LinkError>>,
    lost: watch::Receiver<bool>,
    place: String,
    task: AbortHandle,
}

impl Drop for Notified {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Switches the values on. Runs on the radio's threads.
pub(super) async fn subscribe(
    peripheral: Peripheral,
    native: Native,
    lost: watch::Receiver<bool>,
    place: String,
) -> Result<Notified, LinkError> {
    // First the way and then the source: no value comes between.
    let stream = peripheral.notifications().await;
    let mut stream = stream.map_err(|error| failed(&place, &error))?;
    let subscribed = peripheral.subscribe(&native).await;
    subscribed.map_err(|error| failed(&place, &error))?;
    let (sender, values) = mpsc::channel(MOST_WAITING);
    let overrun = LinkError::Overrun {
        place: place.clone(),
    };
    let carry = async move {
        while let Some(value) = stream.next().await {
            let ours = (value.service_uuid, value.uuid) == (native.service_uuid, native.uuid);
            if ours && sender.try_send(Ok(value.value)).is_err() {
                // Full: some are missing from here on. Or nobody wants them any more.
                let _ = sender.send(Err(overrun)).await;
                return;
            }
        }
    };
    Ok(Notified {
        values,
        lost,
        task: threads::threads()?.spawn(carry).abort_handle(),
        place,
    })
}

#[async_trait]
impl Notifications for Notified {
    async fn next(&mut self) -> Result<Vec<u8>, LinkError> {
        let gone = || LinkError::Lost {
            place: self.place.clone(),
        };
        tokio::select! {
            // What arrived before it disconnected is handed out first.
            biased;
            value = self.values.recv() => value.unwrap_or_else(|| Err(gone())),
            _ = self.lost.wait_for(|lost| *lost) => Err(gone()),
        }
    }
}
