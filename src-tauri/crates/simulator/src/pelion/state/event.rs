//! What happened to a device.

use firmdrop_core::{Moment, Sha256};
use serde::{Deserialize, Serialize};

use super::{code::Code, id::Id};

/// One event.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct DeviceEvent {
    pub(crate) device: Id,
    pub(crate) campaign: Option<Id>,
    pub(crate) code: Code,
    pub(crate) at: Moment,
    /// The checksum of the firmware the device has run since.
    pub(crate) firmware_checksum: Option<Sha256>,
}
