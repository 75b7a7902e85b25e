//! An act on a deployment: the service takes it for each class of the group by itself.

use firmdrop_core::{Code, Diagnose as _, Diagnosis, Remedy};

use crate::azure::{AzureError, DeviceUpdate, SubgroupDeployment};

/// What is done in each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClassAct {
    /// Devices that have not begun do not begin.
    Cancel,
    /// Devices where it failed try again.
    Retry,
}

impl ClassAct {
    const fn done(self) -> &'static str {
        match self {
            Self::Cancel => "cancelled",
            Self::Retry => "tried again",
        }
    }
}

/// In which classes it was done, and in which not.
#[derive(Debug)]
pub struct EachClass {
    act: ClassAct,
    deployment_id: String,
    group: String,
    /// Classes for which the service confirmed it.
    pub done: Vec<String>,
    /// Those for which it did not, and why.
    pub failed: Vec<(String, AzureError)>,
}

/// Does it in every class that the deployment is for, also after one of them was refused. The classes are
/// those that the service lists with the deployment, and where it lists none, or one without its id, those of the group
/// that have it.
pub async fn in_each_class(
    service: &DeviceUpdate,
    group: &str,
    deployment_id: &str,
    act: ClassAct,
) -> Result<EachClass, AzureError> {
    let deployment = service.deployment(group, deployment_id).await?;
    let mut classes = deployment.device_class_subgroups;
    let listed = classes.len();
    classes.retain(|class| !class.trim().is_empty());
    if listed == 0 || classes.len() < listed {
        let list = service.subgroups(group, None)?;
        let subgroups = service.all(&list).await?.into_iter();
        let has_it = subgroups.filter(|one| one.deployment_id.as_deref() == Some(deployment_id));
        let of_group: Vec<String> = has_it.map(|one| one.device_class_id).collect();
        let is_new = |class: &String| !class.trim().is_empty() && !classes.contains(class);
        let more: Vec<String> = of_group.into_iter().filter(is_new).collect();
        classes.extend(more);
    }
    let mut each = EachClass {
        act,
        deployment_id: deployment_id.to_owned(),
        group: group.to_owned(),
        done: Vec::new(),
        failed: Vec::new(),
    };
    for class in classes {
        let at = SubgroupDeployment {
            group,
            class: &class,
            deployment: deployment_id,
        };
        let acted = match act {
            ClassAct::Cancel => service.cancel_deployment(at).await,
            ClassAct::Retry => service.retry_deployment(at).await,
        };
        match acted {
            Ok(()) => each.done.push(class),
            Err(error) => each.failed.push((class, error)),
        }
    }
    Ok(each)
}

impl EachClass {
    /// Whether it was done in every class there is; an error says in which it was not.
    pub fn ended(&self) -> Result<(), Diagnosis> {
        let Self {
            deployment_id: id,
            group,
            ..
        } = self;
        let done = self.act.done();
        if let Some((_, error)) = self.failed.first() {
            let classes: Vec<&str> = self.failed.iter().map(|(class, _)| &**class).collect();
            let state = format!(
                "The service confirmed it for {} of {} classes, and not for: {}.",
                self.done.len(),
                self.done.len() + self.failed.len(),
                classes.join(", ")
            );
            return Err(error.diagnose().state(state));
        }
        if self.done.is_empty() {
            let what = format!("The deployment {id} was not {done}.");
            let why = format!("The service lists no class of the group {group} in which it is.");
            return Err(Diagnosis::new(Code::ServiceRefused, what, why)
                .titled(format!("Nothing was {done}"))
                .state("No request to change the deployment was sent.")
                .remedy(Remedy::advice(
                    "Look at the deployment and at the classes of its group; one that has ended needs nothing.",
                )));
        }
        Ok(())
    }

    /// What is said when the service could not be asked afterwards.
    pub fn statement(&self) -> String {
        let (count, done) = (self.done.len(), self.act.done());
        let classes = if count == 1 { "class" } else { "classes" };
        format!("The deployment was {done} in {count} {classes}. Its current state is not known.")
    }
}
