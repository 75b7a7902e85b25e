//! How campaigns move: the states of the start in their order, the devices one by one, the stop.
//!
//! The vendor documents the order of the states and who may do what when. What it leaves open is
//! decided here: a campaign that reached all its devices stops even if some failed, and a stopped
//! campaign takes its manifest back from devices that did not get it yet.

use std::sync::Arc;

use tokio::time::Instant;

use super::{
    Campaign, Phase, State, Strategy,
    member::{Plan, Removal},
    pace::fractions,
    verdict::{has_it, judge},
};
use crate::pelion::state::{Account, Code, DeviceEvent, Id, Summary};

impl Campaign {
    /// Starts the campaign.
    pub(crate) fn begin(&mut self, account: &Account) {
        let now = account.now();
        self.autostop_reason.clear();
        self.updated_at = now;
        if self.approval_required {
            // Nobody can approve: the service has no such call.
            self.phase = Phase::AwaitingApproval;
            return;
        }
        self.phase = Phase::Starting;
        self.state = State::Scheduled;
        self.times.started = Some(now);
        self.times.starting = Some(now);
        self.moves_at = Some(Instant::now() + account.pace.state);
    }

    /// Begins to stop. Devices that have the manifest finish with it.
    pub(crate) fn end(&mut self, account: &Account, at: Instant, ends_as: State) {
        let now = account.timeline.at(at);
        self.phase = Phase::Stopping;
        self.state = State::Stopping;
        self.ends_as = ends_as;
        self.times.stopping = Some(now);
        self.updated_at = now;
        self.moves_at = Some(at + account.pace.stopping);
        self.members.leave_waiting(now);
    }

    pub(super) fn step(&mut self, account: &mut Account, id: Id, due: Instant) {
        if self.moves_at == Some(due) {
            self.move_on(account, id, due);
        } else if let Some(member) = self.members.next() {
            self.act(account, id, member, due);
        }
    }

    fn move_on(&mut self, account: &mut Account, id: Id, due: Instant) {
        self.moves_at = Some(due + account.pace.state);
        self.updated_at = account.timeline.at(due);
        self.state = match self.state {
            State::Scheduled => State::AllocatingQuota,
            State::AllocatingQuota => return self.allocate_quota(account, due),
            State::AllocatedQuota => State::CheckingManifest,
            State::CheckingManifest => return self.check_manifest(account),
            State::CheckedManifest => State::DeviceFetch,
            State::DeviceFetch => return self.fetch(account),
            State::DeviceCopy => State::DeviceCheck,
            State::DeviceCheck => return self.check_devices(account, id, due),
            State::Publishing => {
                self.moves_at = None;
                self.state = State::Deploying;
                return self.look_whether_done(account, due);
            }
            State::Stopping => {
                self.stopped(account, id, due);
                self.ends_as
            }
            other => {
                self.moves_at = None;
                other
            }
        };
    }

    fn allocate_quota(&mut self, account: &Account, due: Instant) {
        let matching = account.matching(&self.device_filter, None);
        let needed = matching.map_or(0, |devices| devices.len());
        if account.quota_devices.is_none_or(|quota| needed <= quota) {
            self.state = State::AllocatedQuota;
            return;
        }
        self.autostop_reason = format!("The quota does not allow {needed} devices.");
        self.stop_short(State::QuotaAllocationFailed, account, due);
    }

    /// Ends without having been active.
    fn stop_short(&mut self, state: State, account: &Account, due: Instant) {
        self.phase = Phase::Stopped;
        self.state = state;
        self.times.stopped = Some(account.timeline.at(due));
        self.moves_at = None;
    }

    fn check_manifest(&mut self, account: &Account) {
        let Some(id) = self.root_manifest else {
            return self.fail_to_start("The campaign has no manifest.");
        };
        let Some(manifest) = account.manifests.get(&id) else {
            return self.fail_to_start("The campaign's manifest does not exist.");
        };
        let plan = Plan::new(id, manifest.contents.clone());
        self.members.plan = Some(Arc::new(plan));
        self.state = State::CheckedManifest;
    }

    fn fetch(&mut self, account: &Account) {
        if self.device_filter.is_empty() {
            return self.fail_to_start("The campaign has no device filter.");
        }
        match account.matching(&self.device_filter, None) {
            Err(_) => self.fail_to_start("The campaign's device filter cannot be used."),
            Ok(found) if found.is_empty() && self.strategy == Strategy::OneShot => {
                self.fail_to_start("No device matches the campaign's device filter.");
            }
            Ok(found) => {
                self.fetched = found;
                self.state = State::DeviceCopy;
            }
        }
    }

    /// Back to a draft that can be mended.
    fn fail_to_start(&mut self, why: &str) {
        why.clone_into(&mut self.autostop_reason);
        self.phase = Phase::Draft;
        self.state = State::Draft;
        self.times.started = None;
        self.moves_at = None;
    }

