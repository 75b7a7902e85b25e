//! A campaign, as its row and its page show it.

use firmdrop_cloud::pelion::campaign::{CampaignCounts, CampaignStatus, event_meaning};
use firmdrop_cloud::pelion::{Campaign, EventTypeCount};
use serde::Serialize;

/// A campaign and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CampaignView {
    /// What the service says.
    pub campaign: Campaign,
    /// What that means, and what may be done now.
    pub standing: CampaignStatus,
}

/// A campaign at one moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CampaignLive {
    /// The campaign.
    pub view: CampaignView,
    /// How its devices ended; absent before the service has statistics.
    pub counts: Option<CampaignCounts>,
    /// Why devices failed or were skipped, the most frequent first.
    pub causes: Vec<Cause>,
    /// When to look again, seconds; absent when nothing will change any more.
    pub look_again_seconds: Option<u32>,
}

/// One way devices of a campaign ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Cause {
    /// The service's code: `UPD4_FAIL_218`.
    pub event_type: String,
    /// `FAIL`, `SKIPPED`, `INFO`, `SUCCESS`.
    pub summary_status: String,
    /// How many devices.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub count: u64,
    /// What it means.
    pub meaning: String,
    /// What a user can do; absent when nothing is needed.
    pub what_to_do: Option<String>,
}

impl From<EventTypeCount> for Cause {
    fn from(count: EventTypeCount) -> Self {
        let code = if count.event_type.is_empty() {
            count.id
        } else {
            count.event_type
        };
        let meaning = event_meaning(&code);
        let own_words = !meaning.is_known && !count.description.is_empty();
        Self {
            meaning: if own_words {
                count.description
            } else {
                meaning.meaning
            },
            what_to_do: meaning.advice,
            event_type: code,
            summary_status: count.summary_status,
            count: count.count,
        }
    }
}
