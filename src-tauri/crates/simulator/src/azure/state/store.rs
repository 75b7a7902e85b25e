//! The instance, and how what it holds is looked up.

use std::ops::{Deref, DerefMut};

use firmdrop_core::Moment;

use super::{
    Device, DeviceClass, ImportItem, JobFaults, Kind, Operation, Pace, Problem, Status, Update,
    UpdateId, contents::Contents, persistence::Persistence, version,
};
use crate::timeline::Timeline;

/// The instance.
#[derive(Debug)]
pub(crate) struct Store {
    pub(super) contents: Contents,
    timeline: Timeline,
    pub(crate) pace: Pace,
    pub(super) persistence: Option<Persistence>,
}

impl Deref for Store {
    type Target = Contents;

    fn deref(&self) -> &Contents {
        &self.contents
    }
}

impl DerefMut for Store {
    fn deref_mut(&mut self) -> &mut Contents {
        &mut self.contents
    }
}

impl Store {
    pub(super) const fn new(contents: Contents, timeline: Timeline, pace: Pace) -> Self {
        Self {
            contents,
            timeline,
            pace,
            persistence: None,
        }
    }

    pub(crate) fn now(&self) -> Moment {
        self.timeline.now()
    }

    fn next_number(&mut self) -> u64 {
        self.contents.last_number += 1;
        self.contents.last_number
    }

    /// An identifier that was not given before.
    pub(crate) fn next_guid(&mut self) -> String {
        format!("5157a000-0000-4000-8000-{:012x}", self.next_number())
    }

    pub(crate) fn next_etag(&mut self) -> String {
        format!("\"{}\"", self.next_guid())
    }

    /// An update that can be found.
    pub(crate) fn update(&self, id: &UpdateId) -> Option<&Update> {
        self.updates.get(id).filter(|update| !update.is_lost)
    }

    /// Those of a provider and name that can be found, the oldest version first.
    pub(crate) fn versions(&self, provider: &str, name: &str) -> Vec<&Update> {
        let all = self.updates.values();
        let mut found: Vec<_> = all
            .filter(|one| one.id.provider == provider && one.id.name == name && !one.is_lost)
            .collect();
        found.sort_by_key(|one| version::numbers(&one.id.version));
        found
    }

    /// The updates whose steps name this one.
    pub(crate) fn referenced_by(&self, id: &UpdateId) -> Vec<&UpdateId> {
        let all = self.updates.values();
        let parents = all.filter(|one| one.references.contains(id));
        parents.map(|one| &one.id).collect()
    }

    /// The newest update that devices of this class can install.
    pub(crate) fn best_update(&self, class: &DeviceClass) -> Option<&Update> {
        let fitting = self.installable(class).into_iter();
        fitting.max_by_key(|one| (version::numbers(&one.id.version), one.imported))
    }

    /// Every update that devices of this class can install.
    pub(crate) fn installable(&self, class: &DeviceClass) -> Vec<&Update> {
        let all = self.updates.values();
        all.filter(|one| one.is_deployable && !one.is_lost && one.fits(&class.properties))
            .collect()
    }

    /// How many imports and deletes have not ended.
    pub(crate) fn open_jobs(&self) -> usize {
        let all = self.operations.values();
        all.filter(|one| one.kind != Kind::Devices && one.status.is_open())
            .count()
    }

    /// Begins a job.
    pub(crate) fn begin(
        &mut self,
        kind: Kind,
        items: Vec<ImportItem>,
        update: Option<UpdateId>,
        trouble: JobFaults,
    ) -> Operation {
        let now = self.now();
        let operation = Operation {
            id: self.next_guid(),
            kind,
            status: Status::NotStarted,
            friendly_name: items.first().and_then(|item| item.friendly_name.clone()),
            items,
            update,
            error: None,
            trace_id: self.next_guid().replace('-', ""),
            created: now,
            last_action: now,
            etag: self.next_etag(),
            trouble,
        };
        let id = operation.id.clone();
        self.operations.insert(id, operation.clone());
        operation
    }

    /// A job got on.
    pub(crate) fn advance(&mut self, id: &str, change: impl FnOnce(&mut Operation)) {
        let (now, etag) = (self.now(), self.next_etag());
        if let Some(operation) = self.operations.get_mut(id) {
            change(operation);
            operation.last_action = now;
            operation.etag = etag;
        }
    }

    /// A job ended.
    pub(crate) fn end(&mut self, id: &str, result: Result<(), Problem>) {
        let now = self.now();
        self.advance(id, |operation| match result {
            Ok(()) => operation.status = Status::Succeeded,
            Err(mut problem) => {
                problem.occurred = Some(now);
                operation.status = Status::Failed;
                operation.error = Some(problem);
            }
        });
    }

    pub(crate) fn devices_of<'a>(
        &'a self,
        group: &'a str,
        class: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Device> {
        let all = self.devices.values();
        all.filter(move |one| one.group == group && class.is_none_or(|class| one.class == class))
    }

    /// The classes of a group's devices.
    pub(crate) fn classes_of(&self, group: &str) -> Vec<&DeviceClass> {
        let all = self.classes.values();
        all.filter(|class| self.devices_of(group, Some(&class.id)).next().is_some())
            .collect()
    }
}
