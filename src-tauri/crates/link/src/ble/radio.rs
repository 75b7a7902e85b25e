//! The radio of this computer behind the system's Bluetooth service.

use std::pin::Pin;

use btleplug::api::{Central as _, CentralEvent, CentralState, Manager as _, ScanFilter};
use btleplug::platform::{Adapter, Manager};
use futures::Stream;
use tokio::time::timeout;

use super::air::Radio;
use super::errors::failed;
use super::timing::SERVICE;
use crate::LinkError;

/// What comes from the radio by itself.
pub(super) type Events = Pin<Box<dyn Stream<Item = CentralEvent> + Send>>;

/// A radio that is switched on.
pub(super) struct Switched {
    manager: Manager,
    pub(super) adapter: Adapter,
}

/// Finds a radio that is switched on: the first one. It is never switched on from here.
pub(super) async fn find() -> Result<(Switched, Events), Radio> {
    let manager = in_time(Manager::new()).await?;
    let adapter = first(&manager).await?;
    let events = in_time(adapter.events()).await?;
    Ok((Switched { manager, adapter }, events))
}

impl Switched {
    /// What the radio is now. The service may have been started anew, and answers nothing over an old connection.
    pub(super) async fn still(&self) -> Radio {
        match first(&self.manager).await {
            Ok(_) => Radio::On,
            Err(radio) => radio,
        }
    }

    /// Begins to listen.
    pub(super) async fn listen(&self) -> Result<(), Radio> {
        in_time(self.adapter.start_scan(ScanFilter::default())).await
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

async fn in_time<T>(asked: impl Future<Output = Result<T, btleplug::Error>>) -> Result<T, Radio> {
    match timeout(SERVICE, asked).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(match failed("Bluetooth", &error) {
            LinkError::Denied { why, .. } => Radio::Denied(why),
            _ => Radio::Absent,
        }),
        Err(_) => Err(Radio::Absent),
    }
}
