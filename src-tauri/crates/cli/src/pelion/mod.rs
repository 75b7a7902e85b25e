//! Pelion on the command line: one command for each operation of the service, the offline manifests,
//! and what `deliver` and `job` show of a campaign.

mod answer;
mod arguments;
mod campaign_devices;
mod campaign_watch;
mod campaigns;
mod chunks;
mod client;
mod devices;
mod events;
mod groups;
mod images;
pub(crate) mod job;
pub(crate) mod manifest;
mod manifests;
mod queries;
mod query;
mod run;
mod upload_jobs;

pub(crate) use self::arguments::{CampaignOptions, DemoParts, Pelion};
pub(crate) use self::run::run;
