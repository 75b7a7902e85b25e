//! The devices of a campaign: how far each has come.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashMap},
    sync::Arc,
};

use firmdrop_core::{Moment, Sha256};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::pelion::state::{
    Code, Id, Summary, Table,
    device::Map,
    filter::{Cell, Item},
    manifest::{Contents, dotted, hex},
};

/// What a campaign brings.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) manifest: Id,
    pub(crate) contents: Contents,
    /// Vendor and class as devices have them: 32 hexadecimal digits.
    pub(crate) vendor_id: String,
    pub(crate) class_id: String,
    pub(crate) firmware: Option<Sha256>,
    /// The manifest's version, where it is a time.
    pub(crate) time: Option<Moment>,
}

impl Plan {
    pub(crate) fn new(manifest: Id, contents: Contents) -> Self {
        Self {
            vendor_id: hex(&contents.vendor_id),
            class_id: hex(&contents.class_id),
            firmware: hex(contents.payload.firmware_digest()).parse().ok(),
            time: contents.time(),
            manifest,
            contents,
        }
    }
}

/// Component versions that are shared after an upgrade; ours: fleets run few versions.
const MOST_UPGRADES: usize = 64;

/// A device in a campaign.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) device: Id,
    /// How far it has come; its event type.
    pub(crate) code: Code,
    /// Nothing is to come any more, though it did not report.
    pub(crate) left: Option<Removal>,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
    /// When it acts next; saved as a moment.
    #[serde(skip)]
    pub(super) acts_at: Option<Instant>,
}

/// Why a device is out of a campaign without a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Removal {
    /// The campaign was stopped, or another one took the device over.
    ManifestRemoved,
    /// The device was deleted.
    Deregistered,
}

impl Member {
    /// Deployment states of the vendor's API reference.
    pub(crate) const fn deployment_state(&self) -> &'static str {
        match (self.left, self.code) {
            (Some(Removal::ManifestRemoved), _) => "manifestremoved",
            (Some(Removal::Deregistered), _) => "deregistered",
            (None, Code::Waits) => "pending",
            (None, Code::Delivered) => "updated_connector_channel",
            (None, Code::HasIt | Code::Updated) => "deployed",
            (None, Code::Failed(_)) => "failed_connector_channel_update",
        }
    }
}

impl Item for Member {
    /// The service has no filters for these.
    fn cell(&self, _id: Id, _field: &'static str) -> Cell<'_> {
        Cell::Nothing
    }
}

/// All devices of a campaign, and what each does next.
#[derive(Debug, Default)]
pub(crate) struct Members {
    pub(crate) plan: Option<Arc<Plan>>,
    pub(crate) all: Table<Id, Member>,
    by_device: HashMap<Id, Id>,
    actions: BinaryHeap<Reverse<(Instant, Id)>>,
    /// Component versions before and after; devices that had the same have the same again.
    upgrades: Vec<(Map, Map)>,
    /// How many devices have come how far.
    pub(crate) tally: BTreeMap<Code, usize>,
}

impl Members {
    pub(crate) fn add(&mut self, id: Id, device: Id, now: Moment) {
        let member = Member {
            device,
            code: Code::Waits,
            left: None,
            created_at: now,
            updated_at: now,
            acts_at: None,
        };
        self.all.insert(id, member);
        self.count_in(id, &member);
    }

    /// Takes a member in as it was saved.
    pub(super) fn restore(&mut self, id: Id, member: Member) {
        self.all.insert(id, member);
    }

    /// Finds members by device and by their next act again, after they were read.
    pub(crate) fn index(&mut self) {
        self.by_device.clear();
        self.tally.clear();
        let members: Vec<_> = self.all.iter().map(|(id, member)| (*id, *member)).collect();
        for (id, member) in members {
            self.count_in(id, &member);
            let act = member.acts_at.map(|at| Reverse((at, id)));
            self.actions.extend(act);
        }
    }

    fn count_in(&mut self, id: Id, member: &Member) {
        self.by_device.insert(member.device, id);
        *self.tally.entry(member.code).or_default() += 1;
    }

    pub(crate) fn has(&self, device: Id) -> bool {
        self.by_device.contains_key(&device)
    }

    /// Lets a member act at this time.
    pub(crate) fn schedule(&mut self, at: Instant, member: Id) {
        self.actions.push(Reverse((at, member)));
        if let Some(member) = self.all.get_mut(&member) {
            member.acts_at = Some(at);
        }
    }

    pub(crate) fn due(&self) -> Option<Instant> {
        self.actions.peek().map(|Reverse((at, _))| *at)
    }

    /// Whose turn it is.
    pub(crate) fn next(&mut self) -> Option<Id> {
        let Reverse((_, id)) = self.actions.pop()?;
        if let Some(member) = self.all.get_mut(&id) {
            member.acts_at = None;
        }
        Some(id)
    }

    /// A member has come this far.
    pub(crate) fn reach(&mut self, id: Id, code: Code, now: Moment) {
        let Some(member) = self.all.get_mut(&id) else {
            return;
        };
        if let Some(count) = self.tally.get_mut(&member.code) {
            *count = count.saturating_sub(1);
        }
        *self.tally.entry(code).or_default() += 1;
        member.code = code;
        member.updated_at = now;
    }

    /// A device is out.
    pub(crate) fn leave(&mut self, device: Id, why: Removal, now: Moment) {
        let member = self.by_device.get(&device);
        if let Some(member) = member.and_then(|id| self.all.get_mut(id))
            && member.code.summary() == Summary::Info
        {
            member.left = Some(why);
            member.updated_at = now;
        }
    }

    /// Those that have no manifest yet get none any more.
    pub(crate) fn leave_waiting(&mut self, now: Moment) {
        let is_waiting = |member: &Member| member.code == Code::Waits && member.left.is_none();
        let members = self.all.iter().filter(|(_, member)| is_waiting(member));
        let waiting: Vec<_> = members.map(|(id, _)| *id).collect();
        for id in waiting {
            if let Some(member) = self.all.get_mut(&id) {
                member.left = Some(Removal::ManifestRemoved);
                member.updated_at = now;
            }
        }
    }

    /// The component versions of a device that had these and installed what the campaign brings.
    pub(crate) fn upgraded(&mut self, before: &Map) -> Map {
        let known = self.upgrades.iter();
        let mut known = known.filter(|(had, _)| Arc::ptr_eq(had, before));
        if let Some((_, after)) = known.next() {
            return Map::clone(after);
        }
        let mut after = before.as_ref().clone();
        if let Some(plan) = &self.plan
            && let Some(version) = plan.contents.version
        {
            after.insert(plan.contents.component.clone(), dotted(version));
        }
        let after = Map::new(after);
        if self.upgrades.len() < MOST_UPGRADES {
            self.upgrades.push((Map::clone(before), Map::clone(&after)));
        }
        after
    }

    pub(crate) fn count(&self, summary: Summary) -> usize {
        let tally = self.tally.iter();
        tally
            .filter(|(code, _)| code.summary() == summary)
            .map(|(_, count)| count)
            .sum()
    }
}
