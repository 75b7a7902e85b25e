//! How far a campaign is: the phase, and the older and finer state. Words of the vendor's API
//! reference; which state belongs to which phase is written in the tests of its manifest-tool.

use serde::{Deserialize, Serialize};

/// The phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    Draft,
    AwaitingApproval,
    Starting,
    Active,
    Stopping,
    Stopped,
    Archived,
}

impl Phase {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Starting => "starting",
            Self::Active => "active",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Archived => "archived",
        }
    }

    /// Whether the campaign was started and did not end yet.
    pub(crate) const fn is_running(self) -> bool {
        matches!(self, Self::Starting | Self::Active | Self::Stopping)
    }
}

/// The state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Draft,
    Scheduled,
    AllocatingQuota,
    AllocatedQuota,
    QuotaAllocationFailed,
    CheckingManifest,
    CheckedManifest,
    DeviceFetch,
    DeviceCopy,
    DeviceCheck,
    Publishing,
    Deploying,
    Deployed,
    ManifestRemoved,
    Expired,
    Stopping,
    AutoStopped,
    UserStopped,
    Conflict,
}

impl State {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::AllocatingQuota => "allocatingquota",
            Self::AllocatedQuota => "allocatedquota",
            Self::QuotaAllocationFailed => "quotaallocationfailed",
            Self::CheckingManifest => "checkingmanifest",
            Self::CheckedManifest => "checkedmanifest",
            Self::DeviceFetch => "devicefetch",
            Self::DeviceCopy => "devicecopy",
            Self::DeviceCheck => "devicecheck",
            Self::Publishing => "publishing",
            Self::Deploying => "deploying",
            Self::Deployed => "deployed",
            Self::ManifestRemoved => "manifestremoved",
            Self::Expired => "expired",
            Self::Stopping => "stopping",
            Self::AutoStopped => "autostopped",
            Self::UserStopped => "userstopped",
            Self::Conflict => "conflict",
        }
    }
}
