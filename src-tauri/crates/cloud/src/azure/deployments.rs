//! The operations of deployments: an update for the devices of a group.
//!
//! Cancel and retry belong to a subgroup. Watching, and what is asked before a start, are a task.

use firmdrop_core::Moment;
use firmdrop_net::{Delivered, Method};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    AzureError, Deployment, DeploymentDevice, DeploymentStatus, DeviceUpdate, List, RollbackPolicy,
    SubgroupStatus, UpdateId, address::Area, api_version::Profile,
    bounds::DEPLOYMENT_ID_CHARACTERS, exchange::Call, groups::quoted, wire::shortened,
};

/// A deployment that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeployment {
    /// Its id: 1 to 73 characters, no capitals, none of `& ^ [ ] { } | < > / \ "`.
    pub id: String,
    /// Its group.
    pub group: String,
    /// The update.
    pub update: UpdateId,
    /// When it starts, RFC 3339.
    pub start: String,
    /// How devices download. `None` leaves it to the service: https since the version of 2026, http
    /// before. Devices whose agent speaks no TLS fail under https.
    pub download_security: Option<DownloadSecurity>,
    /// When the service goes back to another update.
    pub rollback: Option<RollbackPolicy>,
}

/// How devices download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum DownloadSecurity {
    /// With TLS.
    Https,
    /// Without; the agent compares the hash all the same.
    Http,
}

/// A deployment in a subgroup of its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubgroupDeployment<'a> {
    /// The group.
    pub group: &'a str,
    /// The class of the subgroup.
    pub class: &'a str,
    /// The deployment.
    pub deployment: &'a str,
}

/// Which devices of a deployment are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeploymentDeviceQuery {
    /// Those in this state: `Failed`.
    pub state: Option<String>,
    /// This device.
    pub device: Option<String>,
    /// This module.
    pub module: Option<String>,
}

impl DeviceUpdate {
    /// The deployments of a group, the newest first when `newest_first`.
    pub fn deployments(
        &self,
        group: &str,
        newest_first: bool,
    ) -> Result<List<Deployment>, AzureError> {
        self.ensure_groups_have_deployments()?;
        let pairs: &[_] = if newest_first {
            self.ensure_current("an order of deployments")?;
            &[("orderby", "startDateTime desc")]
        } else {
            &[]
        };
        self.list(Area::Management, &["groups", group, "deployments"], pairs)
    }

    /// One deployment. May be repeated.
    pub async fn deployment(&self, group: &str, id: &str) -> Result<Deployment, AzureError> {
        self.ensure_groups_have_deployments()?;
        let path = ["groups", group, "deployments", id];
        let call = self.call(Method::Get, Area::Management, &path, &[])?;
        self.named_deployment(call, id).await
    }

    /// Makes a deployment, or changes the one of this id. **Devices begin to install at its start.**
    /// May be repeated: the id is the caller's. After a refusal, and after an answer that cannot be read, the
    /// service is asked whether it made it all the same.
    pub async fn put_deployment(&self, new: &NewDeployment) -> Result<Deployment, AzureError> {
        self.ensure_groups_have_deployments()?;
        let body = self.deployment_body(new)?;
        let path = ["groups", &new.group, "deployments", &new.id];
        let call = self.call(Method::Put, Area::Management, &path, &[])?;
        let error = match self.answered_deployment(call.json(&body), &new.id).await {
            Ok(answered) => return ensure_is_of(new, answered),
            Err(error) if may_be_made(&error) => error,
            Err(error) => return Err(error),
        };
        match self.deployment(&new.group, &new.id).await {
            Ok(there) if is_of(new, &there) => Ok(there),
            _ => Err(error),
        }
    }

    /// Deletes a deployment. Devices that have installed it retain it. May be repeated.
    pub async fn delete_deployment(&self, group: &str, id: &str) -> Result<(), AzureError> {
        self.ensure_groups_have_deployments()?;
        let path = ["groups", group, "deployments", id];
        self.exchange(self.call(Method::Delete, Area::Management, &path, &[])?)
            .await?;
        Ok(())
    }

    /// How far a deployment is. May be repeated.
    pub async fn deployment_status(
        &self,
        group: &str,
        id: &str,
    ) -> Result<DeploymentStatus, AzureError> {
        self.ensure_groups_have_deployments()?;
        self.get(
            Area::Management,
            &["groups", group, "deployments", id, "status"],
        )
        .await
    }

    /// The deployments of a subgroup.
    pub fn subgroup_deployments(
        &self,
        group: &str,
        class: &str,
    ) -> Result<List<Deployment>, AzureError> {
        self.ensure_current("subgroups")?;
        let path = [
            "groups",
            group,
            "deviceClassSubgroups",
            class,
            "deployments",
        ];
        self.list(Area::Management, &path, &[])
    }

