//! The older, finer word for where a campaign is. Deprecated, yet the only one that lists can be
//! filtered by, and the only one that tells a conflict.
//!
//! Source: public contract of January 2021; which phase a state belongs to: the tests of the vendor's
//! own client.

use serde::{Deserialize, Serialize};

use super::word::normal;

/// What a state means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct StateMeaning {
    /// In plain words; an unknown state as the service wrote it.
    pub title: String,
    /// The phase it belongs to; `None` when it is not known.
    pub phase: Option<String>,
    /// What happened, when the state itself is a reason for an end.
    pub reason: Option<String>,
}

/// What this state means. Underscores do not matter.
pub fn state_meaning(state: &str) -> StateMeaning {
    let plain = normal(state);
    let known = STATES.iter().find(|row| row.0 == plain);
    known.map_or_else(
        || StateMeaning {
            title: state.to_owned(),
            phase: None,
            reason: None,
        },
        |&(_, phase, title, reason)| StateMeaning {
            title: title.to_owned(),
            phase: Some(phase.to_owned()),
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
        },
    )
}

/// State without underscores, phase, title, reason.
const STATES: &[(&str, &str, &str, &str)] = &[
    ("draft", "draft", "Draft", ""),
    ("scheduled", "starting", "Scheduled", ""),
    ("allocatingquota", "starting", "Asking for quota", ""),
    ("allocatedquota", "starting", "Quota granted", ""),
    (
        "quotaallocationfailed",
        "stopped",
        "No quota",
        "The account has no quota left for these devices.",
    ),
    ("checkingmanifest", "starting", "Checking the manifest", ""),
    ("checkedmanifest", "starting", "Manifest checked", ""),
    ("devicefetch", "starting", "Looking up devices", ""),
    ("devicecopy", "starting", "Noting devices", ""),
    ("devicecopycomplete", "starting", "Devices noted", ""),
    ("devicecheck", "starting", "Checking devices", ""),
    ("publishing", "active", "Sending to devices", ""),
    ("deploying", "active", "Devices install", ""),
    ("deployed", "archived", "Deployed", ""),
    (
        "manifestremoved",
        "stopped",
        "Manifest removed",
        "The firmware manifest was removed.",
    ),
    ("expired", "stopped", "Expired", "Its time was over."),
    ("stopping", "stopping", "Stopping", ""),
    (
        "autostopped",
        "stopped",
        "Stopped by itself",
        "The share of successes that ends it was reached, or the service ended it.",
    ),
    (
        "userstopped",
        "stopped",
        "Stopped by a user",
        "The user stopped it.",
    ),
    (
        "conflict",
        "stopped",
        "Conflict",
        "A device that it names is already in another campaign.",
    ),
    ("userarchived", "archived", "Archived", ""),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pelion::campaign::CampaignPhase;

    #[test]
    fn every_state_belongs_to_a_known_phase() {
        for (state, phase, title, _) in STATES {
            assert!(CampaignPhase::from_word(phase).is_known(), "{state}");
            assert!(!title.is_empty(), "{state}");
        }
    }

    #[test]
    fn a_state_is_known_with_and_without_underscores_and_stays_raw_when_unknown() {
        assert_eq!(
            state_meaning("checking_manifest"),
            state_meaning("checkingmanifest")
        );
        assert_eq!(state_meaning("floating").title, "floating");
        assert_eq!(state_meaning("floating").phase, None);
        assert!(state_meaning("conflict").reason.is_some());
    }
}
