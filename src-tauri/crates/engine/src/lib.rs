//! Jobs: what is planned, carried out, written down and proved.
//!
//! The engine knows loaders and cloud services. It has never heard of a window, a terminal or a
//! web request; every face asks it through the crate above.

mod account;
mod delivery;
mod demo_world;
mod destination;
mod download;
mod file;
mod home;
mod job;
mod journal;
mod ledger;
mod lock;
mod plan;

pub use account::{AccessKey, Account, Accounts, KeyStorage};

pub use delivery::{Change, Changes, Engine, EngineOptions, Following, Recovery};
pub use demo_world::{DemoAddress, DemoClaim, DemoPlace};
pub use destination::{Destination, DestinationError};
pub use download::download;
pub use file::{FileIdentity, FileSource};
pub use home::Home;
pub use job::{
    Job, JobId, JobIdError, JobState, JobSummary, Pace, PhaseResult, PhaseRun, Piece, PieceState,
    TimedNote,
};
pub use journal::{Journal, JournalError};
pub use ledger::{Chain, Delivered, DeliveredResult, LedgerEntry, LedgerFault};
pub use plan::{
    CampaignSpec, DEMO_KEY, DeliveryOptions, ImageFile, Impact, LONGEST_DESCRIPTION, LONGEST_NAME,
    ManifestSpec, Plan, PlanId, PlannedCampaign, PlannedManifest, digest, inspect, sha256,
};
