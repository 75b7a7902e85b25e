//! What the account holds, and the rules by which firmware images and upload jobs change.
//!
//! Knows nothing of HTTP but the refusals.

use std::{collections::BTreeMap, io, net::SocketAddr};

use firmdrop_core::{Md5, Moment, Sha256, Sha256Hasher};
use serde::Serialize;

use super::{
    MOST_CHUNKS, SMALLEST_MIDDLE_CHUNK_BYTES, Storage,
    campaign::{Campaign, Pace},
    device::Device,
    directory::Directory,
    id::Id,
    manifest::Manifest,
    record::{ChunkEntry, Recorder},
    refusal::Refusal,
    storage::Part,
    texts::Texts,
    timeline::Timeline,
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

#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) created_at: Moment,
    pub(super) updated_at: Moment,
    pub(super) image_id: Option<String>,
    pub(super) chunks: Vec<Chunk>,
    sha256: Sha256Hasher,
    size_bytes: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Chunk {
    pub(super) id: u32,
    /// Hexadecimal of the `Content-MD5` it came with; empty when it came without.
    pub(super) hash: String,
    pub(super) length: u64,
    pub(super) created_at: Moment,
}

/// An append that was allowed to begin: the state it continues.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) job: String,
    pub(super) sha256: Sha256Hasher,
    pub(super) offset: u64,
    chunk_count: usize,
}

/// A body that arrived whole.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) length: u64,
    pub(super) md5: Md5,
    pub(super) hash: String,
    pub(super) part: Option<Part>,
}

#[derive(Debug)]
pub(super) struct Account {
    pub(super) address: SocketAddr,
    pub(super) timeline: Timeline,
    pub(super) pace: Pace,
    pub(super) quota_devices: Option<usize>,
    storage: Storage,
    recorder: Recorder,
    refuse_short_chunk_early: bool,
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

