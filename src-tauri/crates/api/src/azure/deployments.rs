//! Groups and deployments.

use std::time::Duration;

use firmdrop_cloud::azure::deploying::{
    ClassAct, DeployError, Deployable, Reach, in_each_class, reach,
};
use firmdrop_cloud::azure::import_manifest::ImportManifest;
use firmdrop_cloud::azure::{DeviceUpdate, DownloadSecurity, NewDeployment, UpdateId};
use firmdrop_core::{Code, Diagnose as _, Diagnosis, Remedy, grouped};

use super::rows::{DeploymentRow, DeploymentView, GroupRow};
use super::service::{Service, diagnosed};

/// How long a deployment may be shown after its deletion was accepted. Ours: a person waits.
const GONE_WITHIN: Duration = Duration::from_secs(30);

/// A deployment that a user confirmed with the number of its devices.
#[derive(Debug, Clone, serde::Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct StartDeployment {
    /// The group.
    pub group: String,
    /// Provider of the update.
    pub provider: String,
    /// Name of the update.
    pub name: String,
    /// Version of the update.
    pub version: String,
    /// Id of the deployment.
    pub deployment_id: String,
    /// How many devices must match; any other number starts nothing.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub expect_devices: u64,
    /// How devices download; the service decides when absent.
    #[serde(default)]
    pub download_security: Option<DownloadSecurity>,
}

impl Service {
    /// The groups of the instance.
    pub async fn groups(&self) -> Result<Vec<GroupRow>, Diagnosis> {
        let groups = self.all(|service| service.groups(None)).await?;
        Ok(groups.into_iter().map(GroupRow::from).collect())
    }

    /// Whom a deployment of an update to a group would touch now. Changes nothing.
    pub async fn reach(&self, group: &str, id: &UpdateId) -> Result<Reach, Diagnosis> {
        let service = self.client().await?;
        let update = service.update(id).await.map_err(diagnosed)?;
        if !update.is_deployable {
            let update = id.clone();
            return Err(DeployError::NotDeployable { update }.diagnose());
        }
        let update = Deployable {
            id: update.update_id,
            compatibility: update.compatibility,
        };
        let reached = reach(&service, group, &update).await;
        reached.map_err(|error| error.diagnose())
    }

    /// The same for an update that is not imported yet, by the text of its manifest.
    pub async fn reach_of_manifest(&self, group: &str, text: &str) -> Result<Reach, Diagnosis> {
        let manifest = ImportManifest::read(text.as_bytes());
        let manifest = manifest.map_err(|error| error.diagnose())?;
        let is_deployable = manifest.is_deployable();
        let update = Deployable {
            compatibility: manifest.compatible_sets(),
            id: UpdateId {
                provider: manifest.update_id.provider,
                name: manifest.update_id.name,
                version: manifest.update_id.version,
            },
        };
        if !is_deployable {
            let update = update.id;
            return Err(DeployError::NotDeployable { update }.diagnose());
        }
        let service = self.client().await?;
        let reached = reach(&service, group, &update).await;
        reached.map_err(|error| error.diagnose())
    }

    /// The deployments of a group, the newest first.
    pub async fn deployments(&self, group: &str) -> Result<Vec<DeploymentRow>, Diagnosis> {
        let deployments = self
            .all(|service| service.deployments(group, false))
            .await?;
        let mut rows: Vec<DeploymentRow> =
            deployments.into_iter().map(DeploymentRow::from).collect();
        rows.sort_by(|one, other| other.start.cmp(&one.start));
        Ok(rows)
    }

    /// A deployment and what its devices have reported.
    pub async fn deployment(&self, group: &str, id: &str) -> Result<DeploymentView, Diagnosis> {
        let service = self.client().await?;
        let deployment = service.deployment(group, id).await.map_err(diagnosed)?;
        let status = service
            .deployment_status(group, id)
            .await
            .map_err(diagnosed)?;
        Ok(DeploymentView::of(deployment, status))
    }

