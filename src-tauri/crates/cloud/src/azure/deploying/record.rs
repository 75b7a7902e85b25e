//! What a deployment must remember across a kill.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::azure::staging::RecordError;

/// One thing that is known from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deploy", rename_all = "snake_case")]
pub enum DeployFact {
    /// The deployment is about to be started under this id.
    Starting {
        /// Its id.
        deployment_id: String,
    },
    /// The start was refused, and there is no such deployment.
    Refused,
    /// The service has the deployment: devices begin to install.
    Started,
}

/// What an earlier run knew. The default is a first run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeployState {
    /// Whether a request to start it may have gone out.
    pub starting: bool,
    /// Whether it was started.
    pub started: bool,
}

impl DeployState {
    /// Takes in one fact.
    pub fn learn(&mut self, fact: &DeployFact) {
        match fact {
            DeployFact::Starting { .. } => self.starting = true,
            DeployFact::Refused => self.starting = false,
            DeployFact::Started => self.started = true,
        }
    }

    /// What the service was left with.
    pub fn sentence(&self, deployment_id: &str) -> String {
        if self.started {
            format!("The deployment {deployment_id} was started and continues with the service.")
        } else if self.starting {
            format!("Whether the deployment {deployment_id} was started is not known.")
        } else {
            "No deployment was started.".to_owned()
        }
    }
}

/// Remembers the acts of a deployment. Durable before it returns; an error stops it before the
/// network is touched again.
#[async_trait]
pub trait DeployRecord: Send + Sync {
    /// This is known from now on.
    async fn fact(&self, fact: DeployFact) -> Result<(), RecordError>;
}
