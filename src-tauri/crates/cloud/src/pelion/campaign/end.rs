//! How a campaign ended, for whoever watched it.

use firmdrop_core::{Code, Diagnosis, Remedy, grouped};
use serde::Serialize;

use super::{CampaignCounts, CampaignPhase, start_failure, status_of};
use crate::pelion::Campaign;

/// Said of a campaign that is over and that the service does not count.
pub(crate) const UNCOUNTED: &str = "The campaign is over. The service hands out no statistics of it, so what its devices reported is not known.";

/// How a campaign ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum CampaignEnd {
    /// Every device in it reported a success, or that it had the version already.
    Updated {
        /// In one sentence, with the numbers.
        sentence: String,
    },
    /// Some devices reported a success, others failed or never reported.
    Partly {
        /// In one sentence, with the numbers and the service's reason.
        sentence: String,
    },
    /// No device is known to have the version.
    NotUpdated {
        /// In one sentence, with the numbers and the service's reason.
        sentence: String,
    },
    /// It never became active.
    NotStarted {
        /// Why, as far as the service says.
        diagnosis: Box<Diagnosis>,
    },
}

/// How this campaign ended; `None` while it may still change without a user. `counts` are its
/// statistics; `None` when the service has none.
pub fn campaign_end(campaign: &Campaign, counts: Option<CampaignCounts>) -> Option<CampaignEnd> {
    let phase = CampaignPhase::of(campaign);
    if !phase.is_at_rest() {
        return None;
    }
    if let Some(diagnosis) = start_failure(campaign, counts) {
        let diagnosis = Box::new(diagnosis);
        return Some(CampaignEnd::NotStarted { diagnosis });
    }
    if phase == CampaignPhase::Draft {
        let diagnosis = Box::new(draft(campaign));
        return Some(CampaignEnd::NotStarted { diagnosis });
    }
    let reason = status_of(campaign).reason;
    let reason = reason.map_or_else(String::new, |reason| format!(" {reason}"));
    let Some(counts) = counts else {
        let sentence = format!("{UNCOUNTED}{reason}");
        return Some(CampaignEnd::NotUpdated { sentence });
    };
    let reached = counts.success.saturating_add(counts.skipped);
    Some(if counts.total == 0 {
        let sentence = format!("The campaign is over, and its statistics count no device.{reason}");
        CampaignEnd::NotUpdated { sentence }
    } else if reached == counts.total {
        let sentence = format!("Every device reported: {}.", in_words(counts));
        CampaignEnd::Updated { sentence }
    } else if reached > 0 {
        let sentence = format!(
            "Not every device was updated: {}.{reason}",
            in_words(counts)
        );
        CampaignEnd::Partly { sentence }
    } else {
        let sentence = format!("No device was updated: {}.{reason}", in_words(counts));
        CampaignEnd::NotUpdated { sentence }
    })
}

fn draft(campaign: &Campaign) -> Diagnosis {
    Diagnosis::new(
        Code::CampaignNotStarted,
        format!("The campaign “{}” is a draft.", campaign.name),
        "It was not started, or the service took the start back and gives no reason.",
    )
    .state("The campaign is a draft; a draft reaches no device.")
    .remedy(Remedy::Advice {
        text: "Start it with `pelion campaigns start`, and watch it then.".into(),
    })
    .detail("Campaign", &campaign.id)
}

/// "118 updated, 2 skipped, 1 failed".
pub(crate) fn in_words(counts: CampaignCounts) -> String {
    let mut parts = vec![format!("{} updated", grouped(counts.success))];
    for (number, words) in [
        (counts.skipped, "skipped"),
        (counts.failed, "failed"),
        (counts.pending, "pending"),
        (counts.other, "in another state"),
    ] {
        if number > 0 {
            parts.push(format!("{} {words}", grouped(number)));
        }
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn campaign(phase: &str, state: &str, reason: &str, active: bool) -> Campaign {
        Campaign {
            id: "c".into(),
            name: "Puck".into(),
            phase: phase.into(),
            state: state.into(),
            autostop_reason: reason.into(),
            active_at: active.then(|| "2026-01-01T00:00:00Z".into()),
            ..Campaign::default()
        }
    }

    fn counts(success: u64, skipped: u64, failed: u64, pending: u64) -> CampaignCounts {
        CampaignCounts {
            success,
            failed,
            skipped,
            pending,
            other: 0,
            total: success + failed + skipped + pending,
        }
    }

    fn end(state: &str, counts: CampaignCounts) -> CampaignEnd {
        campaign_end(&campaign("stopped", state, "", true), Some(counts)).unwrap()
    }

    #[test]
    fn only_a_campaign_that_reached_every_device_ended_well() {
        use CampaignEnd::{NotUpdated, Partly, Updated};
        assert!(matches!(
            end("autostopped", counts(3, 1, 0, 0)),
            Updated { .. }
        ));
        assert!(matches!(
            end("autostopped", counts(3, 0, 1, 0)),
            Partly { .. }
        ));
        assert!(matches!(
            end("userstopped", counts(3, 0, 0, 1)),
            Partly { .. }
        ));
        assert!(matches!(
            end("expired", counts(0, 0, 0, 4)),
            NotUpdated { .. }
        ));
        assert!(matches!(
            end("expired", counts(0, 0, 4, 0)),
            NotUpdated { .. }
        ));
        assert!(matches!(
            end("userstopped", counts(0, 0, 0, 0)),
            NotUpdated { .. }
        ));
        let none = campaign_end(&campaign("stopped", "userstopped", "", true), None);
        let Some(NotUpdated { sentence }) = none else {
            panic!("{none:?}");
        };
        assert!(sentence.contains("not known"), "{sentence}");
    }

    #[test]
    fn a_campaign_that_may_still_change_has_not_ended() {
        for phase in ["starting", "active", "stopping", "timed", "hovering"] {
            let running = campaign(phase, "publishing", "", true);
            assert_eq!(campaign_end(&running, Some(counts(4, 0, 0, 0))), None);
        }
    }

    #[test]
    fn a_phase_that_nobody_listed_is_an_end_when_its_word_says_so() {
        let finished = campaign("finished", "finished", "", true);
        let end = campaign_end(&finished, Some(counts(2, 0, 0, 0)));
        assert!(matches!(end, Some(CampaignEnd::Updated { .. })), "{end:?}");
        let failed = campaign("failed", "failed", "", true);
        assert!(campaign_end(&failed, None).is_some());
    }

    #[test]
    fn a_campaign_that_never_ran_ends_with_the_services_reason() {
        for (phase, state, reason) in [
            ("stopped", "conflict", "Device 1 is in campaign X."),
            ("draft", "draft", "Manifest is missing."),
        ] {
            let end = campaign_end(&campaign(phase, state, reason, false), None);
            let Some(CampaignEnd::NotStarted { diagnosis }) = end else {
                panic!("{end:?}");
            };
            assert!(diagnosis.why.contains(reason), "{diagnosis:?}");
        }
        let draft = campaign_end(&campaign("draft", "draft", "", false), None);
        assert!(matches!(draft, Some(CampaignEnd::NotStarted { .. })));
    }

    #[test]
    fn the_services_reason_is_part_of_the_sentence() {
        let failed = campaign("stopped", "autostopped", "Failure rate exceeded", true);
        let Some(CampaignEnd::Partly { sentence }) =
            campaign_end(&failed, Some(counts(1, 0, 3, 0)))
        else {
            panic!("it is not that");
        };
        assert!(sentence.contains("Failure rate exceeded"), "{sentence}");
        assert!(sentence.contains("1 updated, 3 failed"), "{sentence}");
    }
}
