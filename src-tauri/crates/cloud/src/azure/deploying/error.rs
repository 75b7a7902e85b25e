//! How a deployment can fail, and what the service was left with.

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy, grouped};

use crate::azure::staging::RecordError;
use crate::azure::{AzureError, UpdateId};

/// A deployment without an outcome.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// Another number of devices matches than a user confirmed.
    #[error("{} devices match, {} were confirmed", grouped(*now), grouped(*confirmed))]
    CountChanged {
        /// How many match now.
        now: u64,
        /// How many were confirmed.
        confirmed: u64,
    },
    /// No device matches.
    #[error("no device of the group {group} matches the update")]
    NoDevices {
        /// The group.
        group: String,
    },
    /// The update is a part of others.
    #[error("{update} cannot be deployed on its own")]
    NotDeployable {
        /// The update.
        update: UpdateId,
    },
    /// The service does not say how many devices there are.
    #[error("the service does not count the devices of the group {group}")]
    NotCounted {
        /// The group.
        group: String,
    },
    /// The service does not say which devices the update is for.
    #[error("the service does not say which devices {update} is for")]
    NotKnownForWhom {
        /// The update.
        update: UpdateId,
    },
    /// The service does not say what the devices of a class report.
    #[error("the service does not say what the devices of the class {class} report")]
    ClassNotKnown {
        /// Its id.
        class: String,
    },
    /// The service, or the way there.
    #[error("{source}")]
    Service {
        /// What failed.
        source: Box<AzureError>,
        /// What is left.
        left: String,
        /// Something is left to continue with.
        resumable: bool,
    },
    /// The deployment is not over.
    #[error("the deployment was not over when it was watched long enough")]
    NotOver {
        /// What devices have reported.
        reported: Option<String>,
        /// What is left.
        left: String,
    },
    /// The record could not be written; nothing was sent after that.
    #[error("the journal could not be written: {source}")]
    Record {
        /// Its words.
        source: RecordError,
        /// What is left.
        left: String,
    },
    /// A user stopped it.
    #[error("watching the deployment was stopped")]
    Stopped {
        /// What is left.
        left: String,
    },
}

impl DeployError {
    /// Whether a later run can continue.
    pub fn is_resumable(&self) -> bool {
        match self {
            Self::CountChanged { .. } | Self::NoDevices { .. } | Self::NotDeployable { .. } => {
                false
            }
            Self::Service {
                resumable, source, ..
            } => *resumable || source.may_pass_later(),
            Self::NotCounted { .. }
            | Self::NotKnownForWhom { .. }
            | Self::ClassNotKnown { .. }
            | Self::NotOver { .. }
            | Self::Record { .. }
            | Self::Stopped { .. } => true,
        }
    }
}

impl Diagnose for DeployError {
    fn diagnose(&self) -> Diagnosis {
        let with = |code: Code, why: &str| Diagnosis::new(code, format!("{self}."), why);
        let nothing = "No deployment was started.";
        match self {
            Self::CountChanged { .. } => with(
                Code::CountChanged,
                "The group or its devices changed since the number was confirmed.",
            )
            .state(nothing)
            .remedy(Remedy::PlanAgain),
            Self::NoDevices { .. } => with(
                Code::CampaignNoDevices,
                "No class of its devices has the properties that the update is compatible with.",
            )
            .state(nothing)
            .remedy(Remedy::PlanAgain),
            Self::NotDeployable { .. } => with(
                Code::ServiceRefused,
                "It is marked as not deployable. Such an update is installed as a step of others.",
            )
            .titled("The update is not deployable")
            .state(nothing)
            .remedy(Remedy::advice("Deploy an update that has it as a step.")),
            Self::NotCounted { .. } => with(
                Code::NotYetCounted,
                "A number that is not known cannot be confirmed.",
            )
            .state(nothing)
            .remedy(Remedy::Resume),
            Self::NotKnownForWhom { .. } | Self::ClassNotKnown { .. } => with(
                Code::NotYetCounted,
                "Which devices the update would be installed on cannot be counted without that.",
            )
            .titled("Whom the deployment would touch is not known")
            .state(nothing)
            .remedy(Remedy::advice(
                "Try again in some minutes, and compare the device classes with the portal.",
            )),
            Self::Service { source, left, .. } => {
                let diagnosis = source.diagnose().state(left.clone());
                if self.is_resumable() && !diagnosis.remedies.contains(&Remedy::Resume) {
                    diagnosis.remedy(Remedy::Resume)
                } else {
                    diagnosis
                }
            }
            Self::NotOver { reported, left } => {
                let reported = reported
                    .as_deref()
                    .unwrap_or("the service does not count its devices");
                with(Code::ServiceTimeout, &format!("So far: {reported}."))
                    .titled("Devices have not reported")
                    .state(left.clone())
                    .remedy(Remedy::Resume)
            }
            Self::Record { source, left } => with(Code::HomeNotWritable, &format!("{source}."))
                .state(left.clone())
                .remedy(Remedy::FreeSpace)
                .remedy(Remedy::Resume),
            Self::Stopped { left } => with(Code::WriteStopped, "The user stopped it.")
                .titled("Watching was stopped")
                .state(left.clone())
                .remedy(Remedy::Resume),
        }
    }
}
