//! What can be done to a campaign.

use serde::{Deserialize, Serialize};

/// One act on a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum CampaignAct {
    /// Change filter, manifest and all else. Name and description can be changed at any time.
    Edit,
    /// Send it to its devices.
    Start,
    /// End it before its time.
    Stop,
    /// Put it away from the list.
    Archive,
    /// Remove it for good.
    Delete,
}

impl CampaignAct {
    /// As a verb: "start".
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Archive => "archive",
            Self::Delete => "delete",
        }
    }

    /// From where the service lets it be done, for a sentence: "a stopped campaign".
    pub const fn needs(self) -> &'static str {
        match self {
            Self::Edit | Self::Start => "a draft",
            Self::Stop => "a starting or active campaign",
            Self::Archive => "a stopped campaign",
            Self::Delete => "a draft, a stopped or an archived campaign",
        }
    }
}
