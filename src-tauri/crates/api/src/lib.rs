//! What a person can ask for, in types that cross to every face.
//!
//! The engine's types are re-exported, never copied.

mod account;
mod feed;
mod settings;
mod startup;
mod verdict;

pub use account::{
    AccountDraft, AccountView, ConnectionReport, ConnectionStep, KeyStorage, StepResult,
};
pub use feed::{Feed, FeedChange};
pub use settings::{Density, Settings, Theme};
pub use startup::{DemoFault, DemoState, Startup};
pub use verdict::{DestinationOffer, OfferGroup, ReaderView, Verdict};

pub use firmdrop_core::{Code, Diagnosis, Fit, Moment, Outcome, Remedy};
pub use firmdrop_engine::{DeliveryOptions, Job, JobId, JobSummary, Plan, PlanId};
pub use firmdrop_image::Inspection;
