//! Removes what an import left in the storage: blobs that it made, by the names it remembers, and
//! blocks that belong to nothing.
//!
//! Nothing that others made is touched. Blocks that cannot be removed are discarded by the storage a
//! week after the last of them came (learn.microsoft.com, "Put Block", "Remarks").

use std::collections::HashMap;

use firmdrop_core::{DeliveryEvents, Diagnose, Diagnosis};
use tokio_util::sync::CancellationToken;

use super::{BlobStore, StagingState, StorageError};
use crate::session::{Ended, Session};

/// What became of a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// It is gone now.
    Removed,
    /// It was not there.
    WasNotThere,
    /// It may still be there.
    Failed(Box<Diagnosis>),
    /// A user stopped it before.
    NotTried,
}

/// Deletes the blobs of this state, one after the other, each however the one before it ended. A
/// lost network is waited for as in [`stage`](super::stage).
pub async fn remove_staged(
    store: &BlobStore,
    state: &StagingState,
    events: &dyn DeliveryEvents,
    cancel: &CancellationToken,
) -> Vec<(String, Removal)> {
    let mut session = Session::new(store.options.retry, cancel.clone(), Some(events));
    let mut removed = Vec::with_capacity(state.files.len());
    for file in &state.files {
        let removal = match remove(&mut session, store, &file.blob).await {
            Ok(true) => Removal::Removed,
            Ok(false) => Removal::WasNotThere,
            Err(Ended::Stopped) => Removal::NotTried,
            Err(Ended::Failed(error)) => Removal::Failed(Box::new(
                error
                    .diagnose()
                    .state(format!("The blob {} may still be there.", file.blob)),
            )),
        };
        removed.push((file.blob.clone(), removal));
    }
    removed
}

/// Whether something was there.
async fn remove(
    session: &mut Session<'_>,
    store: &BlobStore,
    blob: &str,
) -> Result<bool, Ended<StorageError>> {
    if session.repeat(|| store.delete(blob)).await? {
        return Ok(true);
    }
    let lists = session.repeat(|| store.blocks(blob)).await?;
    if lists.is_none_or(|lists| lists.uncommitted.is_empty() && lists.committed.is_empty()) {
        return Ok(false);
    }
    // A blob that was never committed cannot be deleted: an empty list of blocks is committed first,
    // which discards its blocks.
    let made = session.repeat(|| store.commit(blob, &[], HashMap::new()));
    match made.await {
        Ok(()) => {}
        Err(Ended::Failed(error)) if error.is("BlobAlreadyExists") => {}
        Err(ended) => return Err(ended),
    }
    session.repeat(|| store.delete(blob)).await?;
    Ok(true)
}
