//! How far a campaign is with one device. Source: public contract, `deployment_state`.

use serde::{Deserialize, Serialize};

/// Which way a device counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum DeploymentProgress {
    /// Nothing has reached it yet.
    Waiting,
    /// The manifest reached it; what came of it is not known yet.
    Underway,
    /// It has the update.
    Updated,
    /// It could not be reached, or refused.
    Failed,
    /// It is no longer part of it.
    Gone,
    /// The service's word is not known.
    Unknown,
}

/// What a deployment state means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DeploymentMeaning {
    /// In plain words; an unknown one as the service wrote it.
    pub title: String,
    /// Which way the device counts.
    pub progress: DeploymentProgress,
    /// What it means, one sentence.
    pub meaning: String,
}

/// What this deployment state means.
pub fn deployment_meaning(state: &str) -> DeploymentMeaning {
    let (title, progress, meaning) = match state {
        "pending" => (
            "Waiting",
            DeploymentProgress::Waiting,
            "The manifest has not been sent to the device yet.",
        ),
        "updated_connector_channel" => (
            "Underway",
            DeploymentProgress::Underway,
            "The manifest was delivered; the device has not reported a result.",
        ),
        "failed_connector_channel_update" => (
            "Not reached",
            DeploymentProgress::Failed,
            "The manifest could not be delivered. Its last event says more.",
        ),
        "deployed" => (
            "Updated",
            DeploymentProgress::Updated,
            "The device reported that it has the update.",
        ),
        "manifestremoved" => (
            "Manifest removed",
            DeploymentProgress::Gone,
            "The manifest was taken back from the device, usually because the campaign was stopped.",
        ),
        "deregistered" => (
            "Deregistered",
            DeploymentProgress::Gone,
            "The device deregistered before it was updated.",
        ),
        other => {
            return DeploymentMeaning {
                title: other.to_owned(),
                progress: DeploymentProgress::Unknown,
                meaning: "Firmdrop does not know this state; the service's own word is shown."
                    .to_owned(),
            };
        }
    };
    DeploymentMeaning {
        title: title.to_owned(),
        progress,
        meaning: meaning.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_nobody_knows_stays_as_it_is() {
        let meaning = deployment_meaning("levitating");
        assert_eq!(
            (meaning.title.as_str(), meaning.progress),
            ("levitating", DeploymentProgress::Unknown)
        );
        assert_eq!(
            deployment_meaning("deployed").progress,
            DeploymentProgress::Updated
        );
        assert_eq!(
            deployment_meaning("failed_connector_channel_update").progress,
            DeploymentProgress::Failed
        );
    }
}
