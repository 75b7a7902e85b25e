//! Brings all files of an import into the storage and makes addresses that read them.

use firmdrop_core::{DeliveryEvents, NoteKind, Sha256, SignedUrl};
use tokio_util::sync::CancellationToken;

use super::{
    BlobStore, StagingError, StagingRecord, StagingRequest, StagingState,
    commit::{commit, compare, is_there},
    phases,
    run::{Run, Watch},
    send::send_blocks,
    store::BlockLists,
};

/// A file that the storage holds, and where it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedFile {
    /// What the file is called in the import manifest.
    pub file_name: String,
    /// Its blob, without the container.
    pub blob: String,
    /// Reads it and does nothing else, until it ends. Made anew by each run.
    pub url: SignedUrl,
    /// Its size, bytes.
    pub size_bytes: u64,
    /// Its SHA-256.
    pub sha256: Sha256,
}

/// Stages the files of this request in their order, or continues what an earlier run began.
///
/// Blocks that the storage holds are not sent again, whoever received that answer. A file that changed since
/// it was planned is never committed. Waits for a lost network until nothing was confirmed for the
/// total time of the retry policy. `cancel` aborts the requests in flight and ends with
/// [`StagingError::Stopped`]; dropping the future does the same. Deletes nothing: see
/// [`remove_staged`](super::remove_staged).
#[expect(
    clippy::too_many_arguments,
    reason = "whom, what, from where, and three who watch: a struct would only hide them"
)]
pub async fn stage(
    store: &BlobStore,
    request: &StagingRequest,
    state: &StagingState,
    record: &dyn StagingRecord,
    events: &dyn DeliveryEvents,
    cancel: &CancellationToken,
) -> Result<Vec<StagedFile>, StagingError> {
    let watch = Watch {
        record,
        events,
        cancel,
    };
    let is_first = state.files.is_empty();
    let files = if is_first {
        let upload_id = azure_core::Uuid::new_v4().simple().to_string();
        request.named(&upload_id)
    } else {
        state.files.clone()
    };
    let mut run = Run::new(store, request, files, watch);
    events.phase(phases::CHECK);
    check(&run, request)?;
    if is_first {
        run.written(record.named(&run.files).await)?;
    }
    events.phase(phases::STAGE);
    run.show(0);
    for at in 0..request.files.len() {
        Box::pin(stage_file(&mut run, at, is_first)).await?;
    }
    if let Some(difference) = store.clock_warning() {
        let text = format!("The clock of this computer is {difference} the storage's");
        run.note(NoteKind::Warning, text);
    }
    events.phase(phases::ADDRESSES);
    let mut staged = Vec::with_capacity(request.files.len());
    for at in 0..request.files.len() {
        let (file, state) = run.file(at)?;
        let blob = state.blob.clone();
        let url = run.query(|store| store.reading_address(&blob, request.life));
        staged.push(StagedFile {
            url: url.await?,
            file_name: file.file_name.clone(),
            blob,
            size_bytes: file.expected.size_bytes,
            sha256: file.expected.sha256,
        });
    }
    Ok(staged)
}

/// What can be refused before a byte is sent.
fn check(run: &Run<'_>, request: &StagingRequest) -> Result<(), StagingError> {
    request.check()?;
    let same = |at: usize| {
        let both = run.file(at)?;
        Ok(both.0.expected.size_bytes == both.1.size_bytes)
    };
    if run.files.len() != request.files.len() {
        return Err(StagingError::OtherFiles);
    }
    for at in 0..request.files.len() {
        if !same(at)? {
            return Err(StagingError::OtherFiles);
        }
        let (file, _) = run.file(at)?;
        if file.source.len() != file.expected.size_bytes {
            return Err(run.changed(at));
        }
    }
    let now = run.store.clocks.theirs();
    let access = &run.store.access;
    (access.ensure_it_can_write(now))
        .and_then(|()| access.ensure_it_can_sign(now))
        .map_err(|error| run.failed(error))
}

async fn stage_file(run: &mut Run<'_>, at: usize, is_first: bool) -> Result<(), StagingError> {
    let (_, state) = run.file(at)?;
    let blob = state.blob.clone();
    if (state.committing || state.staged) && is_there(run, at).await? {
        return compare(run, at).await;
    }
    run.change(at, |file| file.staged = false);
    // A name of this run is new: nobody stored anything under it.
    let held = if is_first {
        BlockLists::default()
    } else {
        run.query(|store| store.blocks(&blob))
            .await?
            .unwrap_or_default()
    };
    let ids = Box::pin(send_blocks(run, at, held)).await?;
    Box::pin(commit(run, at, &ids)).await?;
    compare(run, at).await
}
