//! Pelion as faces use it: the acts on an account, and what is made of the service's types for a
//! screen. The service's own types are re-exported.
//!
//! Deliveries are no acts of this module: a plan of any kind of destination becomes a job.

mod campaign_copy;
mod campaign_device;
mod campaign_devices;
mod campaign_table;
mod campaign_view;
mod campaigns;
mod device_filter;
mod device_row;
mod fleet;
mod lists;
mod manifest;
mod manifest_keys;
mod manifest_maker;
mod manifest_order;
mod manifests;
mod query;

use firmdrop_core::Diagnosis;

use crate::Firmdrop;

pub use campaign_device::{CampaignDeviceRow, DeviceEnd};
pub use campaign_table::CampaignTable;
pub use campaign_view::{CampaignLive, CampaignView, Cause};
pub use device_filter::{FilterRead, filter_attributes, read_filter, write_filter};
pub use device_row::{DeviceDetail, DeviceRow, TimedEvent};
pub use manifest::ManifestView;
pub use manifest_keys::ManifestKeys;
pub use manifest_order::ManifestOrder;
pub use query::{BlastQuery, CloudKind, PageQuery};

pub use firmdrop_backend::pelion::{CampaignSpec, ManifestSpec, PelionOptions, PlannedCampaign};
pub use firmdrop_cloud::pelion::blast_radius::{BlastRadius, ManifestFacts};
pub use firmdrop_cloud::pelion::*;
pub use firmdrop_manifest::KeyEntry;

/// An account of the service, with the acts on what it holds. Each act connects by itself, with the
/// account as it is then.
#[derive(Debug, Clone)]
pub struct Service {
    firmdrop: Firmdrop,
    account: String,
}

impl Firmdrop {
    /// The acts on what this account holds. Nothing is connected yet.
    pub fn pelion(&self, account: &str) -> Service {
        Service {
            firmdrop: self.clone(),
            account: account.to_owned(),
        }
    }
}

impl Service {
    /// A client with one method for each operation of the service.
    pub async fn client(&self) -> Result<Pelion, Diagnosis> {
        let accounts = self.firmdrop.engine().accounts();
        let client = firmdrop_backend::pelion::client(accounts, &self.account).await?;
        Ok(client.alone())
    }
}
