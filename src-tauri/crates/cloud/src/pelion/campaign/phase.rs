//! The phases of a campaign: what each means and what may be done from it.
//!
//! Source: public contract of January 2021 and the vendor's page of campaign phases.

use super::word::normal;
use super::{CampaignAct, state_meaning};
use crate::pelion::Campaign;
use crate::state_word::FinalState;

/// Where a campaign is in its life.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CampaignPhase {
    /// Being prepared; no device knows of it.
    Draft,
    /// Waits for an approval. No public interface gives one.
    AwaitingApproval,
    /// Waits for its time.
    Timed,
    /// The service looks at manifest, quota and devices.
    Starting,
    /// Devices are being updated.
    Active,
    /// The service takes the update back from devices that have not begun.
    Stopping,
    /// Over.
    Stopped,
    /// Over and put away.
    Archived,
    /// Deleted.
    Deleted,
    /// A word nobody knows yet.
    Unknown(String),
}

impl CampaignPhase {
    /// The phase of this word. Underscores, hyphens and case do not matter.
    pub fn from_word(word: &str) -> Self {
        match normal(word).as_str() {
            "draft" => Self::Draft,
            "awaitingapproval" => Self::AwaitingApproval,
            "timed" => Self::Timed,
            "starting" => Self::Starting,
            "active" => Self::Active,
            "stopping" => Self::Stopping,
            "stopped" => Self::Stopped,
            "archived" => Self::Archived,
            "deleted" => Self::Deleted,
            _ => Self::Unknown(word.to_owned()),
        }
    }

    /// The phase of this campaign; older services tell only a state.
    pub fn of(campaign: &Campaign) -> Self {
        if campaign.phase.is_empty() {
            let phase = state_meaning(&campaign.state).phase;
            return Self::from_word(phase.as_deref().unwrap_or(&campaign.state));
        }
        Self::from_word(&campaign.phase)
    }

    /// In a user's word; an unknown one as the service wrote it.
    pub fn title(&self) -> &str {
        match self {
            Self::Draft => "Draft",
            Self::AwaitingApproval => "Awaiting approval",
            Self::Timed => "Waiting for its time",
            Self::Starting => "Starting",
            Self::Active => "Active",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
            Self::Archived => "Archived",
            Self::Deleted => "Deleted",
            Self::Unknown(word) if word.is_empty() => "Not reported",
            Self::Unknown(word) => word,
        }
    }

    /// What it means, one sentence.
    pub const fn meaning(&self) -> &'static str {
        match self {
            Self::Draft => "Not started. No device has been contacted.",
            Self::AwaitingApproval => {
                "Someone must approve it, in the service's own portal: its interface offers no approval."
            }
            Self::Timed => "The service waits for the moment it was given.",
            Self::Starting => {
                "The service checks manifest, quota and devices; nothing has been sent to a device yet."
            }
            Self::Active => "Devices get the update, install it and report.",
            Self::Stopping => {
                "The service takes the update back from devices that have not begun; this can take long."
            }
            Self::Stopped => {
                "It is over and cannot be started again. A new campaign with the same filter can."
            }
            Self::Archived => "It has ended and is archived.",
            Self::Deleted => "It is deleted.",
            Self::Unknown(_) => {
                "Firmdrop does not know this phase; the service's own words are shown."
            }
        }
    }

    /// What may be done from here. From an unknown phase only stopping is offered, because that is
    /// the careful act; the service decides.
    pub const fn allowed(&self) -> &'static [CampaignAct] {
        match self {
            Self::Draft => &[CampaignAct::Edit, CampaignAct::Start, CampaignAct::Delete],
            Self::Starting
            | Self::Active
            | Self::AwaitingApproval
            | Self::Timed
            | Self::Unknown(_) => &[CampaignAct::Stop],
            Self::Stopped => &[CampaignAct::Archive, CampaignAct::Delete],
            Self::Archived => &[CampaignAct::Delete],
            Self::Stopping | Self::Deleted => &[],
        }
    }

    /// Whether the service keeps statistics of its devices. Source: guide, campaign statistics.
    pub const fn has_statistics(&self) -> bool {
        matches!(
            self,
            Self::Active | Self::Stopping | Self::Stopped | Self::Archived | Self::Unknown(_)
        )
    }

    /// Whether the service is known to allow this act from here; `None` when that is not known.
    pub fn allows(&self, act: CampaignAct) -> Option<bool> {
        match self {
            Self::Unknown(_) | Self::AwaitingApproval | Self::Timed => None,
            _ => Some(self.allowed().contains(&act)),
        }
    }

    /// Whether devices of it may count as being in a campaign. An unknown phase may.
    pub const fn holds_devices(&self) -> bool {
        matches!(
            self,
            Self::Starting | Self::Active | Self::Stopping | Self::Unknown(_)
        )
    }

    /// Whether nothing will change any more without a user. A word nobody knows yet is an end when it
    /// says so.
    pub fn is_at_rest(&self) -> bool {
        match self {
            Self::Draft | Self::Stopped | Self::Archived | Self::Deleted => true,
            Self::Unknown(word) => FinalState::of(word).is_some(),
            _ => false,
        }
    }

    /// Whether it will soon be another one.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Starting | Self::Stopping)
    }

    /// Whether Firmdrop knows it.
    pub const fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_nobody_knows_stays_as_it_is_and_only_stopping_is_offered() {
        let phase = CampaignPhase::from_word("hovering");
        assert_eq!((phase.title(), phase.is_known()), ("hovering", false));
        assert_eq!(phase.allowed(), [CampaignAct::Stop]);
        assert_eq!(phase.allows(CampaignAct::Delete), None);
    }

    #[test]
    fn each_phase_allows_what_the_service_allows() {
        use CampaignAct::{Archive, Delete, Edit, Start, Stop};
        let cases: [(&str, &[CampaignAct]); 6] = [
            ("draft", &[Edit, Start, Delete]),
            ("starting", &[Stop]),
            ("active", &[Stop]),
            ("stopping", &[]),
            ("stopped", &[Archive, Delete]),
            ("archived", &[Delete]),
        ];
        for (word, allowed) in cases {
            let phase = CampaignPhase::from_word(word);
            for act in [Edit, Start, Stop, Archive, Delete] {
                assert_eq!(
                    phase.allows(act),
                    Some(allowed.contains(&act)),
                    "{word} {act:?}"
                );
            }
        }
    }

    #[test]
    fn an_older_service_that_tells_only_a_state_is_understood() {
        let campaign = Campaign {
            state: "user_stopped".to_owned(),
            ..Campaign::default()
        };
        assert_eq!(CampaignPhase::of(&campaign), CampaignPhase::Stopped);
        let strange = Campaign {
            state: "floating".to_owned(),
            ..Campaign::default()
        };
        assert_eq!(CampaignPhase::of(&strange).title(), "floating");
    }
}
