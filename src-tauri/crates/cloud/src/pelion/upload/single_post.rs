//! A file below 100 MiB in one request.
//!
//! The service's guides promise unique names for upload jobs only, so the name is looked up before
//! anything is sent, and again after an unknown answer.

use firmdrop_core::{NoteKind, Outcome};
use firmdrop_net::retry::{Decision, Idempotency};

use super::{
    UploadError, UploadState,
    body::{SentCounter, body},
    compare::{self, Comparison, compare},
    create::name_held,
    find,
    hash_prefix::hash_prefix,
    phases,
    run::Run,
};
use crate::pelion::{FirmwareImage, NewImage, PelionError};

/// Sends the whole file, or finds that an earlier run already did.
pub(super) async fn post(run: &mut Run<'_>, state: &UploadState) -> Result<Outcome, UploadError> {
    check_bytes(run).await?;
    if let Some(image) = find::firmware_image(run).await? {
        let same = compare::judge(&image, &run.request.promise) == Comparison::Same;
        if !(same && state.create_attempted) {
            return Err(name_held(run).await?);
        }
        run.note(
            NoteKind::Resumed,
            "The service already holds the firmware image",
        );
        return known(run, &image).await;
    }
    run.events.phase(phases::SEND_BODY);
    run.written(run.record.creating_job())?;
    loop {
        let error = match send(run).await? {
            Ok(image) => {
                run.answered();
                return known(run, &image).await;
            }
            Err(error) => error,
        };
        if error.status() == Some(409) {
            return Err(name_held(run).await?);
        }
        match error.decision(Idempotency::Once) {
            Decision::Again => run.pause(error).await?,
            Decision::AskFirst => {
                if let Some(image) = settled(run, &error).await? {
                    run.note(
                        NoteKind::Kept,
                        "The answer was lost, the firmware image was not",
                    );
                    return known(run, &image).await;
                }
                run.pause(error).await?;
            }
            Decision::Final => return Err(run.failed(error)),
        }
    }
}

async fn known(run: &mut Run<'_>, image: &FirmwareImage) -> Result<Outcome, UploadError> {
    run.written(run.record.image_known(&image.id))?;
    run.kept.bytes = run.kept.total_bytes;
    run.show(0);
    compare(run, &image.id).await
}

/// Nothing is sent of a file that is no longer the promised one.
async fn check_bytes(run: &Run<'_>) -> Result<(), UploadError> {
    let promise = run.request.promise;
    let hashing = hash_prefix(&run.request.source, vec![promise.size_bytes]);
    let hashed = run.unless_stopped(hashing).await?;
    let (_, sha256) = hashed.map_err(|error| run.unread(error))?;
    if sha256.finish() == promise.sha256 {
        return Ok(());
    }
    Err(UploadError::FileChanged {
        kept: run.kept.clone(),
    })
}

async fn send(run: &Run<'_>) -> Result<Result<FirmwareImage, PelionError>, UploadError> {
    let request = run.request;
    let sent = SentCounter::default();
    let file = body(&request.source, 0, request.promise.size_bytes, &sent);
    let image = NewImage {
        name: &request.name,
        description: &request.description,
        file_name: &request.file_name,
    };
    run.watched(run.pelion.post_firmware_image(image, file), &sent)
        .await
}

/// The image, if the request whose answer is unknown was carried out after all.
async fn settled(
    run: &mut Run<'_>,
    error: &PelionError,
) -> Result<Option<FirmwareImage>, UploadError> {
    for wait in run.settling(error) {
        run.unless_stopped(tokio::time::sleep(wait)).await?;
        let found = find::firmware_image(run).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
