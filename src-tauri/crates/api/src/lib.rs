//! What a person can ask for, in types that cross to every face.
//!
//! The engine's types are re-exported, never copied. Nothing here knows a window, a terminal or the
//! simulated world; faces register what they offer when they open [`Firmdrop`].

mod account;
mod cloud;
mod code;
mod demo;
mod feed;
mod firmdrop;
mod settings;
mod startup;
mod verdict;

pub use account::{AccountDraft, AccountView};
pub use cloud::{
    BlastAsk, CampaignDeviceRow, CampaignLive, CampaignView, Cause, CloudAsk, CloudKind,
    DeviceDetail, DeviceEnd, DeviceRow, FilterRead, ManifestOrder, ManifestView, TimedEvent,
    filter_attributes, read_filter, write_filter,
};
pub use code::{ErrorCode, error_codes};
pub use demo::{DemoMaker, DemoService, DemoWorld};
pub use feed::{Feed, FeedChange};
pub use firmdrop::{CampaignTable, Firmdrop, FirmdropOptions, Watch};
pub use settings::{Density, Settings, Theme};
pub use startup::{DemoFault, DemoServiceView, DemoState, Startup};
pub use verdict::{DestinationOffer, OfferGroup, ReaderView, Verdict};

pub use firmdrop_backend::BackendOptions;
pub use firmdrop_backend::pelion::{CampaignSpec, ManifestSpec, PelionOptions, PlannedCampaign};
pub use firmdrop_cloud::pelion;
pub use firmdrop_cloud::pelion::blast_radius::{BlastRadius, ManifestFacts};
pub use firmdrop_core::{
    Code, ConnectionReport, Diagnosis, Fit, Moment, Outcome, Remedy, StepResult,
};
pub use firmdrop_engine::{
    AccessKey, Account, Chain, Change, DeliveryOptions, DemoAddress, Destination, Engine, Home, Job, JobId,
    JobState, JobSummary, KeyStorage, LedgerEntry, Plan, PlanId, Recovery,
};
pub use firmdrop_image::{FileDigests, Inspection};
pub use firmdrop_manifest::KeyEntry;
