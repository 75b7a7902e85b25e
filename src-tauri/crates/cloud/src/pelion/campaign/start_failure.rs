//! Whether a campaign that was asked to start did not, and why.

use firmdrop_core::{Code, Diagnosis, Remedy, grouped};

use super::{CampaignCounts, CampaignPhase, status::reason, word::normal};
use crate::pelion::Campaign;

/// States that only a failed start leads to.
const FAILS: [&str; 2] = ["conflict", "quotaallocationfailed"];

/// Why this campaign, which was asked to start, did not; `None` while it still may, and when it did.
/// `counts` are its statistics, read after that; `None` when they are not known.
///
/// The service accepts a start and fails it later: the campaign then falls back to its draft with a
/// reason, or is stopped without having been active. A draft without a reason may be an answer that
/// is not up to date yet, so it counts as a failure only for a caller that has waited.
pub fn start_failure(campaign: &Campaign, counts: Option<CampaignCounts>) -> Option<Diagnosis> {
    let reason = reason(campaign);
    let failed = match CampaignPhase::of(campaign) {
        CampaignPhase::Draft => reason.is_some(),
        CampaignPhase::Stopped if FAILS.contains(&normal(&campaign.state).as_str()) => true,
        // Older services tell no phase, and no moment of becoming active either.
        CampaignPhase::Stopped if campaign.phase.is_empty() => false,
        CampaignPhase::Stopped => {
            let reached_some = counts.is_some_and(|counts| counts.total > 0);
            let was_active = campaign.active_at.is_some() || reached_some;
            !was_active && normal(&campaign.state) != "userstopped"
        }
        _ => false,
    };
    if !failed {
        return None;
    }
    let is_conflict = normal(&campaign.state) == "conflict"
        || campaign.autostop_reason.to_lowercase().contains("conflict");
    let what = format!("The campaign “{}” did not start.", campaign.name);
    let why = reason.unwrap_or_else(|| "The service gives no reason.".to_owned());
    let state = format!(
        "{} The campaign is {}.",
        touched(counts),
        CampaignPhase::of(campaign).title().to_lowercase()
    );
    let diagnosis = if is_conflict {
        Diagnosis::new(Code::DeviceConflict, what, why)
            .remedy(Remedy::advice("Exclude the devices that are in another campaign, or stop that campaign, then start a new one."))
            .remedy(Remedy::advice("Or make a continuous campaign, which takes devices over."))
    } else {
        Diagnosis::new(Code::CampaignNotStarted, what, why)
            .remedy(Remedy::advice("Check device filter and firmware manifest, correct the draft or make a copy of the campaign, then start it."))
    };
    Some(
        diagnosis
            .state(state)
            .detail("Campaign", &campaign.id)
            .detail("State", &campaign.state),
    )
}

/// What the campaign's statistics say about devices.
fn touched(counts: Option<CampaignCounts>) -> String {
    match counts.map(|counts| counts.total) {
        None => "Whether a device was touched is not known.".to_owned(),
        Some(0) => "No device was touched.".to_owned(),
        Some(1) => "Its statistics name 1 device.".to_owned(),
        Some(many) => format!("Its statistics name {} devices.", grouped(many)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn campaign(phase: &str, state: &str, reason: &str, active: bool) -> Campaign {
        Campaign {
            name: "Puck".to_owned(),
            phase: phase.to_owned(),
            state: state.to_owned(),
            autostop_reason: reason.to_owned(),
            active_at: active.then(|| "2020-01-01T00:00:00Z".to_owned()),
            ..Campaign::default()
        }
    }

    fn counts(total: u64) -> CampaignCounts {
        CampaignCounts {
            success: total,
            total,
            ..CampaignCounts::default()
        }
    }

    #[test]
    fn what_is_said_of_devices_is_what_the_statistics_say() {
        let stopped = campaign("stopped", "publishing", "", false);
        assert_eq!(start_failure(&stopped, Some(counts(3))), None, "it ran");
        let none = start_failure(&stopped, Some(counts(0))).unwrap();
        assert!(none.state_now.starts_with("No device was touched"));
        let unknown = start_failure(&stopped, None).unwrap();
        assert!(unknown.state_now.contains("not known"));
        let conflict = campaign("stopped", "conflict", "", false);
        let some = start_failure(&conflict, Some(counts(3))).unwrap();
        assert!(some.state_now.starts_with("Its statistics name 3 devices"));
    }

    #[test]
    fn a_start_that_failed_later_is_told_with_its_reason() {
        let conflict =
            start_failure(&campaign("stopped", "conflict", "", false), Some(counts(0))).unwrap();
        assert_eq!(conflict.code, Code::DeviceConflict);
        let draft = start_failure(
            &campaign("draft", "draft", "no manifest", false),
            Some(counts(0)),
        )
        .unwrap();
        assert_eq!(draft.code, Code::CampaignNotStarted);
        assert!(draft.why.contains("no manifest") && draft.state_now.contains("No device"));
        let quota = start_failure(
            &campaign("stopped", "quotaallocationfailed", "", false),
            Some(counts(0)),
        )
        .unwrap();
        assert!(quota.why.contains("quota"));
    }

    #[test]
    fn a_campaign_that_ran_or_may_still_run_did_not_fail_to_start() {
        for (phase, state, active) in [
            ("starting", "checkingmanifest", false),
            ("active", "publishing", true),
            ("stopped", "autostopped", true),
            ("stopped", "userstopped", false),
            ("draft", "draft", false),
            ("hovering", "", false),
        ] {
            assert_eq!(
                start_failure(&campaign(phase, state, "", active), Some(counts(0))),
                None,
                "{phase} {state}"
            );
        }
    }
}
