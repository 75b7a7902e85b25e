//! What a cloud account holds, and what a person does there outside of jobs.

mod campaign_copy;
mod campaign_devices;
mod campaign_table;
mod campaigns;
mod devices;
mod lists;
mod manifest_keys;
mod manifest_maker;
mod manifests;

pub use campaign_table::CampaignTable;

use firmdrop_cloud::pelion::Pelion;
use firmdrop_core::Diagnosis;

impl super::Firmdrop {
    /// A client of an account's service. Waits for the key store.
    pub async fn pelion_client(&self, account: &str) -> Result<Pelion, Diagnosis> {
        firmdrop_backend::pelion::client(self.engine().accounts(), account).await
    }
}
