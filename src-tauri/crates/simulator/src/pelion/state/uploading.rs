//! The rules by which chunks of upload jobs become a firmware image.

use firmdrop_core::{Md5, Sha256Hasher};

use super::{
    MOST_CHUNKS,
    account::{Account, StoredImage, disk},
    record::ChunkEntry,
    refusal::Refusal,
    storage::Part,
    texts::Texts,
    upload_job::{Chunk, Job},
};

/// An append that was allowed to begin: the state it continues.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) job: String,
    pub(crate) sha256: Sha256Hasher,
    pub(crate) offset: u64,
    chunk_count: usize,
}

/// A body that arrived whole.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) length: u64,
    pub(crate) md5: Md5,
    pub(crate) hash: String,
    pub(crate) part: Option<Part>,
}

impl Account {
    pub(crate) fn job(&self, id: &str) -> Result<&Job, Refusal> {
        self.jobs
            .get(id)
            .ok_or_else(|| Refusal::not_found("The upload job"))
    }

    pub(crate) fn create_job(&mut self, texts: Texts) -> Result<Job, Refusal> {
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
            saved_chunks: 0,
        };
        self.recorder.opened(&job.id);
        self.jobs.insert(job.id.clone(), job.clone());
        Ok(job)
    }

    /// The contract lists no 409 for a change, so a taken name is a validation error.
    pub(crate) fn change_job(&mut self, id: &str, texts: Texts) -> Result<Job, Refusal> {
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
    pub(crate) fn delete_job(&mut self, id: &str) -> Result<(), Refusal> {
        self.job(id)?;
        self.jobs.remove(id);
        self.obsolete.extend(self.storage.job_file(id));
        Ok(())
    }

    /// Whether a chunk of this length may come next, and the state it continues.
    pub(crate) fn begin_append(&self, id: &str, length: u64) -> Result<Begun, Refusal> {
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
    pub(crate) fn append(&mut self, begun: Begun, arrived: Arrived) -> Result<Chunk, Refusal> {
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
            self.obsolete.extend(self.storage.job_file(&job.id));
        } else {
            let part = arrived.part.as_ref();
            let stored = self.storage.append(&job.id, begun.offset, part);
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
            job.saved_chunks = 0;
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pelion::state::account::tests::an_account;

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
        let mut account = an_account();
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
}
