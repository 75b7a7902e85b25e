//! Compares what the service holds of an upload job with the file, before anything is sent.
//!
//! Status first: the chunk list is empty before the first chunk and again after the last.

use firmdrop_core::{Md5, NoteKind};

use super::{
    ChunkReceipt, Unanswered, UploadError, UploadState,
    begun::Begun,
    find,
    finish::{finished_meanwhile, image_of},
    hash_prefix::hash_prefix,
    run::{Run, Stored, agrees, states_an_md5},
};
use crate::pelion::{Chunk, ListQuery, SMALLEST_CHUNK_BYTES, UploadJob};

/// Finds out where an upload job of an earlier run stands.
pub(super) async fn reconcile(
    run: &mut Run<'_>,
    job_id: &str,
    state: &UploadState,
) -> Result<Begun, UploadError> {
    let Some(job) = find::job_if_there(run, job_id).await? else {
        return gone(run, job_id, state).await;
    };
    if job.is_completed() {
        return finished(run, &job).await;
    }
    if state.finish_attempted {
        let mut checks = run.checks_for(Some(Unanswered {
            length_bytes: run.request.expected.size_bytes,
            ago: state.unanswered.map(|left| left.ago).unwrap_or_default(),
        }));
        if let Some(image_id) = finished_meanwhile(run, job_id, &mut checks).await? {
            run.note(NoteKind::Resumed, "The upload job was finished meanwhile");
            return Ok(Begun::Image(image_id));
        }
    }
    let Found {
        stored, receipts, ..
    } = settled(run, job_id, state).await?;
    if (stored.chunks as usize) < state.receipts.len() {
        // A finishing chunk of the killed run may have been carried out between the two questions.
        let again = find::job(run, job_id).await?;
        if again.is_completed() {
            return finished(run, &again).await;
        }
        run.note(
            NoteKind::Warning,
            format!(
                "The service confirmed {} chunks but holds {}",
                state.receipts.len(),
                stored.chunks
            ),
        );
    }
    run.holds(job_id, &stored);
    let known = |found: &ChunkReceipt| state.receipts.iter().any(|known| known == found);
    let new: Vec<_> = receipts.into_iter().filter(|found| !known(found)).collect();
    run.written(run.record.chunks_found(&new).await)?;
    run.progressed();
    run.show(0);
    let held = run.held.to_string();
    run.note(NoteKind::Resumed, held.trim_end_matches('.'));
    Ok(Begun::Job {
        id: job_id.to_owned(),
        stored,
    })
}

/// What the service holds once the killed run's last chunk has had the time to arrive, and what it
/// confirmed has had the time to be listed.
async fn settled(
    run: &mut Run<'_>,
    job_id: &str,
    state: &UploadState,
) -> Result<Found, UploadError> {
    let confirmed = state.receipts.len();
    let mut found = ours(run, job_id).await?;
    let unanswered = state.unanswered.filter(|_| !state.finish_attempted);
    let wanted = confirmed + usize::from(unanswered.is_some());
    let is_short = (found.stored.chunks as usize) < confirmed;
    let left = unanswered.or_else(|| is_short.then(Unanswered::default));
    let mut checks = run.checks_for(left);
    while (found.stored.chunks as usize) < wanted && run.wait_for_next_check(&mut checks).await? {
        let known = found.stored.chunks;
        let behind = run
            .query(|pelion| pelion.chunks_after(job_id, known))
            .await?;
        if !behind.is_empty() {
            found = ours(run, job_id).await?;
        }
    }
    if left.is_some() && (found.stored.chunks as usize) < wanted {
        // A service that lists the newest first shows nothing behind the one that is named.
        found = ours(run, job_id).await?;
    }
    if (found.stored.chunks as usize) < confirmed {
        ensure_lost(run, job_id, found.stored.chunks).await?;
    }
    Ok(found)
}

/// Makes sure that a chunk which the service confirmed and does not list is not there: whatever is sent in its
/// place is appended to it. Fails when the list is not whole.
async fn ensure_lost(run: &mut Run<'_>, job_id: &str, listed: u32) -> Result<(), UploadError> {
    let first = ListQuery::default();
    let behind = match listed {
        0 => first,
        last => first.after(last.to_string()),
    };
    let page = run.query(|pelion| pelion.chunks(job_id, &behind)).await?;
    let why = if page.has_more && page.data.is_empty() {
        format!("its list of chunks ends at {listed}, and says that there are more")
    } else {
        let lost = listed + 1;
        match run.query(|pelion| pelion.chunk(job_id, lost)).await {
            Err(UploadError::Service { source, .. }) if source.is_not_known() => return Ok(()),
            asked => asked?,
        };
        format!("it does not list chunk {lost}, which it holds")
    };
    let path = format!("GET /v3/firmware-images/upload-jobs/{job_id}/chunks");
    Err(run.failed(run.pelion.other_shape(&path, why)))
}

/// What the service holds of our file, or an error when it holds something else.
async fn ours(run: &mut Run<'_>, job_id: &str) -> Result<Found, UploadError> {
    match stored(run, job_id).await? {
        JobContents::Ours(found) => Ok(found),
        JobContents::Foreign(why) => Err(run.poisoned(job_id, why)),
    }
}

async fn finished(run: &mut Run<'_>, job: &UploadJob) -> Result<Begun, UploadError> {
    run.note(NoteKind::Resumed, "The upload job was already finished");
    image_of(run, &job.id).await.map(Begun::Image)
}