    pub(super) fn job(&self, id: &str) -> Result<&Job, Refusal> {
        self.jobs
            .get(id)
            .ok_or_else(|| Refusal::not_found("The upload job"))
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

    pub(super) fn create_job(&mut self, texts: Texts) -> Result<Job, Refusal> {
        let name = texts.name.unwrap_or_default();
        if self.name_is_taken(&name) {
            return Err(Refusal::conflict(
                "A firmware image or an upload job of this name exists.",
            ));
        }
        let now = self.now();
        let job = Job {
            id: self.next_id(),
            name,
            description: texts.description.unwrap_or_default(),
            created_at: now,
            updated_at: now,
            image_id: None,
            chunks: Vec::new(),
            sha256: Sha256Hasher::default(),
            size_bytes: 0,
        };
        self.recorder.opened(&job.id);
        self.jobs.insert(job.id.clone(), job.clone());
        Ok(job)
    }

    /// The contract lists no 409 for a change, so a taken name is a validation error.
    pub(super) fn change_job(&mut self, id: &str, texts: Texts) -> Result<Job, Refusal> {
        let old_name = self.job(id)?.name.clone();
        if let Some(name) = &texts.name
            && *name != old_name
            && self.name_is_taken(name)
        {
            return Err(Refusal::invalid("name", "This name is taken."));
        }
        let now = self.now();
        let job = self
            .jobs
            .get_mut(id)
            .ok_or_else(|| Refusal::not_found("The upload job"))?;
        job.name = texts.name.unwrap_or(old_name);
        job.description = texts.description.unwrap_or_else(|| job.description.clone());
        job.updated_at = now;
        Ok(job.clone())
    }

    /// Deletes the job; the image of a completed one stays.
    pub(super) fn delete_job(&mut self, id: &str) -> Result<(), Refusal> {
        self.job(id)?;
        self.jobs.remove(id);
        self.storage.remove_job(id);
        Ok(())
    }

    pub(super) fn delete_image(&mut self, id: &str) -> Result<(), Refusal> {
        self.image(id)?;
        self.images.remove(id);
        self.storage.remove_image(id);
        Ok(())
    }

    /// Whether a chunk of this length may come next, and the state it continues.
    pub(super) fn begin_append(&self, id: &str, length: u64) -> Result<Begun, Refusal> {
        let job = self.job(id)?;
        if job.image_id.is_some() {
            return Err(Refusal::bad_request("The upload job is completed."));
        }
        if length == 0 && job.chunks.is_empty() {
            return Err(Refusal::bad_request("The first chunk must not be empty."));
        }
        if length == 0 && job.has_short_middle() {
            return Err(Refusal::bad_request(
                "Every chunk but the last needs at least 5 MiB.",
            ));
        }
        if length > 0 && job.chunks.len() >= MOST_CHUNKS {
            return Err(Refusal::bad_request(
                "An upload job takes at most 10000 chunks.",
            ));
        }
        let after_short = job.chunks.last().is_some_and(Chunk::is_short);
        if length > 0 && after_short && self.refuse_short_chunk_early {
            return Err(Refusal::bad_request(
                "The chunk before this one has less than 5 MiB.",
            ));
        }
        Ok(Begun {
            job: job.id.clone(),
            sha256: job.sha256.clone(),
            offset: job.size_bytes,
            chunk_count: job.chunks.len(),
        })
    }

    /// Stores a chunk that arrived whole, or finishes the job when it is empty.
    pub(super) fn append(&mut self, begun: Begun, arrived: Arrived) -> Result<Chunk, Refusal> {
        let created_at = self.now();
        let image_id = (arrived.length == 0).then(|| self.next_id());
        let gone = || Refusal::not_found("The upload job");
        let job = self.jobs.get_mut(&begun.job).ok_or_else(gone)?;
        if job.image_id.is_some() || job.chunks.len() != begun.chunk_count {
            return Err(Refusal::conflict(
                "Another chunk of this upload job came in meanwhile.",
            ));
        }
        if let Some(image_id) = &image_id {
            self.storage
                .finish(&job.id, image_id)
                .map_err(|error| disk(&error))?;
        } else {
            let stored = self.storage.append(&job.id, arrived.part.as_ref());
            stored.map_err(|error| disk(&error))?;
        }
        let number = u32::try_from(job.chunks.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let chunk = Chunk {
            id: number,
            hash: arrived.hash,
            length: arrived.length,
            created_at,
        };
        self.recorder.stored(
            &job.id,
            ChunkEntry {
                id: chunk.id,
                offset: begun.offset,
                length: chunk.length,
                md5: arrived.md5,
            },
        );
        job.sha256 = begun.sha256;
        job.size_bytes += arrived.length;
        job.updated_at = created_at;
        job.chunks.push(chunk.clone());
        if let Some(id) = image_id {
            job.image_id = Some(id.clone());
            job.chunks.clear();
            let image = StoredImage {
                id: id.clone(),
                name: job.name.clone(),
                description: job.description.clone(),
                size_bytes: job.size_bytes,
                sha256: job.sha256.clone().finish(),
                created_at,
            };
            self.images.insert(id, image);
        }
        Ok(chunk)
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

impl Job {
    fn has_short_middle(&self) -> bool {
        match self.chunks.split_last() {
            Some((_, middle)) => middle.iter().any(Chunk::is_short),
            None => false,
        }
    }

    pub(super) const fn status(&self) -> &'static str {
        match (&self.image_id, self.chunks.is_empty()) {
            (Some(_), _) => "completed",
            (None, true) => "not_started",
            (None, false) => "in_progress",
        }
    }
}

impl Chunk {
    const fn is_short(&self) -> bool {
        self.length < SMALLEST_MIDDLE_CHUNK_BYTES
    }
}

/// The simulator's own disk failed: its fault, not the client's.
pub(super) fn disk(error: &io::Error) -> Refusal {
    Refusal::failed(format!("The simulator cannot store this: {error}."))
}

#[cfg(test)]
mod tests {
    use firmdrop_core::SystemClock;

    use super::*;

    fn append(account: &mut Account, job: &str, bytes: &[u8]) -> Result<Chunk, Refusal> {
        let mut begun = account.begin_append(job, bytes.len() as u64)?;
        begun.sha256.update(bytes);
        let arrived = Arrived {
            length: bytes.len() as u64,
            md5: Md5::of(bytes),
            hash: Md5::of(bytes).to_string(),
            part: None,
        };
        account.append(begun, arrived)
    }

    fn account_with_job() -> (Account, String) {
        let recorder = Recorder::default();
        let mut account = Account::new(Opening {
            address: ([127, 0, 0, 1], 1).into(),
            timeline: Timeline::begin(&SystemClock),
            pace: Pace::FAST,
            quota_devices: None,
            storage: Storage::Discard,
            recorder,
            refuse_short_chunk_early: false,
        });
        let job = account.create_job(Texts::default()).unwrap();
        (account, job.id)
    }

    #[test]
    fn the_ten_thousandth_chunk_is_taken_and_the_next_is_not() {
        let (mut account, job) = account_with_job();
        for id in 1..=MOST_CHUNKS {
            let chunk = append(&mut account, &job, b"x").unwrap();
            assert_eq!(usize::try_from(chunk.id), Ok(id));
        }
        assert!(append(&mut account, &job, b"x").is_err());
        assert_eq!(account.job(&job).unwrap().chunks.len(), MOST_CHUNKS);
    }

    #[test]
    fn a_chunk_whose_job_was_deleted_meanwhile_is_not_stored() {
        let (mut account, job) = account_with_job();
        let begun = account.begin_append(&job, 1).unwrap();
        account.delete_job(&job).unwrap();
        let arrived = Arrived {
            length: 1,
            md5: Md5::of(b"x"),
            hash: String::new(),
            part: None,
        };
        assert!(account.append(begun, arrived).is_err());
        assert!(account.jobs.is_empty() && account.images.is_empty());
    }

    #[test]
    fn ids_have_32_hexadecimal_digits_and_sort_by_their_making() {
        let (mut account, _) = account_with_job();
        let ids: Vec<_> = (0..300).map(|_| account.next_id()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert!(
            ids.iter()
                .all(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()))
        );
    }
}
