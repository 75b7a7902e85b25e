//! Pelion / Izuma Device Management Update: firmware images, manifests, campaigns and devices.
//!
//! [`Pelion`] has one method per operation of the service, each one request; [`upload`] is the task
//! that brings a file over and resumes it. Manifests are made and signed elsewhere.

mod account;
pub mod blast_radius;
pub mod campaign;
mod changed_name;
mod client;
mod connection;
mod cursor;
mod device_groups;
mod device_queries;
mod devices;
mod error;
mod exchange;
pub mod filter;
mod firmware_images;
mod firmware_manifests;
mod limits;
mod query;
mod refusal;
mod repeated_queries;
pub mod rollout;
mod service_clock;
mod settle;
mod subject;
mod update_campaigns;
pub mod upload;
mod upload_jobs;
mod wire;

pub use account::{AccessKey, PelionAccount};
pub use client::Pelion;
pub use error::PelionError;
pub use filter::{
    AttributeKind, Collection, Filter, FilterAttribute, FilterError, FilterText, FilterWarning,
    Operator, attributes,
};
pub use firmware_images::NewImage;
pub use firmware_manifests::NewManifest;
pub use limits::{
    DESCRIPTION_CHARACTERS, FILE_NAME_CHARACTERS, LARGEST_CHUNK_BYTES, MANIFEST_BYTES,
    MANIFEST_FILE_NAME_CHARACTERS, MOST_CHUNKS, NAME_CHARACTERS, QUERY_CHARACTERS,
    QUERY_NAME_CHARACTERS, SINGLE_POST_BELOW_BYTES, SMALLEST_CHUNK_BYTES, URL_CHARACTERS,
};
pub use query::{FilterDialect, ListQuery, Order};
pub use refusal::Refusal;
pub use repeated_queries::{Notes, RepeatedQueries};
pub use wire::{
    Campaign, CampaignChange, CampaignDevice, CampaignDraft, Chunk, Device, DeviceEvent,
    DeviceGroup, EventTypeCount, FirmwareImage, FirmwareManifest, Page, SavedQuery, Strategy,
    SummaryStatus, UploadJob,
};
