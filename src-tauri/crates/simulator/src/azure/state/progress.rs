//! Deployments in time: they begin, devices report, clients cancel and retry.

use std::collections::BTreeMap;

use firmdrop_core::Moment;

use super::{
    Deployment, DeploymentRequest, Inner, InstallResult, Member, MemberState, Outcome, Problem,
    Store, Subgroup, UpdateId,
    device::{Device, FAILED, FAILED_EXTENDED, INSTALLED},
};

/// Most deployments that are active: limits page, standard tier.
const MOST_ACTIVE: usize = 50;

/// How many devices of some are where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Compliance {
    pub(crate) total: usize,
    pub(crate) on_latest: usize,
    pub(crate) new_available: usize,
    pub(crate) in_progress: usize,
}

type Key = (String, String);

impl Store {
    /// Lets everything happen that is due.
    pub(crate) fn settle(&mut self) {
        let now = self.now();
        let waiting = self.deployments.iter();
        let waiting = waiting.filter(|(_, one)| !one.has_started && one.start <= now);
        let mut begins: Vec<(Moment, Key)> =
            waiting.map(|(key, one)| (one.start, key.clone())).collect();
        begins.sort();
        for (_, key) in begins {
            self.start(&key);
        }
        let mut due: Vec<(Moment, Key, String, String)> = Vec::new();
        for (key, deployment) in &self.deployments {
            for (class, subgroup) in &deployment.subgroups {
                for (device, member) in &subgroup.members {
                    if member.state == MemberState::InProgress
                        && let Some(at) = member.reports.filter(|at| *at <= now)
                    {
                        due.push((at, key.clone(), class.clone(), device.clone()));
                    }
                }
            }
        }
        due.sort();
        for (at, key, class, device) in due {
            self.report(&key, &class, &device, at);
        }
    }

    /// Makes a deployment, or changes the one of this id. It begins at its time.
    pub(crate) fn deploy(&mut self, request: DeploymentRequest) -> Result<Deployment, Problem> {
        request.check()?;
        let refused = |code: &str, why: String| {
            let inner = Inner::new(code, why);
            Problem::new(
                "DeploymentCannotBeCreated",
                "The deployment cannot be created.",
            )
            .because(inner)
        };
        if !self.groups.contains_key(&request.group) {
            let why = format!("There is no group {}.", request.group);
            return Err(refused("GroupNotFound", why));
        }
        let update = self.update(&request.update).filter(|one| one.is_deployable);
        let Some(update) = update else {
            let why = format!(
                "Update {} does not exist or is not deployable.",
                request.update
            );
            return Err(refused("UpdateNotFound", why));
        };
        let classes = self.classes_of(&request.group).into_iter();
        let fitting = classes.filter(|class| update.fits(&class.properties));
        let fitting: Vec<String> = fitting.map(|class| class.id.clone()).collect();
        if fitting.is_empty() {
            let why = "The update is not compatible with any device of the group.".to_owned();
            return Err(refused("NoCompatibleDevices", why));
        }
        let active = self
            .deployments
            .values()
            .filter(|one| one.state() == "Active");
        if active.count() >= MOST_ACTIVE {
            let why = "There are as many active deployments as there may be.".to_owned();
            return Err(refused("DeploymentLimitExceeded", why));
        }
        let subgroup = Subgroup {
            is_canceled: false,
            is_retried: false,
            is_inactive: false,
            members: BTreeMap::new(),
        };
        let key = (request.group.clone(), request.id.clone());
        let deployment = Deployment {
            id: request.id,
            group: request.group,
            update: request.update,
            start_text: request.start_text,
            start: request.start,
            download_security: request.download_security,
            rollback: request.rollback,
            has_started: false,
            subgroups: fitting
                .into_iter()
                .map(|class| (class, subgroup.clone()))
                .collect(),
        };
        self.deployments.insert(key.clone(), deployment.clone());
        self.settle();
        Ok(self.deployments.get(&key).cloned().unwrap_or(deployment))
    }

    fn start(&mut self, key: &Key) {
        let Some(mut deployment) = self.deployments.remove(key) else {
            return;
        };
        deployment.has_started = true;
        let (pace, start) = (self.pace.device, deployment.start);
        for (class, subgroup) in &mut deployment.subgroups {
            self.supersede(&key.0, class);
            let devices = self.devices_of(&key.0, Some(class));
            let devices: Vec<String> = devices.map(|device| device.id.clone()).collect();
            for (number, id) in (0_u32..).zip(devices) {
                let Some(device) = self.devices.get_mut(&id) else {
                    continue;
                };
                let has_it = device.installed.as_ref() == Some(&deployment.update);
                let takes = pace + pace * number / 4;
                let member = Member {
                    state: if has_it {
                        MemberState::Succeeded
                    } else {
                        MemberState::InProgress
                    },
                    reports: (device.outcome != Outcome::Silent).then(|| start.after(takes)),
                    retries: 0,
                    moved_on: false,
                };
                device.take_on(&deployment.id, &deployment.update, member.state);
                subgroup.members.insert(id, member);
            }
        }
        self.deployments.insert(key.clone(), deployment);
    }