    /// A deployment as one subgroup has it. May be repeated.
    pub async fn subgroup_deployment(
        &self,
        at: SubgroupDeployment<'_>,
    ) -> Result<Deployment, AzureError> {
        self.ensure_current("subgroups")?;
        self.get(Area::Management, &at.path()).await
    }

    /// Takes a subgroup out of a deployment. May be repeated.
    pub async fn delete_subgroup_deployment(
        &self,
        at: SubgroupDeployment<'_>,
    ) -> Result<(), AzureError> {
        self.ensure_current("subgroups")?;
        self.exchange(self.call(Method::Delete, Area::Management, &at.path(), &[])?)
            .await?;
        Ok(())
    }

    /// Cancels a deployment in a subgroup: devices that have not begun do not begin. May be repeated.
    pub async fn cancel_deployment(&self, at: SubgroupDeployment<'_>) -> Result<(), AzureError> {
        self.act(at, "cancel").await
    }

    /// Tries a deployment again on the devices of a subgroup where it failed. May be repeated.
    pub async fn retry_deployment(&self, at: SubgroupDeployment<'_>) -> Result<(), AzureError> {
        self.act(at, "retry").await
    }

    /// How far a deployment is in a subgroup. May be repeated.
    pub async fn subgroup_deployment_status(
        &self,
        at: SubgroupDeployment<'_>,
    ) -> Result<SubgroupStatus, AzureError> {
        self.ensure_current("subgroups")?;
        let mut path = at.path().to_vec();
        path.push("status");
        self.get(Area::Management, &path).await
    }

    /// The devices of a deployment in a subgroup, with their states.
    pub fn deployment_devices(
        &self,
        at: SubgroupDeployment<'_>,
        query: &DeploymentDeviceQuery,
    ) -> Result<List<DeploymentDevice>, AzureError> {
        self.ensure_current("subgroups")?;
        let condition = |name: &str, value: &Option<String>| {
            value
                .as_ref()
                .map(|value| format!("{name} eq {}", quoted(value)))
        };
        let conditions: Vec<String> = [
            condition("deviceId", &query.device),
            condition("moduleId", &query.module),
            condition("deviceState", &query.state),
        ]
        .into_iter()
        .flatten()
        .collect();
        let filter = conditions.join(" and ");
        let pairs = self.pairs((!filter.is_empty()).then_some(&filter), None);
        let mut path = at.path().to_vec();
        path.push("devicestates");
        self.list(Area::Management, &path, &pairs)
    }

    /// What came of it is asked for afterwards: an answer of no bytes accepts it too.
    async fn act(&self, at: SubgroupDeployment<'_>, verb: &str) -> Result<(), AzureError> {
        self.ensure_current("subgroups")?;
        let last = format!("{}:{verb}", at.deployment);
        let path = SubgroupDeployment {
            deployment: &last,
            ..at
        };
        let call = self.call(Method::Post, Area::Management, &path.path(), &[])?;
        let request = call.name();
        let answer = self.exchange(call.empty().repeatable()).await?;
        if answer.body().is_empty() {
            return Ok(());
        }
        self.read::<Deployment>(&answer, request).map(drop)
    }

    /// Sends the call and reads the deployment of this id.
    async fn named_deployment(&self, call: Call, id: &str) -> Result<Deployment, AzureError> {
        Ok(self.answered_deployment(call, id).await?.deployment)
    }

    /// The same, with the word for its state that the answer may have besides.
    async fn answered_deployment(&self, call: Call, id: &str) -> Result<Answered, AzureError> {
        let request = call.name();
        let answer = self.exchange(call).await?;
        let deployment: Deployment = self.read(&answer, request.clone())?;
        let state = state_word(answer.body());
        let named = &deployment.deployment_id;
        if named.is_empty() {
            let state = state.map(|word| format!(", and its state is \"{word}\""));
            let why = format!("it has no deploymentId{}", state.unwrap_or_default());
            return Err(self.other_shape(request, &why));
        }
        if !named.eq_ignore_ascii_case(id) {
            let why = format!("it is another deployment, \"{}\"", shortened(named));
            return Err(self.other_shape(request, &why));
        }
        Ok(Answered { deployment, state })
    }

    /// The first generation has deployments apart from groups, of another shape.
    fn ensure_groups_have_deployments(&self) -> Result<(), AzureError> {
        self.ensure(
            self.version.profile() != Profile::Legacy,
            "a deployment of a group",
        )
    }

