//! The status of a campaign, in words that a screen can show as they are.

use serde::{Deserialize, Serialize};

use super::{CampaignAct, CampaignPhase, state_meaning};
use crate::pelion::Campaign;

/// The status of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
// What the page calls it; no JSON shows the name of a struct.
#[serde(rename = "CampaignStanding")]
pub struct CampaignStatus {
    /// The phase in the service's word.
    pub phase: String,
    /// The same in plain words.
    pub title: String,
    /// What it means, one sentence.
    pub meaning: String,
    /// Whether Firmdrop knows it.
    pub is_known: bool,
    /// The finer state in plain words; empty when the service tells none.
    pub state: String,
    /// Why it ended or did not start; `None` when there is nothing to tell.
    pub reason: Option<String>,
    /// What may be done.
    pub allowed: Vec<CampaignAct>,
    /// Whether nothing changes any more without a user.
    pub is_at_rest: bool,
    /// Whether it is usually hidden.
    pub is_archived: bool,
}

/// The status of this campaign.
pub fn status_of(campaign: &Campaign) -> CampaignStatus {
    let phase = CampaignPhase::of(campaign);
    CampaignStatus {
        phase: campaign.phase.clone(),
        title: phase.title().to_owned(),
        meaning: phase.meaning().to_owned(),
        is_known: phase.is_known(),
        state: state_meaning(&campaign.state).title,
        reason: reason(campaign),
        allowed: phase.allowed().to_vec(),
        is_at_rest: phase.is_at_rest(),
        is_archived: matches!(phase, CampaignPhase::Archived | CampaignPhase::Deleted),
    }
}

/// Why it ended or did not start: what the state says, then the service's own words.
pub(super) fn reason(campaign: &Campaign) -> Option<String> {
    let of_state = state_meaning(&campaign.state).reason;
    let stated = campaign.autostop_reason.trim().trim_end_matches('.');
    match (of_state, stated) {
        (None, "") => None,
        (Some(reason), "") => Some(reason),
        (None, stated) => Some(format!("The service says: {stated}.")),
        (Some(reason), stated) => Some(format!("{reason} The service says: {stated}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn campaign(phase: &str, state: &str, reason: &str) -> Campaign {
        Campaign {
            phase: phase.to_owned(),
            state: state.to_owned(),
            autostop_reason: reason.to_owned(),
            ..Campaign::default()
        }
    }

    #[test]
    fn the_reason_is_the_states_then_the_services_own() {
        assert_eq!(
            status_of(&campaign("active", "publishing", "")).reason,
            None
        );
        assert_eq!(
            status_of(&campaign("stopped", "conflict", "device in campaign x."))
                .reason
                .unwrap(),
            "A device that it names is already in another campaign. The service says: device in campaign x."
        );
        assert_eq!(
            status_of(&campaign("draft", "draft", "no manifest"))
                .reason
                .unwrap(),
            "The service says: no manifest."
        );
    }

    #[test]
    fn a_stopped_campaign_is_at_rest_and_may_be_archived() {
        let stopped = status_of(&campaign("stopped", "userstopped", ""));
        assert!(stopped.is_at_rest && !stopped.is_archived);
        assert_eq!(stopped.allowed, [CampaignAct::Archive, CampaignAct::Delete]);
        assert_eq!(stopped.state, "Stopped by a user");
    }
}
