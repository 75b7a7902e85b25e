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
