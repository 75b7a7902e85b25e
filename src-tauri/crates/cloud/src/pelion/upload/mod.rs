//! Brings one file over and proves that it arrived.
//!
//! It stores nothing on disk itself: what must survive a kill goes through [`UploadRecord`] before
//! the network is touched, and comes back as [`UploadState`]. It deletes nothing on the service.

mod begun;
mod body;
mod chunk_plan;
mod compare;
mod create;
mod error;
mod find;
mod finish;
mod hash_ahead;
mod hash_prefix;
mod image_not_shown;
mod judge;
mod phases;
mod reconcile;
mod record;
mod remote_differs;
mod remote_state;
mod renamed;
mod request;
mod run;
mod send;
mod single_post;

pub use super::settle::{SETTLES_WITHIN, Unanswered};
pub use body::body_of;
pub use chunk_plan::{ChunkPlan, FIRST_CHUNK_BYTES};
pub use error::UploadError;
pub use phases::phases;
pub use record::{ChunkReceipt, RecordError, UploadRecord, UploadState};
pub use remote_differs::Whose;
pub use remote_state::RemoteState;
pub use request::{Chunking, UploadRequest, form_file_name};

use firmdrop_core::{DeliveryEvents, Outcome};
use tokio_util::sync::CancellationToken;

use super::Pelion;
use begun::Begun;
use run::Run;

/// Uploads the file, or continues what an earlier run began.
///
/// Ends *Verified* only when the service tells our size and SHA-256 of its image. Only the chunk in
/// flight may be sent twice, and never before the service was asked whether it has it. Waits for a
/// lost network until nothing was confirmed for the total time of the retry policy. `cancel`
/// aborts the request in flight and ends with [`UploadError::Stopped`].
#[expect(
    clippy::too_many_arguments,
    reason = "whom, what, from where, and three who watch: a struct would only hide them"
)]
pub async fn upload(
    pelion: &Pelion,
    request: &UploadRequest,
    state: UploadState,
    record: &dyn UploadRecord,
    events: &dyn DeliveryEvents,
    cancel: &CancellationToken,
) -> Result<Outcome, UploadError> {
    let watch = run::Watch {
        record,
        events,
        cancel,
    };
    let mut run = Run::new(pelion, request, &state, watch);
    run.phase(phases::CHECK_FILE);
    request.check()?;
    if let Some(image_id) = &state.firmware_image_id {
        return compare::compare(&mut run, image_id).await;
    }
    let mut first = None;
    let begun = match &state.upload_job_id {
        Some(id) => {
            // What the service does not answer now is no trouble of the file.
            run.phase(phases::SEND_CHUNKS);
            Box::pin(reconcile::reconcile(&mut run, id, &state)).await?
        }
        None if goes_whole(request, &state) => {
            match Box::pin(single_post::post(&mut run, &state)).await? {
                Some(image_id) => Begun::Image(image_id),
                // Nothing was created yet, as far as upload jobs go.
                None => Box::pin(create::create(&mut run, None)).await?,
            }
        }
        None => {
            first = Some(send::hash_first_chunk(&run));
            Box::pin(create::create(&mut run, state.creating())).await?
        }
    };
    let image_id = match begun {
        Begun::Image(image_id) => image_id,
        Begun::Job { id, stored } => {
            match Box::pin(send::send_chunks(&mut run, &id, stored, first)).await? {
                send::Sent::All => {
                    Box::pin(finish::finish(&mut run, &id, state.finish_attempted)).await?
                }
                send::Sent::AlreadyFinished(image_id) => image_id,
            }
        }
    };
    compare::compare(&mut run, &image_id).await
}

/// Whether the file goes in one request, as far as is known.
fn goes_whole(request: &UploadRequest, state: &UploadState) -> bool {
    !request.chunking.takes_chunks(request.expected.size_bytes) && !state.whole_file_refused
}