    fn deployment_body(&self, new: &NewDeployment) -> Result<Value, AzureError> {
        checked_id(&new.id)?;
        let id = json!({
            "provider": new.update.provider,
            "name": new.update.name,
            "version": new.update.plain_version(),
        });
        let mut body = json!({
            "deploymentId": new.id,
            "startDateTime": new.start,
            "groupId": new.group,
        });
        match self.version.profile() {
            Profile::Current => body["update"] = json!({ "updateId": id }),
            Profile::Earlier | Profile::Legacy => body["updateId"] = id,
        }
        if let Some(security) = new.download_security {
            self.ensure(
                self.version.has_download_security(),
                "the security of downloads",
            )?;
            body["downloadSecurity"] = json!(security);
        }
        if let Some(rollback) = &new.rollback {
            self.ensure_current("a rollback policy")?;
            body["rollbackPolicy"] = json!(rollback);
        }
        Ok(body)
    }
}

/// A deployment, and what the answer calls its state.
struct Answered {
    deployment: Deployment,
    state: Option<String>,
}

/// The word for a state in an answer; deployments of the documentation have none.
fn state_word(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let words = ["deploymentState", "state", "status"];
    let word = words.iter().find_map(|name| body.get(name)?.as_str())?;
    Some(shortened(word)).filter(|word| !word.is_empty())
}

/// The deployment that the service made, unless it says that it is of another update or has ended.
fn ensure_is_of(new: &NewDeployment, answered: Answered) -> Result<Deployment, AzureError> {
    let Answered { deployment, state } = answered;
    let otherwise = |said: String| AzureError::StartedOtherwise {
        id: new.id.clone(),
        said,
    };
    let ended = ["Canceled", "Cancelled", "Failed", "Inactive"];
    let is_ended = |word: &String| ended.iter().any(|ended| ended.eq_ignore_ascii_case(word));
    match (deployment.subject(), state.filter(is_ended)) {
        (Some(update), _) if !update.is_same(&new.update) => {
            Err(otherwise(format!("it is of the update {update}")))
        }
        _ if deployment.is_canceled => Err(otherwise("it is cancelled".to_owned())),
        (_, Some(word)) => Err(otherwise(format!("its state is \"{word}\""))),
        _ => Ok(deployment),
    }
}

impl<'a> SubgroupDeployment<'a> {
    fn path(self) -> [&'a str; 6] {
        [
            "groups",
            self.group,
            "deviceClassSubgroups",
            self.class,
            "deployments",
            self.deployment,
        ]
    }
}

/// An id as the service takes it. Interface of 2022-10-01.
fn checked_id(id: &str) -> Result<(), AzureError> {
    let length = id.chars().count();
    let is_wrong = |c: char| c.is_uppercase() || c.is_control() || "&^[]{}|<>/\\\"".contains(c);
    if (1..=DEPLOYMENT_ID_CHARACTERS).contains(&length) && !id.contains(is_wrong) {
        return Ok(());
    }
    Err(AzureError::Argument {
        what: format!(
            "the deployment id {:?}",
            id.chars().take(80).collect::<String>()
        ),
        why: "it must have 1 to 73 characters, no capitals, and none of & ^ [ ] { } | < > / \\ \""
            .to_owned(),
    })
}

/// Whether a deployment may be there although it was refused, or although nothing readable came back. Whoever
/// may not start one is not asked again.
fn may_be_made(error: &AzureError) -> bool {
    match error.status() {
        Some(status) => matches!(status, 400 | 402 | 405..=428 | 430..=499),
        None => {
            matches!(error, AzureError::Net { source, .. } if source.delivered() == Delivered::Perhaps)
        }
    }
}

/// Whether this is the deployment that was to be made, and not one of the same id of another time.
fn is_of(new: &NewDeployment, there: &Deployment) -> bool {
    let moment = |text: &str| -> Option<Moment> { serde_json::from_value(text.into()).ok() };
    let asked = moment(&new.start);
    there
        .subject()
        .is_some_and(|update| update.is_same(&new.update))
        && !there.is_canceled
        && asked.is_some()
        && moment(&there.start_date_time) == asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_a_deployment_is_checked_before_it_is_sent() {
        for id in [
            "a",
            "6f1c2e4a-0000-4000-8000-000000000000",
            &"a".repeat(73),
            "ü.1",
        ] {
            assert!(checked_id(id).is_ok(), "{id}");
        }
        for id in ["", "A", "a/b", "a\"b", "a|b", "a\nb", &"a".repeat(74)] {
            assert!(checked_id(id).is_err(), "{id}");
        }
    }
}
