//! A deployment that is looked at again and again, with one client.

use firmdrop_cloud::azure::{
    AzureError, Deployment, DeploymentDeviceQuery, DeviceUpdate, SubgroupDeployment,
};
use firmdrop_core::{Diagnose as _, Diagnosis};

use super::rows::{DeploymentView, DeviceRow};
use super::service::{Service, diagnosed};

/// Devices of one state that are named.
const MOST_NAMED: usize = 10;

/// A deployment that is watched.
#[derive(Debug)]
pub struct DeploymentWatch {
    service: DeviceUpdate,
    group: String,
    id: String,
}

/// A look without an answer.
#[derive(Debug)]
pub struct PollFailure {
    /// Why.
    pub diagnosis: Diagnosis,
    /// Whether a later look may have one without a change.
    pub may_pass: bool,
    /// The service does not know the deployment, or not yet: it shows what was started a little later.
    pub is_unknown: bool,
}

impl From<AzureError> for PollFailure {
    fn from(error: AzureError) -> Self {
        Self {
            may_pass: error.may_pass_later(),
            is_unknown: error.is_not_found(),
            diagnosis: error.diagnose(),
        }
    }
}

impl Service {
    /// Watches a deployment. Nothing is asked yet.
    pub async fn watch_deployment(
        &self,
        group: &str,
        id: &str,
    ) -> Result<DeploymentWatch, Diagnosis> {
        Ok(DeploymentWatch {
            service: self.client().await?.in_a_task(),
            group: group.to_owned(),
            id: id.to_owned(),
        })
    }
}

impl DeploymentWatch {
    /// One look: the deployment, and what its devices have reported. Two requests, neither repeated.
    pub async fn poll(&self) -> Result<DeploymentView, PollFailure> {
        let deployment = self.deployment().await?;
        let status = self
            .service
            .deployment_status(&self.group, &self.id)
            .await?;
        Ok(DeploymentView::of(deployment, status))
    }

    /// Some of its devices in this state, in the service's word (`Failed`, `InProgress`), with what
    /// their agents reported last. At most ten; none where the version of the interface does not list
    /// them.
    pub async fn devices_in(&self, state: &str) -> Result<Vec<DeviceRow>, Diagnosis> {
        let query = DeploymentDeviceQuery {
            state: Some(state.to_owned()),
            ..DeploymentDeviceQuery::default()
        };
        let deployment = self.deployment().await.map_err(diagnosed)?;
        let mut named = Vec::new();
        for class in &deployment.device_class_subgroups {
            let at = SubgroupDeployment {
                group: &self.group,
                class,
                deployment: &self.id,
            };
            let list = match self.service.deployment_devices(at, &query) {
                Err(AzureError::NotInVersion { .. }) => return Ok(named),
                list => list.map_err(diagnosed)?,
            };
            let page = self.service.page(&list).await.map_err(diagnosed)?;
            for one in page.entries {
                if named.len() >= MOST_NAMED {
                    return Ok(named);
                }
                let device = match &one.module_id {
                    None => self.service.device(&one.device_id).await,
                    Some(module) => self.service.device_module(&one.device_id, module).await,
                };
                named.push(DeviceRow::from(device.map_err(diagnosed)?));
            }
        }
        Ok(named)
    }

    async fn deployment(&self) -> Result<Deployment, AzureError> {
        self.service.deployment(&self.group, &self.id).await
    }
}
