//! Imported updates, and the operations that import and delete them.

use firmdrop_cloud::azure::{Operation, UpdateId, UpdateQuery};
use firmdrop_core::{Code, Diagnose as _, Diagnosis, Remedy};
use tokio::time::{Duration, Instant};

use super::rows::{OperationRow, UpdateRow, UpdateView};
use super::service::{Service, said};

/// How long a deletion is watched. The service deletes within a minute; what takes longer continues.
const DELETED_WITHIN: Duration = Duration::from_mins(5);

impl Service {
    /// The updates that match a free text; all without one.
    pub async fn updates(&self, search: Option<String>) -> Result<Vec<UpdateRow>, Diagnosis> {
        let query = UpdateQuery {
            search,
            deployable: None,
        };
        let updates = self.all(|service| service.updates(&query)).await?;
        Ok(updates.into_iter().map(UpdateRow::from).collect())
    }

    /// One update with its files.
    pub async fn update(&self, id: &UpdateId) -> Result<UpdateView, Diagnosis> {
        let service = self.client().await?;
        let update = service.update(id).await.map_err(said)?;
        let files = service.files_of(id).await.map_err(said)?;
        Ok(UpdateView {
            update: update.into(),
            files: files.into_iter().map(Into::into).collect(),
        })
    }

    /// Deletes an update and waits until the service has done so. It cannot be undone; devices that
    /// have it retain it.
    pub async fn delete_update(&self, id: &UpdateId) -> Result<(), Diagnosis> {
        let service = self.client().await?;
        let Some(operation) = service.delete_update(id).await.map_err(said)? else {
            return Ok(());
        };
        let begin = Instant::now();
        loop {
            let look = service.operation(&operation, None).await;
            let look = match look {
                Err(error) if error.is_not_found() => return Ok(()),
                look => look.map_err(said)?,
            };
            if let Some(found) = look.found {
                if let Some(failure) = found.failure() {
                    return Err(failure.diagnose());
                }
                if found.status().is_over() {
                    return Ok(());
                }
            }
            if begin.elapsed() > DELETED_WITHIN {
                let why =
                    "The service accepted the deletion and had not ended it after five minutes.";
                let what = format!("Whether {id} is deleted is not known.");
                return Err(Diagnosis::new(Code::ServiceTimeout, what, why)
                    .titled("The deletion has not ended")
                    .state("The service accepted the deletion and may carry it out later.")
                    .remedy(Remedy::Advice {
                        text: "Look at the list of updates in a few minutes.".into(),
                    }));
            }
            tokio::time::sleep(look.wait).await;
        }
    }

    /// The imports of the last seven days, the newest first.
    pub async fn operations(&self, only_running: bool) -> Result<Vec<OperationRow>, Diagnosis> {
        let list = self
            .all(|service| service.operations(only_running, None))
            .await?;
        let mut rows: Vec<OperationRow> = list.into_iter().map(OperationRow::from).collect();
        rows.sort_by(|one, other| other.created.cmp(&one.created));
        Ok(rows)
    }

    /// One operation.
    pub async fn operation(&self, id: &str) -> Result<OperationRow, Diagnosis> {
        let service = self.client().await?;
        let look = service.operation_by_id(id, None).await.map_err(said)?;
        Ok(look.found.unwrap_or_else(Operation::default).into())
    }
}