    /// Starts a deployment for exactly the confirmed number of devices. Devices that have begun are not
    /// called back.
    pub async fn start_deployment(
        &self,
        start: &StartDeployment,
    ) -> Result<DeploymentRow, Diagnosis> {
        let id = UpdateId {
            provider: start.provider.clone(),
            name: start.name.clone(),
            version: start.version.clone(),
        };
        let reach = self.reach(&start.group, &id).await?;
        let matching = reach.matching();
        if matching != start.expect_devices {
            let what = format!(
                "{} devices match, {} were confirmed.",
                grouped(matching),
                grouped(start.expect_devices)
            );
            let why = "A deployment starts only for the number of devices that a user confirmed.";
            return Err(Diagnosis::new(Code::CountChanged, what, why)
                .state("No deployment was started.")
                .remedy(Remedy::PlanAgain));
        }
        if matching == 0 {
            let group = start.group.clone();
            return Err(DeployError::NoDevices { group }.diagnose());
        }
        let service = self.client().await?;
        self.ensure_id_is_free(&service, start, &id).await?;
        let new = NewDeployment {
            id: start.deployment_id.clone(),
            group: start.group.clone(),
            update: id,
            start: service.time(self.firmdrop.engine().now()).to_string(),
            download_security: start.download_security,
            rollback: None,
        };
        Ok(service
            .put_deployment(&new)
            .await
            .map_err(diagnosed)?
            .into())
    }

    /// A deployment of the same id would be changed into this one. The same update is the same deployment, whose first
    /// answer was perhaps lost.
    async fn ensure_id_is_free(
        &self,
        service: &DeviceUpdate,
        start: &StartDeployment,
        update: &UpdateId,
    ) -> Result<(), Diagnosis> {
        let there = service.deployment(&start.group, &start.deployment_id);
        let there = match there.await {
            Ok(there) => there,
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(diagnosed(error).state("No deployment was started.")),
        };
        if there.subject().is_some_and(|one| one.is_same(update)) {
            if !there.is_canceled {
                return Ok(());
            }
            let what = format!(
                "The deployment {} of the group {} was cancelled.",
                start.deployment_id, start.group
            );
            let why = "Whether a start under the same id starts it again is not documented.";
            return Err(id_in_use(what, why));
        }
        let of = there
            .subject()
            .map_or_else(String::new, |of| format!(" of {of}"));
        let what = format!(
            "The group {} has a deployment {}{of}.",
            start.group, start.deployment_id
        );
        let why = "A start under the same id would change that deployment into this one.";
        Err(id_in_use(what, why))
    }

    /// Cancels a deployment in each class of the group: devices that have not begun do not begin.
    pub async fn cancel_deployment(
        &self,
        group: &str,
        id: &str,
    ) -> Result<DeploymentView, Diagnosis> {
        self.in_each_class(group, id, ClassAct::Cancel).await
    }

    /// Tries a deployment again on the devices where it failed.
    pub async fn retry_deployment(
        &self,
        group: &str,
        id: &str,
    ) -> Result<DeploymentView, Diagnosis> {
        self.in_each_class(group, id, ClassAct::Retry).await
    }

    /// Deletes a deployment and looks whether it is gone. Devices that have installed the update retain it.
    pub async fn delete_deployment(&self, group: &str, id: &str) -> Result<(), Diagnosis> {
        let service = self.client().await?;
        let deleted = service.delete_deployment_and_wait(group, id, GONE_WITHIN);
        deleted.await.map_err(|error| error.diagnose())
    }

    async fn in_each_class(
        &self,
        group: &str,
        id: &str,
        act: ClassAct,
    ) -> Result<DeploymentView, Diagnosis> {
        let service = self.client().await?;
        let each = in_each_class(&service, group, id, act).await;
        let each = each.map_err(diagnosed)?;
        each.ended()?;
        let view = self.deployment(group, id).await;
        view.map_err(|diagnosis| diagnosis.state(each.statement()))
    }
}

fn id_in_use(what: String, why: &str) -> Diagnosis {
    Diagnosis::new(Code::ObjectExists, what, why)
        .titled("The id of the deployment is in use")
        .state("No deployment was started, and none was changed.")
        .remedy(Remedy::advice("Choose another id, or leave it out."))
}
