//! The radio of this computer behind the system's Bluetooth service.

use std::pin::Pin;

use btleplug::api::{Central as _, CentralEvent, CentralState, Manager as _, ScanFilter};
use btleplug::platform::{Adapter, Manager};
use futures::Stream;
use tokio::time::{sleep, timeout};

use super::air::Radio;
use super::errors::failed;
use super::timing::{BUSY, SERVICE, STARTS};
use crate::LinkError;

/// What comes from the radio by itself.
pub(super) type Events = Pin<Box<dyn Stream<Item = CentralEvent> + Send>>;

/// A radio that is switched on.
pub(super) struct ActiveRadio {
    manager: Manager,
    pub(super) adapter: Adapter,
}

/// Finds a radio that is switched on: the first one. It is never switched on from here.
pub(super) async fn find() -> Result<(ActiveRadio, Events), Radio> {
    let manager = in_time(Manager::new()).await?;
    let adapter = first(&manager).await?;
    let events = in_time(adapter.events()).await?;
    Ok((ActiveRadio { manager, adapter }, events))
}

impl ActiveRadio {
    /// What the radio is now. The service may have been started anew, and answers nothing over an old connection.
    pub(super) async fn still(&self) -> Radio {
        match first(&self.manager).await {
            Ok(_) => Radio::On,
            Err(radio) => radio,
        }
    }

    /// Begins to listen. A radio that was just switched on is busy for a moment.
    pub(super) async fn listen(&self) -> Result<(), Radio> {
        let mut tries = 1;
        loop {
            let began = timeout(SERVICE, self.adapter.start_scan(ScanFilter::default())).await;
            match began {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) if listens_already(&error) => return Ok(()),
                Ok(Err(error)) if tries >= STARTS => return Err(radio_of(&error)),
                Err(_) => return Err(Radio::Absent),
                Ok(Err(_)) => {}
            }
            tries += 1;
            sleep(BUSY).await;
        }
    }

    /// Listens no more. A service that is gone listens no more either.
    pub(super) async fn end(&self) {
        let _ = timeout(SERVICE, self.adapter.stop_scan()).await;
    }
}

async fn first(manager: &Manager) -> Result<Adapter, Radio> {
    let adapters = in_time(manager.adapters()).await?;
    let mut radio = Radio::Absent;
    for adapter in adapters {
        match in_time(adapter.adapter_state()).await? {
            CentralState::PoweredOff => radio = Radio::Off,
            // Some systems do not say.
            CentralState::PoweredOn | CentralState::Unknown => return Ok(adapter),
        }
    }
    Err(radio)
}

/// What `BlueZ` says when this program listens already (`org.bluez.Error.InProgress`).
fn listens_already(error: &btleplug::Error) -> bool {
    let said = error.to_string().to_ascii_lowercase();
    said.contains("already in progress")
}

/// What a radio is whose service refuses with this.
fn radio_of(error: &btleplug::Error) -> Radio {
    match failed("Bluetooth", error) {
        LinkError::Denied { why, .. } => Radio::Denied(why),
        _ => Radio::Absent,
    }
}

async fn in_time<T>(asked: impl Future<Output = Result<T, btleplug::Error>>) -> Result<T, Radio> {
    match timeout(SERVICE, asked).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(radio_of(&error)),
        Err(_) => Err(Radio::Absent),
    }
}
