//! A device, and what becomes of an update on it.

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};

use super::UpdateId;

/// What becomes of an update on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Outcome {
    /// It is installed.
    #[default]
    Succeeds,
    /// It fails, and succeeds when it is tried again.
    FailsOnce,
    /// It fails each time.
    Fails,
    /// Nothing is heard.
    Silent,
}

/// What the device reported last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InstallResult {
    pub(crate) result_code: i64,
    pub(crate) extended_result_code: i64,
    pub(crate) details: String,
    pub(crate) update: UpdateId,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Device {
    pub(crate) id: String,
    pub(crate) class: String,
    pub(crate) group: String,
    pub(crate) outcome: Outcome,
    pub(crate) installed: Option<UpdateId>,
    pub(crate) last_attempted: Option<UpdateId>,
    pub(crate) last_deployment: Option<String>,
    /// As in answers: `Succeeded`, `InProgress`, `Canceled`, `Failed`.
    pub(crate) deployment_status: Option<String>,
    pub(crate) last_result: Option<InstallResult>,
    pub(crate) has_failed: bool,
    pub(crate) seen: Moment,
}

/// 700: the code of a step or update that was installed (agent's result codes).
pub(super) const INSTALLED: i64 = 700;
/// The code of a failed update (agent's result codes).
pub(super) const FAILED: i64 = 0;
/// 0x80300B11 as a signed number: the agent could not read the file of a step.
pub(super) const FAILED_EXTENDED: i64 = -2_144_334_063;
