//! Update campaigns: what they are, and how they move in time.
//!
//! Nothing runs in the background: whoever looks at the account first lets everything happen that
//! is due by then.

mod clock;
mod machine;
mod member;
mod pace;
mod phase;
mod saved;
mod verdict;

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::id::Id;
use member::Members;

pub(crate) use member::Member;
pub use pace::Pace;
pub(crate) use phase::{Phase, State};
pub(crate) use saved::{SavedCampaign, SavedMember};

/// How a campaign treats devices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Strategy {
    /// Those that match when it starts.
    #[default]
    OneShot,
    /// Those too that come later; taken over from other campaigns.
    Continuous,
}

/// When things happened to a campaign.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Times {
    pub(crate) started: Option<Moment>,
    pub(crate) starting: Option<Moment>,
    pub(crate) active: Option<Moment>,
    pub(crate) stopping: Option<Moment>,
    pub(crate) stopped: Option<Moment>,
    pub(crate) archived: Option<Moment>,
}

/// A campaign.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Campaign {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) device_filter: String,
    pub(crate) root_manifest: Option<Id>,
    pub(crate) strategy: Strategy,
    pub(crate) autostop: bool,
    pub(crate) autostop_success_percent: f64,
    pub(crate) approval_required: bool,
    pub(crate) when: Option<Moment>,
    pub(crate) phase: Phase,
    pub(crate) state: State,
    pub(crate) autostop_reason: String,
    pub(crate) times: Times,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    /// Saved one by one.
    #[serde(skip)]
    pub(crate) members: Members,
    /// When the state moves on by itself; saved as a moment.
    #[serde(skip)]
    moves_at: Option<Instant>,
    /// The state it ends in once it has stopped.
    ends_as: State,
    /// The devices that matched when it looked.
    fetched: Vec<Id>,
}

impl Campaign {
    pub(crate) fn new(now: Moment) -> Self {
        Self {
            name: "default_object_name".to_owned(),
            description: String::new(),
            device_filter: String::new(),
            root_manifest: None,
            strategy: Strategy::OneShot,
            autostop: true,
            autostop_success_percent: 100.0,
            approval_required: false,
            when: None,
            phase: Phase::Draft,
            state: State::Draft,
            autostop_reason: String::new(),
            times: Times::default(),
            created_at: now,
            updated_at: now,
            members: Members::default(),
            moves_at: None,
            ends_as: State::UserStopped,
            fetched: Vec::new(),
        }
    }

    /// When something happens next.
    pub(crate) fn due(&self) -> Option<Instant> {
        let times = [self.moves_at, self.members.due()];
        times.into_iter().flatten().min()
    }
}
