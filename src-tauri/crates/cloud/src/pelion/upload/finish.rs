//! Ends the upload job and learns which firmware image it became.
//!
//! It is the commit point: called only when everything sent is known to be the promised file.

use firmdrop_core::{Md5, NoteKind};
use firmdrop_net::retry::{Decision, Idempotency};

use super::{
    UploadError, phases,
    run::{Run, agrees},
};
use crate::pelion::PelionError;

/// Sends the finishing chunk and returns the firmware image's id.
pub(super) async fn finish(run: &mut Run<'_>, job_id: &str) -> Result<String, UploadError> {
    run.phase(phases::FINISH);
    run.written(run.record.finishing())?;
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
        match error.decision(Idempotency::Once) {
            Decision::Again => run.pause(error).await?,
            Decision::AskFirst => {
                if is_completed(run, job_id).await? {
                    run.note(
                        NoteKind::Kept,
                        "The answer to the finishing chunk was lost, but it arrived",
                    );
                    return image_of(run, job_id).await;
                }
                run.pause(error).await?;
            }
            Decision::Final => return after_refusal(run, job_id, error).await,
        }
    }
}

/// A finished upload job refuses any further chunk with 400; that may be our own doing.
async fn after_refusal(
    run: &mut Run<'_>,
    job_id: &str,
    error: PelionError,
) -> Result<String, UploadError> {
    match error.status() {
        Some(404) => Err(UploadError::JobGone {
            upload_job_id: job_id.to_owned(),
        }),
        Some(400) if is_completed(run, job_id).await? => image_of(run, job_id).await,
        _ => Err(run.failed(error)),
    }
}

pub(super) async fn is_completed(run: &mut Run<'_>, job_id: &str) -> Result<bool, UploadError> {
    let job = run.ask(|pelion| pelion.upload_job(job_id)).await?;
    Ok(job.is_completed())
}

/// The image of a finished upload job. The service may need a while to tell it.
pub(super) async fn image_of(run: &mut Run<'_>, job_id: &str) -> Result<String, UploadError> {
    let mut tries: u32 = 0;
    loop {
        let job = run.ask(|pelion| pelion.upload_job(job_id)).await?;
        if job.is_completed() && !job.firmware_image_id.is_empty() {
            run.written(run.record.image_known(&job.firmware_image_id))?;
            return Ok(job.firmware_image_id);
        }
        tries += 1;
        if tries == 1 {
            run.note(NoteKind::Step, "Waiting for the firmware image's id");
        }
        run.wait_for_image(job_id).await?;
    }
}
