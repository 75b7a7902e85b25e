//! How a rollout can fail, and what the service was left with.

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use firmdrop_manifest::ManifestError;

use super::RolloutState;
use crate::pelion::blast_radius::count_changed;
use crate::pelion::upload::RecordError;
use crate::pelion::{FilterError, NAME_CHARACTERS, PelionError};

/// What the service holds of a rollout, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RolloutRemote {
    manifest: Known,
    campaign: Known,
    start: Known,
}

/// What is known of one deed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Known {
    /// It was not tried.
    #[default]
    Not,
    /// It was tried and its answer is not known.
    Perhaps,
    /// It happened, and this came of it.
    Yes(String),
}

impl Known {
    fn of(attempted: bool, id: Option<&String>) -> Self {
        match (id, attempted) {
            (Some(id), _) => Self::Yes(id.clone()),
            (None, true) => Self::Perhaps,
            (None, false) => Self::Not,
        }
    }
}

impl RolloutRemote {
    /// What this state says.
    pub fn of(state: &RolloutState) -> Self {
        let started = state.started.then(String::new);
        Self {
            manifest: Known::of(state.manifest_attempted, state.manifest_id.as_ref()),
            campaign: Known::of(state.campaign_attempted, state.campaign_id.as_ref()),
            start: Known::of(state.start_attempted, started.as_ref()),
        }
    }
}

impl RolloutRemote {
    /// The same after the service said that it does not know the campaign: somebody deleted it, or it is not
    /// shown at the moment.
    fn without_campaign(&self) -> String {
        let manifest = match &self.manifest {
            Known::Yes(id) => format!(" and the manifest {id}"),
            Known::Not | Known::Perhaps => String::new(),
        };
        let touched = match &self.start {
            Known::Not => "It was a draft and had touched no device.",
            Known::Perhaps | Known::Yes(_) => {
                "If it was deleted, devices that had begun by then continue, and nobody counts them."
            }
        };
        format!(
            "The service holds the firmware image{manifest}. It answers that it does not know the campaign. {touched}"
        )
    }
}

impl std::fmt::Display for RolloutRemote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("The service holds the firmware image")?;
        if let Known::Yes(id) = &self.manifest {
            write!(f, " and the manifest {id}")?;
        }
        f.write_str(". ")?;
        match (&self.manifest, &self.campaign, &self.start) {
            (_, Known::Yes(id), Known::Yes(_)) => write!(
                f,
                "The campaign {id} was started and continues at the service."
            ),
            (_, Known::Yes(id), Known::Perhaps) => {
                write!(f, "Whether the campaign {id} was started is not known.")
            }
            (_, Known::Yes(id), Known::Not) => {
                write!(f, "The campaign {id} is a draft and has touched no device.")
            }
            (_, Known::Perhaps, _) => f.write_str(
                "Whether the draft of the campaign arrived is not known; no device was touched.",
            ),
            (Known::Perhaps, Known::Not, _) => {
                f.write_str("Whether the manifest arrived is not known; no device was touched.")
            }
            (_, Known::Not, _) => f.write_str("There is no campaign; no device was touched."),
        }
    }
}

