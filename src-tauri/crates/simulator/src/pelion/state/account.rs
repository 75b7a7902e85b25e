//! What the account holds, and its firmware images.

use std::{io, net::SocketAddr, path::PathBuf};

use firmdrop_core::{Moment, Sha256};
use serde::{Deserialize, Serialize};

use super::{
    Storage, Table, Timeline,
    campaign::{Campaign, Pace},
    device::Device,
    directory::Directory,
    id::Id,
    manifest::Manifest,
    persistence::Persistence,
    record::UploadRecorder,
    refusal::Refusal,
    storage::Part,
    texts::Texts,
    upload_job::Job,
};

/// A firmware image of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
pub(crate) struct Account {
    pub(crate) address: SocketAddr,
    pub(crate) timeline: Timeline,
    pub(crate) pace: Pace,
    pub(crate) quota_devices: Option<usize>,
    pub(crate) storage: Storage,
    pub(crate) recorder: UploadRecorder,
    pub(crate) refuse_short_chunk_early: bool,
    pub(crate) last_id: u64,
    pub(crate) jobs: Table<String, Job>,
    pub(crate) images: Table<String, StoredImage>,
    pub(crate) manifests: Table<Id, Manifest>,
    pub(crate) campaigns: Table<Id, Campaign>,
    pub(crate) directory: Directory,
    /// Files of bytes that nothing names any more once the present change is saved.
    pub(crate) obsolete: Vec<PathBuf>,
    /// Where the state is saved; `None` when it ends with the server.
    pub(super) persistence: Option<Persistence>,
}

/// What an account is made with.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) address: SocketAddr,
    pub(crate) timeline: Timeline,
    pub(crate) pace: Pace,
    pub(crate) quota_devices: Option<usize>,
    pub(crate) storage: Storage,
    pub(crate) recorder: UploadRecorder,
    pub(crate) refuse_short_chunk_early: bool,
}

impl Account {
    /// An account that holds nothing.
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            address: settings.address,
            timeline: settings.timeline,
            pace: settings.pace,
            quota_devices: settings.quota_devices,
            storage: settings.storage,
            recorder: settings.recorder,
            refuse_short_chunk_early: settings.refuse_short_chunk_early,
            last_id: 0,
            jobs: Table::default(),
            images: Table::default(),
            manifests: Table::default(),
            campaigns: Table::default(),
            directory: Directory::default(),
            obsolete: Vec::new(),
            persistence: None,
        }
    }

    /// The present moment, no finer than it is written in answers.
    pub(crate) fn now(&self) -> Moment {
        self.timeline.now()
    }

    /// An id that sorts behind all others so far.
    pub(crate) fn next(&mut self) -> Id {
        let now = self.timeline.now();
        self.next_at(now)
    }

    /// An id that was made at this moment.
    pub(super) fn next_at(&mut self, moment: Moment) -> Id {
        self.last_id += 1;
        let milliseconds = u128::try_from(moment.as_millisecond()).unwrap_or_default();
        Id::new((milliseconds << 64) | u128::from(self.last_id))
    }

    /// The same as text.
    pub(crate) fn next_id(&mut self) -> String {
        self.next().to_string()
    }

    /// Takes a device in, also into the campaigns that wait for it.
    pub(crate) fn add_device(&mut self, device: Device) -> Id {
        let id = self.next();
        self.directory.devices.insert(id, device);
        self.join_campaigns(id);
        id
    }

    pub(crate) fn delete_device(&mut self, id: Id) -> Result<(), Refusal> {
        let device = self.directory.remove_device(id)?;
        self.leave_campaign(id, &device);
        Ok(())
    }

    pub(crate) fn image(&self, id: &str) -> Result<&StoredImage, Refusal> {
        self.images
            .get(id)
            .ok_or_else(|| Refusal::not_found("The firmware image"))
    }

    pub(crate) fn name_is_taken(&self, name: &str) -> bool {
        self.jobs.values().any(|job| job.name == name)
            || self.images.values().any(|image| image.name == name)
    }

    pub(crate) fn delete_image(&mut self, id: &str) -> Result<(), Refusal> {
        self.image(id)?;
        self.images.remove(id);
        self.obsolete.extend(self.storage.image_file(id));
        Ok(())
    }

    /// Makes an image of a body that arrived whole in one request.
    pub(crate) fn add_image(
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
            .add(part, &image.id)
            .map_err(|error| disk(&error))?;
        self.images.insert(image.id.clone(), image.clone());
        Ok(image)
    }
}

/// The simulator's own disk failed: its fault, not the client's.
pub(crate) fn disk(error: &io::Error) -> Refusal {
    Refusal::failed(format!("The simulator cannot store this: {error}."))
}

#[cfg(test)]
pub(crate) mod tests {
    use firmdrop_core::SystemClock;

    use super::*;

    pub(crate) fn settings() -> Settings {
        Settings {
            address: ([127, 0, 0, 1], 1).into(),
            timeline: Timeline::begin(&SystemClock),
            pace: Pace::FAST,
            quota_devices: None,
            storage: Storage::Discard,
            recorder: UploadRecorder::default(),
            refuse_short_chunk_early: false,
        }
    }

    pub(crate) fn an_account() -> Account {
        Account::new(settings())
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
