//! The two sides of an import and those who watch.

use firmdrop_core::DeliveryEvents;
use tokio_util::sync::CancellationToken;

use super::ImportRecord;
use crate::azure::DeviceUpdate;
use crate::azure::staging::BlobStore;

/// The two sides and those who watch.
#[derive(Clone, Copy)]
#[expect(
    missing_debug_implementations,
    reason = "it is two clients and those who watch"
)]
pub struct ImportRun<'a> {
    /// The service.
    pub service: &'a DeviceUpdate,
    /// The storage it reads from.
    pub store: &'a BlobStore,
    /// Remembers the acts.
    pub record: &'a dyn ImportRecord,
    /// Receives phases, notes and progress.
    pub events: &'a dyn DeliveryEvents,
    /// Set once it has to stop.
    pub cancel: &'a CancellationToken,
}
