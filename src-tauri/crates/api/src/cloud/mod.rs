//! A cloud account's contents, as faces show them.
//!
//! The service's own types are re-exported by [`crate::pelion`]; here is only what is made of them
//! for a screen.

mod ask;
mod campaign;
mod campaign_device;
mod device_row;
mod filter;
mod manifest;
mod manifest_order;

pub use ask::{BlastAsk, CloudAsk, CloudKind};
pub use campaign::{CampaignLive, CampaignView, Cause};
pub use campaign_device::{CampaignDeviceRow, DeviceEnd};
pub use device_row::{DeviceDetail, DeviceRow, TimedEvent};
pub use filter::{FilterRead, filter_attributes, read_filter, write_filter};
pub use manifest::ManifestView;
pub use manifest_order::ManifestOrder;