/// A rollout that did not end with an outcome.
#[derive(Debug, thiserror::Error)]
pub enum RolloutError {
    /// The service, or the way there.
    #[error("{source}")]
    Service {
        /// What failed.
        source: Box<PelionError>,
        /// What the service holds.
        held: RolloutRemote,
    },
    /// The record could not be written; nothing was sent after that.
    #[error("the journal could not be written: {source}")]
    Record {
        /// Its words.
        source: RecordError,
        /// What the service holds.
        held: RolloutRemote,
    },
    /// The service gave no address of its image.
    #[error("the service gave no address from which devices could fetch the image")]
    ImageWithoutAddress {
        /// What the service holds.
        held: RolloutRemote,
    },
    /// The manifest could not be made.
    #[error("the manifest could not be made: {source}")]
    Manifest {
        /// Why.
        source: Box<ManifestError>,
        /// What the service holds.
        held: RolloutRemote,
    },
    /// Another campaign has the name.
    #[error("a campaign named “{name}” exists")]
    CampaignNameTaken {
        /// The name.
        name: String,
        /// The service's words.
        source: Box<PelionError>,
        /// What the service holds.
        held: RolloutRemote,
    },
    /// The service holds a campaign that says something else than was asked for.
    #[error("the campaign differs from what was asked for: {what}")]
    CampaignDiffers {
        /// What differs.
        what: String,
        /// What the service holds.
        held: RolloutRemote,
    },
    /// The service does not have our campaign any more.
    #[error("{source}")]
    CampaignGone {
        /// The service's words.
        source: Box<PelionError>,
        /// What the service holds besides.
        held: RolloutRemote,
    },
    /// What the service holds under our manifest's id are not our bytes.
    #[error("the manifest {id} differs from the one that was sent: {what}")]
    ManifestDiffers {
        /// Its id.
        id: String,
        /// What differs.
        what: String,
        /// What the service holds.
        held: RolloutRemote,
    },
    /// A manifest that may be ours cannot be read, so that ours cannot be sent again either.
    #[error("whether the manifest {id} is the one that was sent is not known: {source}")]
    ManifestUnseen {
        /// Its id.
        id: String,
        /// Why it cannot be read.
        source: Box<PelionError>,
        /// What the service holds.
        held: RolloutRemote,
    },
    /// The filter cannot be read.
    #[error("{source}")]
    Filter {
        /// Why.
        source: FilterError,
        /// What the service holds.
        held: RolloutRemote,
    },
    /// Another number of devices matches than was confirmed. Nothing was started.
    #[error("{counted_devices} devices match the filter, {expected_devices} were expected")]
    CountChanged {
        /// What a user confirmed.
        expected_devices: u64,
        /// What was counted just before the start.
        counted_devices: u64,
        /// What the service holds.
        held: RolloutRemote,
    },
    /// The service took the start and did not start the campaign.
    #[error("the campaign did not start")]
    NotStarted {
        /// Why, and what to do.
        diagnosis: Box<Diagnosis>,
    },
    /// A user stopped it.
    #[error("the rollout was stopped")]
    Stopped {
        /// What the service holds.
        held: RolloutRemote,
    },
}

impl RolloutError {
    /// Whether a later run can continue. A request that was refused for what it says is refused
    /// again, but the image and what else is with the service are there for a later run.
    pub fn is_resumable(&self) -> bool {
        match self {
            Self::Service { .. }
            | Self::Record { .. }
            | Self::ImageWithoutAddress { .. }
            | Self::ManifestDiffers { .. }
            | Self::ManifestUnseen { .. }
            | Self::Stopped { .. } => true,
            Self::NotStarted { diagnosis } => diagnosis.remedies.contains(&Remedy::Resume),
            // A draft has touched nobody; one that was started may only not be shown at the moment.
            Self::CampaignGone { held, .. } => held.start != Known::Not,
            Self::Manifest { .. }
            | Self::CampaignNameTaken { .. }
            | Self::CampaignDiffers { .. }
            | Self::Filter { .. }
            | Self::CountChanged { .. } => false,
        }
    }
}

