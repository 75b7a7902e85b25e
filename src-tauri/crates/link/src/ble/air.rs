//! What is known of the air: the radio of this computer, and every device that was heard.
//!
//! Values that one task fills and everybody reads; nobody waits for the radio to read them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use btleplug::platform::PeripheralId;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::device::Device;
use super::timing::LEASE;
use crate::LinkError;

/// Devices that are remembered. A trade fair has some hundreds.
const MOST_DEVICES: usize = 512;

/// The radio of this computer, as far as is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Radio {
    /// Nobody looked yet.
    #[default]
    Unknown,
    /// It listens, or could.
    On,
    /// It is switched off.
    Off,
    /// There is none, or no service of the system that drives it.
    Absent,
    /// The system does not let this account use it.
    Denied(String),
}

/// What is known of the air.
#[derive(Debug, Default)]
pub(super) struct Air {
    known: Mutex<Known>,
    /// Grows with each look.
    refreshes: watch::Sender<u64>,
    /// Until when somebody wants to know.
    wanted: Mutex<Option<Instant>>,
    pub(super) asked: Notify,
    /// Somebody opens a device: an old look at the radio is not enough.
    pub(super) opening: Notify,
}

#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) radio: Radio,
    /// When the radio was found to be so.
    refreshed_at: Option<Instant>,
    pub(super) devices: HashMap<PeripheralId, Device>,
    /// Since when is listened; `None` while nobody does.
    pub(super) since: Option<Instant>,
    /// Links that are open, and whom to tell that a device disconnected.
    pub(super) links: HashMap<PeripheralId, watch::Sender<bool>>,
    /// Opens that wait for a device to be heard.
    pub(super) openings: usize,
}

impl Air {
    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody wants to know: it is listened for a while.
    pub(super) fn want(&self) {
        let until = Instant::now() + LEASE;
        *self.wanted.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
        self.asked.notify_one();
    }

    /// Whether somebody wanted to know lately.
    pub(super) fn is_wanted(&self) -> bool {
        let until = *self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// A device is connected from now on: a disconnection that was reported before is of an earlier connection.
    pub(super) fn begins(&self, id: &PeripheralId) {
        if let Some(lost) = self.known().links.get(id) {
            lost.send_replace(false);
        }
    }

    /// What was found out is there to be read.
    pub(super) fn refreshed(&self) {
        self.refreshes
            .send_modify(|refreshes| *refreshes = refreshes.wrapping_add(1));
    }

    /// Waits until something is known that satisfies.
    pub(super) async fn until<T>(&self, mut satisfies: impl FnMut(&Known) -> Option<T>) -> T {
        let mut refreshes = self.refreshes.subscribe();
        loop {
            refreshes.borrow_and_update();
            if let Some(found) = satisfies(&self.known()) {
                return found;
            }
            if refreshes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Puts what the radio is now; without one that is on, no device is there and every link is lost.
    pub(super) fn set_radio(&self, radio: Radio) {
        let mut known = self.known();
        if radio != Radio::On {
            known.devices.clear();
            known.since = None;
            for lost in known.links.values() {
                lost.send_replace(true);
            }
        }
        known.radio = radio;
        known.refreshed_at = Some(Instant::now());
        drop(known);
        self.refreshed();
    }
}

impl Known {
    /// Puts a device into the list, unless it is full.
    pub(super) fn put(&mut self, id: PeripheralId, device: Device) {
        if self.devices.len() < MOST_DEVICES || self.devices.contains_key(&id) {
            self.devices.insert(id, device);
        }
    }

    /// The error of a radio that cannot be used, once it was looked at since then.
    pub(super) fn unusable_since(&self, began: Instant, place: &str) -> Option<LinkError> {
        let refreshed_at = self
            .refreshed_at
            .is_some_and(|refreshed_at| refreshed_at >= began);
        refreshed_at.then(|| self.unusable(place))?
    }

    /// The error of a radio that cannot be used.
    pub(super) fn unusable(&self, place: &str) -> Option<LinkError> {
        let place = place.to_owned();
        match &self.radio {
            Radio::Unknown | Radio::On => None,
            Radio::Off => Some(LinkError::RadioOff { place, there: true }),
            Radio::Absent => Some(LinkError::RadioOff {
                place,
                there: false,
            }),
            Radio::Denied(why) => Some(LinkError::Denied {
                place,
                why: why.clone(),
            }),
        }
    }
}
