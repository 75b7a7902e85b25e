//! The tasks that delete an update or a deployment and wait until the service has done so.
//!
//! That a deletion was accepted is not that it was carried out: where the service names no operation, or one that it
//! does not know, the update itself is looked for. A deletion of a deployment has no operation.

use std::time::Duration;

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use tokio::time::Instant;

use super::{
    AzureError, DeviceUpdate, OperationFailure, OperationLocation, UpdateId, bounds::LOOKS_WITHIN,
};

/// Time between two looks for the update, where the service gives no time.
const LOOK: Duration = LOOKS_WITHIN.0;

/// Why something is not known to be deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeletionError {
    /// The service did not accept the deletion, or whether it did is not known.
    #[error("{0}")]
    NotAccepted(AzureError),
    /// The deletion was accepted and failed.
    #[error("{0}")]
    Failed(OperationFailure),
    /// The deletion was accepted, and a look at how far it is failed.
    #[error("{source}")]
    NotSeen {
        /// What was to be deleted.
        what: String,
        /// The look.
        source: AzureError,
    },
    /// The deletion was accepted and did not end in time.
    #[error("the deletion of {what} has not ended after {} s", within.as_secs())]
    Overdue {
        /// What was to be deleted.
        what: String,
        /// The time.
        within: Duration,
    },
}

impl DeviceUpdate {
    /// Deletes an update and waits until the service has done so, no longer than `within`. It cannot be
    /// undone. Dropping the future ends the wait, not the deletion.
    pub async fn delete_and_wait(
        &self,
        id: &UpdateId,
        within: Duration,
    ) -> Result<(), DeletionError> {
        let accepted = self.delete_update(id).await;
        let operation = accepted.map_err(DeletionError::NotAccepted)?;
        let operation = operation.and_then(|named| self.own_operation(&named));
        let begin = Instant::now();
        loop {
            let Some(wait) = self.deletion_waits(id, operation.as_ref()).await? else {
                return Ok(());
            };
            if begin.elapsed() + wait > within {
                let what = id.to_string();
                return Err(DeletionError::Overdue { what, within });
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// How long to wait before the next look; `None` when the update is deleted.
    async fn deletion_waits(
        &self,
        id: &UpdateId,
        operation: Option<&OperationLocation>,
    ) -> Result<Option<Duration>, DeletionError> {
        let not_seen = |source| DeletionError::NotSeen {
            what: id.to_string(),
            source,
        };
        if let Some(operation) = operation {
            match self.operation(operation, None).await {
                Ok(polled) => {
                    let found = polled.found.unwrap_or_default();
                    if let Some(mut failure) = found.failure() {
                        failure.update.get_or_insert_with(|| id.clone());
                        return Err(DeletionError::Failed(failure));
                    }
                    return Ok((!found.status().is_over()).then_some(polled.wait));
                }
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(not_seen(error)),
            }
        }
        match self.update(id).await {
            Ok(_) => Ok(Some(LOOK)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(not_seen(error)),
        }
    }

    /// Deletes a deployment and looks for it until it is gone, no longer than `within`. Devices that have installed the
    /// update retain it. Dropping the future ends the wait, not the deletion.
    pub async fn delete_deployment_and_wait(
        &self,
        group: &str,
        id: &str,
        within: Duration,
    ) -> Result<(), DeletionError> {
        let accepted = self.delete_deployment(group, id).await;
        accepted.map_err(DeletionError::NotAccepted)?;
        let what = format!("the deployment {id} of the group {group}");
        let begin = Instant::now();
        loop {
            match self.deployment(group, id).await {
                Err(error) if error.is_not_found() => return Ok(()),
                Err(source) => return Err(DeletionError::NotSeen { what, source }),
                Ok(_) if begin.elapsed() + LOOK > within => {
                    return Err(DeletionError::Overdue { what, within });
                }
                Ok(_) => tokio::time::sleep(LOOK).await,
            }
        }
    }
}

impl Diagnose for DeletionError {
    fn diagnose(&self) -> Diagnosis {
        let advice = || Remedy::advice("Look for it again in a few minutes.");
        match self {
            Self::NotAccepted(error) => error.diagnose(),
            Self::Failed(failure) => failure
                .diagnose()
                .titled("The service did not delete the update")
                .state("The deletion is over. Whether the service still holds the whole update is not known."),
            Self::NotSeen { what, source } => source
                .diagnose()
                .state(format!(
                    "The service accepted the deletion of {what}; whether it has carried it out is not known."
                ))
                .remedy(advice()),
            Self::Overdue { what, within } => {
                let why = format!(
                    "The service accepted the deletion and had not carried it out after {} s.",
                    within.as_secs()
                );
                let what = format!("Whether {what} is deleted is not known.");
                Diagnosis::new(Code::ServiceTimeout, what, why)
                    .titled("The deletion has not ended")
                    .state("The service accepted the deletion and may carry it out later.")
                    .remedy(advice())
            }
        }
    }
}