impl Diagnose for RolloutError {
    fn diagnose(&self) -> Diagnosis {
        let what = format!("{}.", capitalised(&self.to_string()));
        match self {
            Self::Service { source, held } => source
                .diagnose()
                .state(held.to_string())
                .remedy(Remedy::Resume),
            Self::Record { held, .. } => Diagnosis::new(
                Code::HomeNotWritable,
                what,
                "Firmdrop sends nothing that it could not remember after a power cut.",
            )
            .state(held.to_string())
            .remedy(Remedy::FreeSpace)
            .remedy(Remedy::Resume),
            Self::ImageWithoutAddress { held } => Diagnosis::new(
                Code::AnswerUnreadable,
                what,
                "A manifest names the address; without it no device can fetch the image.",
            )
            .state(held.to_string())
            .remedy(Remedy::Resume),
            Self::Manifest { source, held } => source
                .diagnose()
                .state(held.to_string())
                .remedy(Remedy::PlanAgain),
            Self::CampaignNameTaken { name, source, held } => Diagnosis::new(
                Code::NameTaken,
                what,
                "Campaigns of an account have names of their own, also archived ones.",
            )
            .state(held.to_string())
            .remedy(another_name(name))
            .detail("Service", source.to_string()),
            Self::CampaignDiffers { held, .. } => Diagnosis::new(
                Code::AnswerUnreadable,
                what,
                "The service changed the request, or another program changed the draft.",
            )
            .titled("The campaign is not the one that was asked for")
            .state(held.to_string())
            .remedy(Remedy::Advice {
                text: "Look at the draft. Delete it, or give the new campaign another name, and plan again.".to_owned(),
            }),
            Self::Filter { source, held } => source.diagnose().state(held.to_string()),
            Self::CampaignGone { source, held } => {
                let diagnosis = source.diagnose().state(held.without_campaign());
                let resume = self.is_resumable().then_some(Remedy::Resume);
                let diagnosis = resume.into_iter().fold(diagnosis, Diagnosis::remedy);
                diagnosis.remedy(Remedy::PlanAgain)
            }
            Self::ManifestDiffers { held, .. } => Diagnosis::new(
                Code::RemoteDiffers,
                what,
                "The service stored other bytes, or something between changed them.",
            )
            .titled("The manifest on the service is not the one that was sent")
            .state(held.to_string())
            .remedy(Remedy::Resume)
            .remedy(Remedy::PlanAgain),
            Self::ManifestUnseen { id, source, held } => unseen(what, id, source, held),
            Self::CountChanged {
                expected_devices,
                counted_devices,
                held,
            } => count_changed(*expected_devices, *counted_devices)
                .unwrap_or_else(|| Diagnosis::new(Code::CountChanged, what, ""))
                .state(held.to_string())
                .remedy(Remedy::Advice {
                    text: "Look who matches now, then start the draft itself; or delete it, and plan again.".into(),
                }),
            Self::NotStarted { diagnosis } => (**diagnosis).clone(),
            Self::Stopped { held } => {
                Diagnosis::new(Code::WriteStopped, what, "The user stopped it.")
                    .titled("The rollout was stopped")
                    .state(held.to_string())
                    .remedy(Remedy::Resume)
            }
        }
    }
}

fn unseen(what: String, id: &str, source: &PelionError, held: &RolloutRemote) -> Diagnosis {
    Diagnosis::new(
        Code::DownloadFailed,
        what,
        "The answer to the manifest that was sent is lost. The service lists one of its name and size, but its bytes cannot be read from here.",
    )
    .titled("The manifest may be there already")
    .state(held.to_string())
    .remedy(Remedy::Resume)
    .remedy(Remedy::Advice {
        text: format!("If its bytes stay out of reach, delete the manifest {id}, then resume."),
    })
    .detail("Download", source.to_string())
}

/// What to do about a campaign's name that is taken.
pub fn another_name(name: &str) -> Remedy {
    let beginning: String = name.chars().take(NAME_CHARACTERS - 2).collect();
    Remedy::Advice {
        text: format!("Give the campaign another name: “{beginning} 2” is probably free."),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_started_campaign_that_is_not_shown_is_not_called_deleted_and_can_be_watched_again() {
        let gone = |state: &RolloutState| RolloutError::CampaignGone {
            source: Box::new(PelionError::Id("c1".into())),
            held: RolloutRemote::of(state),
        };
        let mut state = RolloutState {
            campaign_id: Some("c1".into()),
            ..RolloutState::default()
        };
        let draft = gone(&state);
        assert!(!draft.is_resumable() && !draft.diagnose().remedies.contains(&Remedy::Resume));
        state.start_attempted = true;
        let started = gone(&state);
        let diagnosis = started.diagnose();
        assert!(started.is_resumable() && diagnosis.remedies.contains(&Remedy::Resume));
        let state_now = &diagnosis.state_now;
        assert!(
            state_now.contains("does not know the campaign"),
            "{state_now}"
        );
        assert!(state_now.contains("If it was deleted"), "{state_now}");
    }

    #[test]
    fn what_the_service_keeps_is_told_truly_at_every_step() {
        let mut state = RolloutState::default();
        let words = |state: &RolloutState| RolloutRemote::of(state).to_string();
        assert!(words(&state).ends_with("There is no campaign; no device was touched."));
        state.manifest_attempted = true;
        assert!(words(&state).contains("Whether the manifest arrived is not known"));
        state.manifest_id = Some("m1".into());
        assert!(words(&state).contains("and the manifest m1. There is no campaign"));
        state.campaign_attempted = true;
        assert!(words(&state).contains("Whether the draft of the campaign arrived"));
        state.campaign_id = Some("c1".into());
        assert!(words(&state).contains("c1 is a draft and has touched no device"));
        state.start_attempted = true;
        assert!(words(&state).contains("Whether the campaign c1 was started is not known"));
        state.started = true;
        assert!(words(&state).contains("c1 was started and continues at the service"));
    }
}