    /// A later deployment takes the place of those of this group and class.
    fn supersede(&mut self, group: &str, class: &str) {
        let all = self.deployments.values_mut();
        for deployment in all.filter(|one| one.group == group && one.has_started) {
            if let Some(subgroup) = deployment.subgroups.get_mut(class) {
                subgroup.is_inactive = true;
                for member in subgroup.members.values_mut() {
                    member.moved_on = true;
                    if member.state == MemberState::InProgress {
                        member.state = MemberState::Canceled;
                        member.reports = None;
                    }
                }
            }
        }
    }

    fn report(&mut self, key: &Key, class: &str, id: &str, at: Moment) {
        let contents = &mut self.contents;
        let deployment = contents.deployments.get_mut(key);
        let (Some(deployment), Some(device)) = (deployment, contents.devices.get_mut(id)) else {
            return;
        };
        let update = deployment.update.clone();
        let subgroup = deployment.subgroups.get_mut(class);
        if let Some(member) = subgroup.and_then(|one| one.members.get_mut(id)) {
            member.state = device.try_update(&update, at);
            member.reports = None;
        }
    }

    /// Cancels a deployment for one class.
    pub(crate) fn cancel(&mut self, key: &Key, class: &str) -> Option<Deployment> {
        let contents = &mut self.contents;
        let deployment = contents.deployments.get_mut(key)?;
        let subgroup = deployment.subgroups.get_mut(class)?;
        subgroup.is_canceled = true;
        for (id, member) in &mut subgroup.members {
            if member.state == MemberState::InProgress {
                member.state = MemberState::Canceled;
                member.reports = None;
                if let Some(device) = contents.devices.get_mut(id) {
                    device.deployment_status = Some("Canceled".to_owned());
                }
            }
        }
        Some(deployment.clone())
    }

    /// Tries the devices of one class again that failed or were canceled.
    pub(crate) fn retry(&mut self, key: &Key, class: &str) -> Option<Deployment> {
        let (now, pace) = (self.now(), self.pace.device);
        let contents = &mut self.contents;
        let deployment = contents.deployments.get_mut(key)?;
        let (id, update) = (deployment.id.clone(), deployment.update.clone());
        let subgroup = deployment.subgroups.get_mut(class)?;
        (subgroup.is_canceled, subgroup.is_retried) = (false, true);
        for (name, member) in &mut subgroup.members {
            let ended = matches!(member.state, MemberState::Failed | MemberState::Canceled);
            let Some(device) = contents.devices.get_mut(name) else {
                continue;
            };
            if ended && !member.moved_on {
                member.state = MemberState::InProgress;
                member.retries += 1;
                member.reports = (device.outcome != Outcome::Silent).then(|| now.after(pace));
                device.take_on(&id, &update, member.state);
            }
        }
        Some(deployment.clone())
    }

    /// Whether an update is being deployed, or is what a deployment falls back to.
    pub(crate) fn is_deployed(&self, id: &UpdateId) -> bool {
        let mut all = self.deployments.values();
        all.any(|one| one.update == *id && one.state() == "Active")
    }

    /// How many devices of these are where.
    pub(crate) fn compliance<'a>(&self, devices: impl Iterator<Item = &'a Device>) -> Compliance {
        let mut counts = Compliance::default();
        for device in devices {
            let class = self.classes.get(&device.class);
            let best = class.and_then(|class| self.best_update(class));
            counts.total += 1;
            if device.deployment_status.as_deref() == Some("InProgress") {
                counts.in_progress += 1;
            } else if best.is_none_or(|best| device.installed.as_ref() == Some(&best.id)) {
                counts.on_latest += 1;
            } else {
                counts.new_available += 1;
            }
        }
        counts
    }
}

impl Device {
    /// A deployment concerns it now.
    fn take_on(&mut self, deployment: &str, update: &UpdateId, state: MemberState) {
        self.last_deployment = Some(deployment.to_owned());
        self.last_attempted = Some(update.clone());
        self.deployment_status = Some(state.name().to_owned());
    }

    /// What comes of the update.
    fn try_update(&mut self, update: &UpdateId, at: Moment) -> MemberState {
        let succeeds = match self.outcome {
            Outcome::Succeeds => true,
            Outcome::FailsOnce => self.has_failed,
            Outcome::Fails | Outcome::Silent => false,
        };
        self.seen = at;
        let (state, codes, details) = if succeeds {
            self.installed = Some(update.clone());
            (MemberState::Succeeded, (INSTALLED, 0), "")
        } else {
            self.has_failed = true;
            let details = "The file of a step could not be read.";
            (MemberState::Failed, (FAILED, FAILED_EXTENDED), details)
        };
        self.deployment_status = Some(state.name().to_owned());
        self.last_result = Some(InstallResult {
            result_code: codes.0,
            extended_result_code: codes.1,
            details: details.to_owned(),
            update: update.clone(),
        });
        state
    }
}
