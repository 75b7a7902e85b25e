//! Deployments: an update for a group, carried out for each class of devices in it.

use std::collections::BTreeMap;

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Problem, UpdateId};

/// Longest id, characters: swagger, deploymentId.
const LONGEST_ID: usize = 73;
/// What no id may contain: the same place.
const FORBIDDEN: &str = "&^[]{}|<>/\\\"";

/// What becomes of the update on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum MemberState {
    InProgress,
    Succeeded,
    Failed,
    Canceled,
}

impl MemberState {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
        }
    }
}

/// A device in a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) state: MemberState,
    /// When it will report; never for one that is silent.
    pub(crate) reports: Option<Moment>,
    pub(crate) retries: u32,
    /// A later deployment took it over.
    pub(crate) moved_on: bool,
}

/// The devices of one class in a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subgroup {
    pub(crate) is_canceled: bool,
    pub(crate) is_retried: bool,
    /// A later deployment took its place.
    pub(crate) is_inactive: bool,
    pub(crate) members: BTreeMap<String, Member>,
}

impl Subgroup {
    pub(crate) fn count(&self, state: MemberState) -> usize {
        let members = self.members.values();
        members.filter(|member| member.state == state).count()
    }

    /// As in answers.
    pub(crate) const fn state(&self) -> &'static str {
        match (self.is_canceled, self.is_inactive) {
            (true, _) => "Canceled",
            (_, true) => "Inactive",
            _ => "Active",
        }
    }
}

/// A deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deployment {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) update: UpdateId,
    /// As it was given.
    pub(crate) start_text: String,
    pub(crate) start: Moment,
    pub(crate) download_security: Option<String>,
    pub(crate) rollback: Option<Value>,
    pub(crate) has_started: bool,
    pub(crate) subgroups: BTreeMap<String, Subgroup>,
}

impl Deployment {
    /// As in answers.
    pub(crate) fn state(&self) -> &'static str {
        let states = || self.subgroups.values().map(Subgroup::state);
        if states().all(|state| state == "Canceled") {
            return "Canceled";
        }
        if states().any(|state| state == "Active") {
            return "Active";
        }
        "Inactive"
    }
}

/// What a client wants deployed.
#[derive(Debug, Clone)]
pub(crate) struct DeploymentRequest {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) update: UpdateId,
    pub(crate) start_text: String,
    pub(crate) start: Moment,
    pub(crate) download_security: Option<String>,
    pub(crate) rollback: Option<Value>,
}

impl DeploymentRequest {
    /// Whether the id may be one.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let id = &self.id;
        let is_long = id.is_empty() || id.chars().count() > LONGEST_ID;
        let wrong = |c: char| c.is_uppercase() || c.is_whitespace() || FORBIDDEN.contains(c);
        if is_long || id.chars().any(wrong) {
            let message =
                "The deployment id has more than 73 characters or one that is not allowed.";
            return Err(Problem::new("InvalidDeploymentId", message).target("deploymentId"));
        }
        match self.download_security.as_deref() {
            None | Some("http" | "https") => Ok(()),
            Some(other) => {
                let message = format!("downloadSecurity has the unknown value {other}.");
                Err(Problem::new("InvalidRequest", message).target("downloadSecurity"))
            }
        }
    }
}
