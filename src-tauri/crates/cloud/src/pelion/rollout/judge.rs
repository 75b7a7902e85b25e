//! When a started campaign is over, and what may be said then.

use firmdrop_core::{Diagnosis, Outcome, ProofMethod, grouped};

use crate::pelion::Campaign;
use crate::pelion::campaign::{
    CampaignCounts, CampaignPhase, UNCOUNTED, in_words, start_failure, status_of,
};

/// What a look at a campaign says.
#[derive(Debug, PartialEq)]
pub(super) enum End {
    /// Devices are still expected to report.
    NotYet,
    /// Over.
    Outcome(Outcome),
    /// The service took the start and then did not start it.
    NotStarted(Box<Diagnosis>),
}

/// `counts` are its statistics; `None` when the service has none.
pub(super) fn judge(
    campaign: &Campaign,
    counts: Option<CampaignCounts>,
    expected_devices: u64,
) -> End {
    if let Some(diagnosis) = start_failure(campaign, counts) {
        return End::NotStarted(Box::new(diagnosis));
    }
    let phase = CampaignPhase::of(campaign);
    let is_over = phase.is_at_rest() && phase != CampaignPhase::Draft;
    let reason = status_of(campaign).reason;
    let reason = reason.map_or_else(String::new, |reason| format!(" {reason}"));
    let Some(counts) = counts else {
        return if is_over {
            End::Outcome(Outcome::sent(format!("{UNCOUNTED}{reason}")))
        } else {
            End::NotYet
        };
    };
    // More devices than expected may be in it: who joined later must not stand for who is silent.
    let silent = counts.pending.saturating_add(counts.other);
    let silent = silent.max(expected_devices.saturating_sub(counts.done()));
    if silent == 0 {
        return End::Outcome(all_reported(counts));
    }
    if !is_over {
        return End::NotYet;
    }
    let of = expected_devices.max(counts.total);
    let who = match of {
        1 => "the device".to_owned(),
        many => format!("{} of {} devices", grouped(silent), grouped(many)),
    };
    End::Outcome(Outcome::sent(format!(
        "The campaign stopped before {who} reported: {}.{reason}",
        in_words(counts),
    )))
}

fn all_reported(counts: CampaignCounts) -> Outcome {
    if counts.failed == 0 && counts.success == 0 {
        // A device is skipped when it has the version already, and when it was left out.
        let who = match counts.skipped {
            1 => "The device was skipped".to_owned(),
            many => format!("All {} devices were skipped", grouped(many)),
        };
        return Outcome::sent(format!(
            "{who}: they may have the version already, or were left out. No device reported an update."
        ));
    }
    if counts.failed == 0 {
        return Outcome::verified(
            ProofMethod::DevicesReported,
            format!("Every device reported: {}.", in_words(counts)),
        );
    }
    let who = match counts.done() {
        1 => "The device".to_owned(),
        many => format!("{} of {} devices", grouped(counts.failed), grouped(many)),
    };
    Outcome::sent(format!("{who} reported a failure: {}.", in_words(counts)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(phase: &str, state: &str, success: u64, failed: u64, skipped: u64) -> End {
        let json = serde_json::json!({
            "id": "c", "phase": phase, "state": state, "active_at": "2026-01-01T00:00:00Z",
        });
        let campaign: Campaign = serde_json::from_value(json).unwrap();
        let counts = CampaignCounts {
            success,
            failed,
            skipped,
            total: 10,
            pending: 10 - success - failed - skipped,
            ..CampaignCounts::default()
        };
        judge(&campaign, Some(counts), 10)
    }

    #[test]
    fn what_nobody_counted_is_not_counted_as_none() {
        for active_at in [None, Some("2026-01-01T00:00:00Z")] {
            let json = serde_json::json!({
                "id": "c", "phase": "stopped", "state": "autostopped", "active_at": active_at,
            });
            let campaign: Campaign = serde_json::from_value(json).unwrap();
            let said = match judge(&campaign, None, 10) {
                End::Outcome(Outcome::Sent { reason }) => reason,
                End::NotStarted(diagnosis) => diagnosis.state_now,
                other => panic!("{other:?}"),
            };
            assert!(said.contains("not known"), "{said}");
            assert!(
                !said.contains("0 updated") && !said.contains("No device"),
                "{said}"
            );
        }
    }

    #[test]
    fn only_reports_of_every_expected_device_verify_a_campaign() {
        assert_eq!(judged("active", "publishing", 9, 0, 0), End::NotYet);
        assert!(matches!(
            judged("active", "publishing", 8, 0, 2),
            End::Outcome(Outcome::Verified { .. })
        ));
        assert!(matches!(
            judged("stopped", "autostopped", 9, 1, 0),
            End::Outcome(Outcome::Sent { .. })
        ));
    }

    #[test]
    fn a_campaign_that_skipped_every_device_proves_nothing() {
        let End::Outcome(Outcome::Sent { reason }) = judged("stopped", "autostopped", 0, 0, 10)
        else {
            panic!("not sent");
        };
        assert!(reason.contains("All 10 devices were skipped"), "{reason}");
    }

    #[test]
    fn a_device_that_joined_later_does_not_stand_for_one_that_is_silent() {
        let json = serde_json::json!({
            "id": "c", "phase": "active", "state": "publishing", "active_at": "2026-01-01T00:00:00Z",
        });
        let campaign: Campaign = serde_json::from_value(json).unwrap();
        let counts = CampaignCounts {
            success: 10,
            pending: 1,
            total: 11,
            ..CampaignCounts::default()
        };
        assert_eq!(judge(&campaign, Some(counts), 10), End::NotYet);
    }

    #[test]
    fn a_campaign_that_stopped_early_is_sent_with_the_number_of_silent_devices() {
        let End::Outcome(Outcome::Sent { reason }) = judged("stopped", "userstopped", 7, 0, 0)
        else {
            panic!("not sent");
        };
        assert!(reason.contains("3 of 10"), "{reason}");
    }

    #[test]
    fn a_start_that_came_to_nothing_tells_the_services_reason() {
        let json = serde_json::json!({
            "id": "c", "phase": "draft", "state": "draft", "autostop_reason": "No manifest.",
        });
        let campaign: Campaign = serde_json::from_value(json).unwrap();
        let end = judge(&campaign, Some(CampaignCounts::default()), 10);
        assert!(matches!(end, End::NotStarted(diagnosis) if diagnosis.why.contains("No manifest")));
    }
}
