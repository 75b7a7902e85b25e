//! What is known about campaigns besides their wire form: what phases and states mean and allow, what
//! events mean and what to do about them, how counts add up, how often to look.
//!
//! Pure: nothing here asks the service. What nobody knows stays as the service wrote it.

mod act;
mod counts;
mod deployment_state;
mod end;
mod event_category;
mod event_code;
mod event_table;
mod pace;
mod phase;
mod start_failure;
mod state;
mod status;
mod word;

pub use act::CampaignAct;
pub use counts::CampaignCounts;
pub use deployment_state::{DeploymentMeaning, DeploymentProgress, deployment_meaning};
pub use end::{CampaignEnd, campaign_end};
pub(crate) use end::{UNCOUNTED, in_words};
pub use event_category::EventCategory;
pub use event_code::{EventMeaning, event_meaning};
pub use pace::{WatchPace, WatchPolicy};
pub use phase::CampaignPhase;
pub use start_failure::start_failure;
pub use state::{StateMeaning, state_meaning};

/// What everybody must know before stopping. Source: the guide, "Stopping an active campaign".
pub const STOP_DOES_NOT_CALL_BACK: &str = "A device whose update the service has already processed is not called back; it still installs the new firmware.";
pub use status::{CampaignStatus, status_of};
