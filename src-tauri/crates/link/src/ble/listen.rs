//! Listens to the air while somebody wants to know, and to open links always.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use btleplug::api::{Central as _, CentralEvent, CentralState, Peripheral as _};
use btleplug::platform::PeripheralId;
use futures::StreamExt as _;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::air::{Air, Radio};
use super::device::Device;
use super::radio::{self, ActiveRadio, Events};
use super::timing::{ABSENT, FORGOTTEN, REFRESH, SERVICE, UNHEARD};

/// Devices that are asked for in one look. The others come with the next one.
const MOST_AT_ONCE: usize = 64;

/// Listens whenever it is wanted. A driver that panics costs what was heard, and it is begun anew.
pub(super) async fn whenever_wanted(air: Arc<Air>) {
    loop {
        air.asked.notified().await;
        let listening = tokio::spawn(listen(Arc::clone(&air)));
        if listening.await.is_err() {
            air.set_radio(Radio::Absent);
            sleep(ABSENT).await;
        }
    }
}

/// Until the radio is gone.
async fn listen(air: Arc<Air>) {
    let (switched, mut events) = match radio::find().await {
        Ok(found) => found,
        Err(radio) => {
            air.set_radio(radio);
            // Whoever opens a device wants to know what it is now.
            let _ = timeout(ABSENT, air.opening.notified()).await;
            return;
        }
    };
    air.set_radio(Radio::On);
    let ended = follow(&air, &switched, &mut events).await;
    air.set_radio(ended);
}

/// What happened to a device since the last look.
#[derive(Debug, Default)]
struct RadioEvents {
    heard: HashSet<PeripheralId>,
    changed: HashSet<PeripheralId>,
}

/// Follows the radio until it is switched off or gone; returns what it is then.
async fn follow(air: &Air, switched: &ActiveRadio, events: &mut Events) -> Radio {
    let mut happened = RadioEvents::default();
    let mut listens = false;
    let mut tick = interval(REFRESH);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let wanted = wants(air);
        if wanted != listens {
            let now = switched.still().await;
            if now != Radio::On {
                return now;
            }
            if wanted {
                if let Err(radio) = switched.listen().await {
                    return radio;
                }
                air.known().since = Some(tokio::time::Instant::now());
            } else {
                switched.end().await;
                air.known().since = None;
            }
            listens = wanted;
            tick.reset();
        }
        tokio::select! {
            event = events.next() => match event {
                None => return Radio::Absent,
                Some(CentralEvent::StateUpdate(CentralState::PoweredOff)) => return Radio::Off,
                Some(CentralEvent::DeviceDisconnected(id)) => disconnected(air, switched, &id).await,
                Some(event) => happened.take(event),
            },
            () = air.asked.notified(), if !listens => {}
            _ = tick.tick(), if listens => refresh(air, switched, &mut happened).await,
        }
    }
}

/// Whether it is to be listened now: not beside links, which are slower for it, unless one is just opened.
fn wants(air: &Air) -> bool {
    let (links, openings) = {
        let known = air.known();
        (known.links.len(), known.openings)
    };
    openings > 0 || links == 0 && air.is_wanted()
}

impl RadioEvents {
    fn take(&mut self, event: CentralEvent) {
        match event {
            CentralEvent::RssiUpdate { id, .. }
            | CentralEvent::ManufacturerDataAdvertisement { id, .. }
            | CentralEvent::ServiceDataAdvertisement { id, .. } => {
                self.heard.insert(id);
            }
            CentralEvent::DeviceDiscovered(id)
            | CentralEvent::DeviceUpdated(id)
            | CentralEvent::ServicesAdvertisement { id, .. } => {
                self.changed.insert(id);
            }
            _ => {}
        }
    }
}

/// Ends the link to a device that disconnected. What is read late may be of an earlier connection: the system is
/// asked what is so now.
async fn disconnected(air: &Air, switched: &ActiveRadio, id: &PeripheralId) {
    if !air.known().links.contains_key(id) {
        return;
    }
    let connected = async {
        let peripheral = switched.adapter.peripheral(id).await.ok()?;
        peripheral.is_connected().await.ok()
    };
    let connected = timeout(SERVICE, connected).await;
    if connected != Ok(Some(true))
        && let Some(lost) = air.known().links.get(id)
    {
        lost.send_replace(true);
    }
}

/// Puts what happened into the list, and takes out what is heard no more.
async fn refresh(air: &Air, switched: &ActiveRadio, happened: &mut RadioEvents) {
    let now = Instant::now();
    let mut asked: Vec<(PeripheralId, bool)> = Vec::new();
    let heard: Vec<_> = happened.heard.iter().take(MOST_AT_ONCE).cloned().collect();
    for id in heard {
        happened.heard.remove(&id);
        happened.changed.remove(&id);
        asked.push((id, true));
    }
    let changed: Vec<_> = happened
        .changed
        .iter()
        .take(MOST_AT_ONCE)
        .cloned()
        .collect();
    for id in changed {
        happened.changed.remove(&id);
        asked.push((id, false));
    }
    let unheard: Vec<_> = {
        let known = air.known();
        let long = |device: &Device| device.heard.is_some_and(|at| now - at > UNHEARD);
        let unheard = known.devices.iter().filter(|(_, device)| long(device));
        unheard
            .map(|(id, _)| id.clone())
            .take(MOST_AT_ONCE)
            .collect()
    };
    asked.extend(unheard.into_iter().map(|id| (id, false)));
    for (id, heard) in asked {
        let device = timeout(SERVICE, read_device(switched, &id, heard, now)).await;
        let mut known = air.known();
        let before = known.devices.get(&id).and_then(|device| device.heard);
        match device {
            Ok(Some(mut device)) => {
                // One that the system lists with its signal was heard some time.
                let earlier = before.or(device.heard);
                device.heard = if heard { Some(now) } else { earlier };
                if device.heard.is_some_and(|at| now - at > FORGOTTEN) {
                    known.devices.remove(&id);
                } else {
                    known.put(id, device);
                }
            }
            Ok(None) => {
                known.devices.remove(&id);
            }
            // The service is slow; what was known stays.
            Err(_) => {}
        }
    }
    air.refreshed();
}

/// A device as the system describes it now; `None` when the system does not know it any more.
async fn read_device(
    switched: &ActiveRadio,
    id: &PeripheralId,
    heard: bool,
    now: Instant,
) -> Option<Device> {
    let peripheral = switched.adapter.peripheral(id).await.ok()?;
    let says = peripheral.properties().await.ok()??;
    // A service forgets the signal of a device with the listening: one with a signal was heard since then.
    let heard = heard || says.rssi.is_some();
    Some(Device::new(peripheral, &says, heard.then_some(now)))
}
