//! A device of a campaign: the service's record of it joined with its last event.

use firmdrop_cloud::pelion::campaign::{DeploymentProgress, EventCategory};
use serde::Serialize;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct CampaignDeviceRow {
    /// Id of the service's record: the cursor of the next page.
    pub id: String,
    /// The device.
    pub device_id: String,
    /// Its name, when the service reports it.
    pub name: String,
    /// `pending`, `deployed`, …: the service's word.
    pub state: String,
    /// The same in plain words.
    pub state_title: String,
    /// Whether that is an end, and which.
    pub ended: Option<DeviceEnd>,
    /// When the record last changed.
    pub since: String,
    /// Code of its last event in the campaign.
    pub event_type: Option<String>,
    /// What the event means.
    pub event_meaning: Option<String>,
    /// What a user can do.
    pub what_to_do: Option<String>,
}

/// How a device ended in a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum DeviceEnd {
    /// It runs the image.
    Updated,
    /// It does not.
    Failed,
    /// It had the image already, or was left out.
    Skipped,
}

impl DeviceEnd {
    /// What the service's state says, and the event where the state says too little: a device that
    /// was given the manifest counts as failed once it reports a failure.
    pub(crate) fn of(progress: DeploymentProgress, event: Option<EventCategory>) -> Option<Self> {
        match (progress, event) {
            (_, Some(EventCategory::Fail)) | (DeploymentProgress::Failed, _) => Some(Self::Failed),
            (_, Some(EventCategory::Skipped)) => Some(Self::Skipped),
            (DeploymentProgress::Updated, _) | (_, Some(EventCategory::Success)) => {
                Some(Self::Updated)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_has_the_manifest_ended_only_when_it_reported() {
        use DeploymentProgress::{Gone, Underway, Updated, Waiting};
        assert_eq!(DeviceEnd::of(Waiting, None), None);
        assert_eq!(DeviceEnd::of(Underway, Some(EventCategory::Info)), None);
        let failed = DeviceEnd::of(Underway, Some(EventCategory::Fail));
        assert_eq!(failed, Some(DeviceEnd::Failed));
        assert_eq!(DeviceEnd::of(Updated, None), Some(DeviceEnd::Updated));
        // The campaign was stopped before: its statistics count the device as pending too.
        assert_eq!(DeviceEnd::of(Gone, None), None);
    }
}