async fn gone(run: &mut Run<'_>, job_id: &str, state: &UploadState) -> Result<Begun, UploadError> {
    if state.finish_attempted {
        return find::image_of_gone_job(run, job_id).await.map(Begun::Image);
    }
    Err(find::gone(run, job_id))
}

/// Whose chunks an upload job holds.
pub(super) enum JobContents {
    /// The beginning of our file.
    Ours(Found),
    /// Something else; the text says what.
    Foreign(String),
}

/// The beginning of our file, as the service holds it. The default is nothing of it.
#[derive(Default)]
pub(super) struct Found {
    pub(super) stored: Stored,
    pub(super) receipts: Vec<ChunkReceipt>,
    /// A chunk whose MD5 the service does not tell.
    pub(super) unstated: Option<u32>,
}

/// Reads every page of the chunk list and compares each chunk with the file.
pub(super) async fn stored(run: &mut Run<'_>, job_id: &str) -> Result<JobContents, UploadError> {
    let chunks = run.query(|pelion| pelion.all_chunks(job_id)).await?;
    if let Some(why) = misplaced(&chunks, run.request.expected.size_bytes) {
        return Ok(JobContents::Foreign(why));
    }
    let lengths: Vec<u64> = chunks.iter().map(|chunk| chunk.length).collect();
    let hashing = hash_prefix(&run.request.source, lengths);
    let hashed = run.unless_stopped(hashing).await?;
    let (digests, sha256) = hashed.map_err(|error| run.unread(error))?;
    for (chunk, md5) in chunks.iter().zip(&digests) {
        if !agrees(&chunk.hash, md5) {
            ensure_unchanged(run).await?;
            return Ok(JobContents::Foreign(format!(
                "chunk {} has the MD5 {}, the file's is {md5}",
                chunk.id, chunk.hash
            )));
        }
        if !states_an_md5(&chunk.hash) {
            let text = format!("The service reports no MD5 of chunk {}", chunk.id);
            run.note(NoteKind::Warning, text);
        }
    }
    let receipts = receipts(&chunks, &digests);
    let stored = Stored {
        chunks: u32::try_from(chunks.len()).unwrap_or(u32::MAX),
        bytes: chunks.iter().map(|chunk| chunk.length).sum(),
        sha256,
    };
    let unstated = chunks.iter().find(|chunk| !states_an_md5(&chunk.hash));
    Ok(JobContents::Ours(Found {
        stored,
        receipts,
        unstated: unstated.map(|chunk| chunk.id),
    }))
}

fn receipts(chunks: &[Chunk], digests: &[Md5]) -> Vec<ChunkReceipt> {
    let mut offset_bytes = 0;
    let receipt = |(chunk, md5): (&Chunk, &Md5)| {
        let receipt = ChunkReceipt {
            number: chunk.id,
            offset_bytes,
            length_bytes: chunk.length,
            md5: *md5,
        };
        offset_bytes += chunk.length;
        receipt
    };
    chunks.iter().zip(digests).map(receipt).collect()
}

/// Why this list cannot be the beginning of a file of that size.
fn misplaced(chunks: &[Chunk], size_bytes: u64) -> Option<String> {
    let mut end: u64 = 0;
    for (place, chunk) in (1..).zip(chunks) {
        if chunk.id != place {
            return Some(format!(
                "chunk {place} is missing, {} comes instead",
                chunk.id
            ));
        }
        end = end.saturating_add(chunk.length);
        if chunk.length == 0 || end > size_bytes {
            return Some(format!(
                "its first {place} chunks do not fit into {size_bytes} bytes"
            ));
        }
        if chunk.length < SMALLEST_CHUNK_BYTES && end < size_bytes {
            return Some(format!(
                "chunk {place} has less than 5 MiB, so nothing may follow it"
            ));
        }
    }
    None
}

/// Tells a changed file from a foreign chunk: the file is read once more to its end.
async fn ensure_unchanged(run: &Run<'_>) -> Result<(), UploadError> {
    let expected = run.request.expected;
    let hashing = hash_prefix(&run.request.source, vec![expected.size_bytes]);
    let hashed = run.unless_stopped(hashing).await?;
    let (_, sha256) = hashed.map_err(|error| run.unread(error))?;
    if sha256.finish() == expected.sha256 {
        return Ok(());
    }
    Err(UploadError::FileChanged {
        held: run.held.clone(),
    })
}

#[cfg(test)]
mod tests {
    use firmdrop_core::MIB;

    use super::*;

    fn chunk(id: u32, length: u64) -> Chunk {
        serde_json::from_value(serde_json::json!({"id": id, "length": length})).unwrap()
    }

    #[test]
    fn a_list_with_gaps_or_too_many_bytes_is_not_ours() {
        let list = |chunks: &[(u32, u64)]| {
            let chunks: Vec<Chunk> = chunks
                .iter()
                .map(|(id, mib)| chunk(*id, mib * MIB))
                .collect();
            misplaced(&chunks, 20 * MIB)
        };
        assert_eq!(list(&[]), None);
        assert_eq!(list(&[(1, 6), (2, 6)]), None);
        assert_eq!(list(&[(1, 6), (2, 6), (3, 6), (4, 2)]), None);
        assert!(list(&[(2, 6)]).is_some());
        assert!(list(&[(1, 6), (3, 6)]).is_some());
        assert!(list(&[(1, 6), (2, 15)]).is_some());
        assert!(list(&[(1, 2)]).is_some());
        assert!(list(&[(1, 0)]).is_some());
        assert!(misplaced(&[chunk(1, u64::MAX), chunk(2, u64::MAX)], 20 * MIB).is_some());
    }
}
