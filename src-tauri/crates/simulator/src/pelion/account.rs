//! What the account holds, and its firmware images.
//!
//! Knows nothing of HTTP but the refusals.

use std::{collections::BTreeMap, io, net::SocketAddr};

use firmdrop_core::{Moment, Sha256};
use serde::Serialize;

use super::{
    Storage,
    campaign::{Campaign, Pace},
    device::Device,
    directory::Directory,
    id::Id,
    manifest::Manifest,
    record::Recorder,
    refusal::Refusal,
    storage::Part,
    texts::Texts,
    timeline::Timeline,
    upload_job::Job,
};

/// A firmware image of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredImage {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its size, bytes.
    pub size_bytes: u64,
    /// SHA-256 of what arrived.
    pub sha256: Sha256,
    /// When its record was made.
    pub created_at: Moment,
}

#[derive(Debug)]
pub(super) struct Account {
    pub(super) address: SocketAddr,
    pub(super) timeline: Timeline,
    pub(super) pace: Pace,
    pub(super) quota_devices: Option<usize>,
    pub(super) storage: Storage,
    pub(super) recorder: Recorder,
    pub(super) refuse_short_chunk_early: bool,
    pub(super) last_id: u64,
    pub(super) jobs: BTreeMap<String, Job>,
    pub(super) images: BTreeMap<String, StoredImage>,
    pub(super) manifests: BTreeMap<Id, Manifest>,
    pub(super) campaigns: BTreeMap<Id, Campaign>,
    pub(super) directory: Directory,
}

/// What an account is made with.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) address: SocketAddr,
    pub(super) timeline: Timeline,
    pub(super) pace: Pace,
    pub(super) quota_devices: Option<usize>,
    pub(super) storage: Storage,
    pub(super) recorder: Recorder,
    pub(super) refuse_short_chunk_early: bool,
}

impl Account {
    pub(super) fn new(opening: Opening) -> Self {
        Self {
            address: opening.address,
            timeline: opening.timeline,
            pace: opening.pace,
            quota_devices: opening.quota_devices,
            storage: opening.storage,
            recorder: opening.recorder,
            refuse_short_chunk_early: opening.refuse_short_chunk_early,
            last_id: 0,
            jobs: BTreeMap::new(),
            images: BTreeMap::new(),
            manifests: BTreeMap::new(),
            campaigns: BTreeMap::new(),
            directory: Directory::default(),
        }
    }

    /// The present moment, no finer than it is written in answers.
    pub(super) fn now(&self) -> Moment {
        self.timeline.now()
    }

    /// An id that sorts behind all others so far.
    pub(super) fn next(&mut self) -> Id {
        self.last_id += 1;
        let milliseconds = u128::try_from(self.timeline.millisecond()).unwrap_or_default();
        Id::new((milliseconds << 64) | u128::from(self.last_id))
    }

    /// The same as text.
    pub(super) fn next_id(&mut self) -> String {
        self.next().to_string()
    }

    /// Takes a device in, also into the campaigns that wait for it.
    pub(super) fn add_device(&mut self, device: Device) -> Id {
        let id = self.next();
        self.directory.devices.insert(id, device);
        self.join_campaigns(id);
        id
    }

    pub(super) fn delete_device(&mut self, id: Id) -> Result<(), Refusal> {
        let device = self.directory.remove_device(id)?;
        self.leave_campaign(id, &device);
        Ok(())
    }

    pub(super) fn image(&self, id: &str) -> Result<&StoredImage, Refusal> {
        self.images
            .get(id)
            .ok_or_else(|| Refusal::not_found("The firmware image"))
    }

    pub(super) fn name_is_taken(&self, name: &str) -> bool {
        self.jobs.values().any(|job| job.name == name)
            || self.images.values().any(|image| image.name == name)
    }

    pub(super) fn delete_image(&mut self, id: &str) -> Result<(), Refusal> {
        self.image(id)?;
        self.images.remove(id);
        self.storage.remove_image(id);
        Ok(())
    }

    /// Makes an image of a body that arrived whole in one request.
    pub(super) fn add_image(
        &mut self,
        texts: Texts,
        size_bytes: u64,
        sha256: Sha256,
        part: Option<&Part>,
    ) -> Result<StoredImage, Refusal> {
        let image = StoredImage {
            id: self.next_id(),
            name: texts.name.unwrap_or_default(),
            description: texts.description.unwrap_or_default(),
            size_bytes,
            sha256,
            created_at: self.now(),
        };
        self.storage
            .keep(part, &image.id)
            .map_err(|error| disk(&error))?;
        self.images.insert(image.id.clone(), image.clone());
        Ok(image)
    }
}

/// The simulator's own disk failed: its fault, not the client's.
pub(super) fn disk(error: &io::Error) -> Refusal {
    Refusal::failed(format!("The simulator cannot store this: {error}."))
}

#[cfg(test)]
pub(super) mod tests {
    use firmdrop_core::SystemClock;

    use super::*;

    pub(crate) fn an_account() -> Account {
        Account::new(Opening {
            address: ([127, 0, 0, 1], 1).into(),
            timeline: Timeline::begin(&SystemClock),
            pace: Pace::FAST,
            quota_devices: None,
            storage: Storage::Discard,
            recorder: Recorder::default(),
            refuse_short_chunk_early: false,
        })
    }

    #[test]
    fn ids_have_32_hexadecimal_digits_and_sort_by_their_making() {
        let mut account = an_account();
        let ids: Vec<_> = (0..300).map(|_| account.next_id()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert!(
            ids.iter()
                .all(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()))
        );
    }
}