    fn check_devices(&mut self, account: &mut Account, id: Id, due: Instant) {
        let fetched = std::mem::take(&mut self.fetched);
        let devices = &account.directory.devices;
        let is_taken = |device: &&Id| devices.get(*device).is_some_and(|d| d.campaign.is_some());
        let taken = fetched.iter().filter(is_taken).count();
        let now = account.timeline.at(due);
        if taken > 0 && self.strategy == Strategy::OneShot {
            self.autostop_reason = format!("{taken} of the devices are in another campaign.");
            return self.stop_short(State::Conflict, account, due);
        }
        self.phase = Phase::Active;
        self.state = State::Publishing;
        self.times.active = Some(now);
        for device in fetched {
            self.take_in(account, id, device, due);
        }
    }

    /// Makes a device a member, from wherever it was.
    pub(super) fn take_in(&mut self, account: &mut Account, id: Id, device_id: Id, at: Instant) {
        let (member, now) = (account.next(), account.timeline.at(at));
        let Some(device) = account.directory.devices.get_mut(&device_id) else {
            return;
        };
        let before = device.campaign.replace(id);
        let is_reachable = device.is_reachable();
        if let Some(other) = before.and_then(|other| account.campaigns.get_mut(&other)) {
            other
                .members
                .leave(device_id, Removal::ManifestRemoved, now);
        }
        self.members.add(member, device_id, now);
        if is_reachable {
            let (fraction, _) = fractions(member.number());
            let at = at + account.pace.delivery.mul_f64(fraction);
            self.members.schedule(at, member);
        }
    }

    /// A device's turn: its manifest comes, or it reports.
    fn act(&mut self, account: &mut Account, id: Id, member_id: Id, due: Instant) {
        let Some(member) = self.members.all.get(&member_id).copied() else {
            return;
        };
        let device = account.directory.devices.get(&member.device);
        let plan = self.members.plan.clone();
        let (Some(device), Some(plan), None) = (device, plan, member.left) else {
            return;
        };
        let now = account.timeline.at(due);
        if !device.is_reachable() {
            return;
        }
        let code = match member.code {
            Code::Waits if has_it(device, &plan) => Code::HasIt,
            Code::Waits => Code::Delivered,
            Code::Delivered => judge(device, &plan, &account.images, account.address),
            _ => return,
        };
        self.members.reach(member_id, code, now);
        if code == Code::Delivered {
            let (_, fraction) = fractions(member_id.number());
            let at = due + account.pace.installation.mul_f64(0.5 + fraction);
            self.members.schedule(at, member_id);
            return;
        }
        if let Some(device) = account.directory.devices.get_mut(&member.device)
            && code == Code::Updated
        {
            device.components = self.members.upgraded(&device.components);
            device.firmware_checksum = plan.firmware;
            device.manifest = Some(plan.manifest);
            device.manifest_at = Some(plan.time.unwrap_or(now));
            device.updated_at = now;
        }
        let event = DeviceEvent {
            device: member.device,
            campaign: Some(id),
            code,
            at: now,
            firmware_checksum: plan.firmware.filter(|_| code == Code::Updated),
        };
        let event_id = account.next();
        account.directory.log(event_id, event);
        self.look_whether_done(account, due);
    }

    /// Stops once the wanted share of devices succeeded, or no device is left that could.
    fn look_whether_done(&mut self, account: &Account, due: Instant) {
        let is_open = self.strategy == Strategy::Continuous || !self.autostop;
        if self.state != State::Deploying || is_open {
            return;
        }
        let members = &self.members;
        let total = members.all.len();
        let succeeded = members.count(Summary::Success) + members.count(Summary::Skipped);
        let failed = members.count(Summary::Fail);
        let percent = share(succeeded, total);
        let reason = if percent >= self.autostop_success_percent {
            format!("{percent:.1} % of the devices succeeded.")
        } else if succeeded + failed == total {
            format!("Every device has reported: {succeeded} succeeded, {failed} failed.")
        } else {
            return;
        };
        self.autostop_reason = reason;
        self.end(account, due, State::AutoStopped);
    }

    fn stopped(&mut self, account: &mut Account, id: Id, due: Instant) {
        self.phase = Phase::Stopped;
        self.times.stopped = Some(account.timeline.at(due));
        self.moves_at = None;
        for member in self.members.all.values() {
            if let Some(device) = account.directory.devices.get_mut(&member.device)
                && device.campaign == Some(id)
            {
                device.campaign = None;
            }
        }
    }
}

/// Percent; of nothing it is none.
fn share(part: usize, whole: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    match whole {
        0 => 0.0,
        _ => 100.0 * number(part) / number(whole),
    }
}
