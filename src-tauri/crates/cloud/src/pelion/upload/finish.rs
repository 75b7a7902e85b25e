//! Ends the upload job and learns which firmware image it became.
//!
//! It is the commit point: called only when everything sent is known to be the promised file.

use firmdrop_core::{Md5, NoteKind};
use firmdrop_net::retry::{Idempotency, RetryVerdict};

use super::{
    Unanswered, UploadError, find, phases,
    run::{Run, agrees},
};
use crate::pelion::{PelionError, settle::CheckTimes, wire::is_id};
use crate::session::Failure as _;

/// So often a finished upload job is asked for its image before the image is looked for by its name.
const TRIES_BEFORE_THE_LIST: u32 = 3;

/// Sends the finishing chunk and returns the firmware image's id. `perhaps_taken` says that an
/// earlier run may have sent one. A second one does no harm: the service refuses it.
pub(super) async fn finish(
    run: &mut Run<'_>,
    job_id: &str,
    mut perhaps_taken: bool,
) -> Result<String, UploadError> {
    run.phase(phases::FINISH);
    run.written(run.record.finishing().await)?;
    let size_bytes = run.request.expected.size_bytes;
    loop {
        let sent = run.unless_stopped(run.pelion.finish_upload(job_id)).await?;
        let error = match sent {
            Ok(chunk) => {
                run.answered();
                if chunk.length != 0 || !agrees(&chunk.hash, &Md5::EMPTY) {
                    run.note(
                        NoteKind::Warning,
                        "The service describes the finishing chunk as if it had bytes",
                    );
                }
                return image_of(run, job_id).await;
            }
            Err(error) => error,
        };
        let mut checks = match error.verdict(Idempotency::Once) {
            RetryVerdict::Again => {
                run.pause(error).await?;
                continue;
            }
            RetryVerdict::AskFirst => {
                perhaps_taken = true;
                run.held.uncertain = true;
                run.checks_after(&error, size_bytes)
            }
            RetryVerdict::Final => checks_after_refusal(run, &error, perhaps_taken),
        };
        if let Some(image_id) = finished_meanwhile(run, job_id, &mut checks).await? {
            run.note(
                NoteKind::Kept,
                "The answer to the finishing chunk was lost, but it arrived",
            );
            return Ok(image_id);
        }
        let is_final = error.verdict(Idempotency::Once) == RetryVerdict::Final;
        // The job was not shown for a moment; now it is, and is not finished.
        if is_final && !matches!(error.status(), Some(404 | 410)) {
            return Err(run.failed(error));
        }
        run.pause(error).await?;
    }
}

/// A job that is finished, or is being put together, refuses any further chunk with 400; that may
/// be the work of a finishing chunk before, whose answer was lost.
fn checks_after_refusal(run: &Run<'_>, error: &PelionError, perhaps_taken: bool) -> CheckTimes {
    let may_be_ours = perhaps_taken && matches!(error.status(), Some(400 | 409));
    run.checks_for(may_be_ours.then_some(Unanswered {
        length_bytes: run.request.expected.size_bytes,
        ago: std::time::Duration::ZERO,
    }))
}

/// The image, once the upload job is finished; `None` when it is not at the last look.
pub(super) async fn finished_meanwhile(
    run: &mut Run<'_>,
    job_id: &str,
    checks: &mut CheckTimes,
) -> Result<Option<String>, UploadError> {
    while run.wait_for_next_check(checks).await? {
        match find::job_if_there(run, job_id).await? {
            Some(job) if job.is_completed() => return image_of(run, job_id).await.map(Some),
            Some(_) => {}
            None => return find::image_of_gone_job(run, job_id).await.map(Some),
        }
    }
    Ok(None)
}

/// The image of a finished upload job. The service may need a while to name it.
pub(super) async fn image_of(run: &mut Run<'_>, job_id: &str) -> Result<String, UploadError> {
    let mut tries: u32 = 0;
    loop {
        let Some(job) = find::job_if_there(run, job_id).await? else {
            return find::image_of_gone_job(run, job_id).await;
        };
        if job.is_completed() && is_id(&job.firmware_image_id) {
            run.written(run.record.image_known(&job.firmware_image_id).await)?;
            return Ok(job.firmware_image_id);
        }
        tries += 1;
        if tries == 1 {
            run.note(NoteKind::Step, "Waiting for the firmware image's id");
        }
        // It may never name it, and list it all the same.
        if tries > TRIES_BEFORE_THE_LIST
            && job.is_completed()
            && let Some(image) = find::our_image(run).await?
        {
            run.written(run.record.image_known(&image.id).await)?;
            return Ok(image.id);
        }
        run.wait_for_image(job_id).await?;
    }
}
