//! Puts the blocks of a file together, once, and compares what came of it.
//!
//! A lost answer is settled by asking which blocks the blob has.

use std::collections::{HashMap, HashSet};

use firmdrop_core::{NoteKind, Sha256};
use firmdrop_net::retry::{Idempotency, RetryVerdict};

use tokio::time::{Duration, Instant};

use super::{
    StagingError, block_id::BlockId, error::StorageError, run::Run, store::BlobProperties,
};
use crate::session::Failure as _;

/// How long blocks that were confirmed may be missing (azure-storage-net#780).
const SHOWN_WITHIN: Duration = Duration::from_secs(10);

/// Between two tries within that time.
const LOOK: Duration = Duration::from_secs(1);

/// Under this name the blob's metadata hold the SHA-256 of its file.
const METADATA: &str = "firmdrop_sha256";

/// What a look at the blob found.
enum Found {
    /// It is made of our blocks.
    Whole,
    /// Our blocks are there, and belong to nothing yet.
    Blocks,
    /// So many of them are not there.
    Missing(usize),
}

/// Puts the blob together out of these blocks, all of which the storage confirmed.
pub(super) async fn commit(
    run: &mut Run<'_>,
    at: usize,
    ids: &[BlockId],
) -> Result<(), StagingError> {
    let (file, state) = run.file(at)?;
    let blob = state.blob.clone();
    let sha256 = file.expected.sha256;
    run.written(run.record.committing(at).await)?;
    run.change(at, |file| file.committing = true);
    let mut unseen = None;
    loop {
        let metadata = HashMap::from([(METADATA.to_owned(), sha256.to_string())]);
        let store = run.store;
        let committing = store.commit(&blob, ids, metadata);
        let error = match run.unless_stopped(committing).await? {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        match error.verdict(Idempotency::Once) {
            RetryVerdict::Again => run.pause(error).await?,
            RetryVerdict::AskFirst => {
                run.pause(error).await?;
                match find(run, &blob, ids).await? {
                    Found::Whole => {
                        run.note(NoteKind::Kept, "The answer was lost, the file was not");
                        return Ok(());
                    }
                    Found::Blocks => {}
                    Found::Missing(blocks) => return Err(lost(run, at, blocks)),
                }
            }
            RetryVerdict::Final => {
                // It was carried out before, or something is missing: the list of blocks says which.
                let may_be_there = ["BlobAlreadyExists", "ConditionNotMet", "InvalidBlockList"];
                if !may_be_there.iter().any(|code| error.is(code)) {
                    return Err(run.failed_with(at, error));
                }
                match find(run, &blob, ids).await? {
                    Found::Whole => return Ok(()),
                    // Every block was confirmed: those that it does not find may not be shown yet.
                    Found::Blocks | Found::Missing(_) if is_not_shown_yet(&error, &mut unseen) => {
                        run.unless_stopped(tokio::time::sleep(LOOK)).await?;
                    }
                    Found::Blocks => return Err(run.failed_with(at, error)),
                    Found::Missing(blocks) => return Err(lost(run, at, blocks)),
                }
            }
        }
    }
}

/// Whether the storage, which has just confirmed these blocks, may only need a moment to show them.
fn is_not_shown_yet(error: &StorageError, since: &mut Option<Instant>) -> bool {
    let since = since.get_or_insert_with(Instant::now);
    error.is("InvalidBlockList") && since.elapsed() < SHOWN_WITHIN
}

fn lost(run: &Run<'_>, at: usize, blocks: usize) -> StagingError {
    StagingError::BlocksLost {
        file: run.name(at),
        blocks,
        held: run.staged_so_far(),
    }
}

async fn find(run: &mut Run<'_>, blob: &str, ids: &[BlockId]) -> Result<Found, StagingError> {
    let lists = run.query(|store| store.blocks(blob)).await?;
    let lists = lists.unwrap_or_default();
    let committed = lists.committed.iter().map(|block| block.id.as_slice());
    if !ids.is_empty() && committed.eq(ids.iter().map(BlockId::as_bytes)) {
        return Ok(Found::Whole);
    }
    let held: HashSet<&[u8]> = lists
        .uncommitted
        .iter()
        .map(|block| block.id.as_slice())
        .collect();
    let missing = ids.iter().filter(|id| !held.contains(id.as_bytes()));
    Ok(match missing.count() {
        0 => Found::Blocks,
        missing => Found::Missing(missing),
    })
}

/// Whether the blob is there, committed with the blocks of this file by an earlier run.
pub(super) async fn is_there(run: &mut Run<'_>, at: usize) -> Result<bool, StagingError> {
    let (file, state) = run.file(at)?;
    let blob = state.blob.clone();
    let found = run.query(|store| store.properties(&blob)).await?;
    Ok(found.is_some_and(|found| {
        difference(&found, file.expected.size_bytes, &file.expected.sha256).is_none()
    }))
}

/// Compares the blob with the file, and notes that it is staged.
pub(super) async fn compare(run: &mut Run<'_>, at: usize) -> Result<(), StagingError> {
    let (file, state) = run.file(at)?;
    let (blob, expected) = (state.blob.clone(), file.expected);
    let found = run.query(|store| store.properties(&blob)).await?;
    let difference = match &found {
        Some(found) => difference(found, expected.size_bytes, &expected.sha256),
        None => Some("the storage does not know it".to_owned()),
    };
    if let Some(difference) = difference {
        return Err(StagingError::RemoteDiffers {
            blob,
            difference,
            held: run.staged_so_far(),
        });
    }
    run.written(run.record.staged(at).await)?;
    run.change(at, |file| {
        file.confirmed_bytes = file.size_bytes;
        file.staged = true;
    });
    run.session.progressed();
    run.show(0);
    Ok(())
}

/// What of a blob is not as its file.
fn difference(found: &BlobProperties, size_bytes: u64, sha256: &Sha256) -> Option<String> {
    if found.length_bytes != size_bytes {
        return Some(format!(
            "it has {} bytes, the file has {size_bytes}",
            found.length_bytes
        ));
    }
    let theirs = found.metadata.iter();
    let mut theirs = theirs.filter(|(name, _)| name.eq_ignore_ascii_case(METADATA));
    match theirs.next() {
        Some((_, theirs)) if *theirs == sha256.to_string() => None,
        Some((_, theirs)) => {
            let theirs: String = theirs.chars().take(80).collect();
            Some(format!(
                "it was made of a file with the SHA-256 {}, this one has {sha256}",
                theirs.escape_debug()
            ))
        }
        None => Some("it was not made by Firmdrop, or was changed since".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_the_file_only_with_its_length_and_its_hash() {
        let sha256 = Sha256::of(b"file");
        let properties = |length_bytes, sha256: Option<String>| BlobProperties {
            length_bytes,
            metadata: sha256
                .map(|sha256| ("Firmdrop_SHA256".to_owned(), sha256))
                .into_iter()
                .collect(),
        };
        let ours = Some(sha256.to_string());
        assert_eq!(difference(&properties(4, ours.clone()), 4, &sha256), None);
        assert!(difference(&properties(5, ours), 4, &sha256).is_some());
        assert!(difference(&properties(4, None), 4, &sha256).is_some());
        let other = Some(Sha256::of(b"other").to_string());
        assert!(difference(&properties(4, other), 4, &sha256).is_some());
    }
}
