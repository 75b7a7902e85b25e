//! Whom a campaign would touch, before it is started: who matches, who fits, who has it already, who
//! is in another campaign, and what would make the start fail.
//!
//! It reads pages as they come and keeps numbers, ids in a compact form and a few samples, never the
//! devices. It changes nothing.

mod complete;
mod judge;
mod local_match;
mod notes;
mod overlap;
mod reader;
mod report;
mod request;
mod run;

pub use judge::MAIN_COMPONENT;
pub use notes::count_changed;
pub use report::{Affected, BlastNote, BlastRadius, CampaignOverlap, DeviceSample};
pub use request::{BlastManifest, BlastProgress, BlastRequest, ManifestFacts};
pub use run::blast_radius;
