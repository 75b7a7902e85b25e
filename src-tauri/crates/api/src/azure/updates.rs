//! Imported updates, and the operations that import and delete them.

use firmdrop_cloud::azure::{Operation, UpdateId, UpdateQuery};
use firmdrop_core::{Diagnose as _, Diagnosis};
use tokio::time::Duration;

use super::rows::{OperationRow, UpdateRow, UpdateView};
use super::service::{Service, diagnosed};

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
        let update = service.update(id).await.map_err(diagnosed)?;
        let files = service.files_of(id).await.map_err(diagnosed)?;
        Ok(UpdateView {
            update: update.into(),
            files: files.into_iter().map(Into::into).collect(),
        })
    }

    /// Deletes an update and waits until the service has done so. It cannot be undone; devices that
    /// have it retain it.
    pub async fn delete_update(&self, id: &UpdateId) -> Result<(), Diagnosis> {
        let service = self.client().await?;
        let deleted = service.delete_and_wait(id, DELETED_WITHIN).await;
        deleted.map_err(|error| error.diagnose())
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
        let look = service.operation_by_id(id, None).await.map_err(diagnosed)?;
        Ok(look.found.unwrap_or_else(Operation::default).into())
    }
}
