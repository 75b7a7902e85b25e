//! A file below 100 MiB in one request, as long as nothing on the way calls that too large.
//!
//! The service's guides promise unique names for upload jobs only, so the name is looked up before
//! anything is sent, and again after an unknown answer.

use std::collections::BTreeSet;

use firmdrop_core::{Note, NoteKind};
use firmdrop_net::retry::{Idempotency, RetryVerdict};

use super::{
    Unanswered, UploadError, UploadState,
    body::{Handover, body},
    create::name_held,
    find,
    hash_prefix::hash_prefix,
    judge::{Comparison, judge},
    phases, renamed,
    run::Run,
};
use crate::pelion::{
    FirmwareImage, NewImage, PelionError, SMALLEST_CHUNK_BYTES, settle::CheckTimes,
};
use crate::session::Failure as _;

/// Sends the whole file, or finds that an earlier run already did; answers the firmware image's id.
/// `None`: the file was refused as too large for one request and has to go in chunks.
pub(super) async fn post(
    run: &mut Run<'_>,
    state: &UploadState,
) -> Result<Option<String>, UploadError> {
    check_bytes(run).await?;
    // From here on it is the service that may not answer, not the file that is in doubt.
    run.phase(phases::SEND_BODY);
    let mut checks = run.checks_for(state.unanswered);
    let mut there = settled(run, &mut checks).await?;
    if there.is_none() && state.create_attempted {
        there = renamed::firmware_image(run).await?;
    }
    if let Some(image) = there {
        let same = judge(&image, &run.request.expected) == Comparison::Same;
        if !(same && state.create_attempted) {
            return Err(name_held(run).await?);
        }
        run.note(
            NoteKind::Resumed,
            "The service already holds the firmware image",
        );
        return known(run, image).await.map(Some);
    }
    run.written(run.record.creating_job().await)?;
    let mut perhaps_stored = state.create_attempted;
    loop {
        let error = match send(run).await? {
            Ok(image) => {
                run.answered();
                if perhaps_stored {
                    warn_of_copies(run).await?;
                }
                return known(run, image).await.map(Some);
            }
            Err(error) => error,
        };
        match error.status() {
            Some(409) if !error.is_name_taken() => {}
            Some(409) if perhaps_stored => {
                let mut checks = run.checks_for(Some(Unanswered::default()));
                return match stored_after_all(run, &mut checks).await? {
                    Some(image) => known(run, image).await.map(Some),
                    None => Err(name_held(run).await?),
                };
            }
            Some(409) => {
                let held = name_held(run).await?;
                if held.is_of_something_unseen() && !error.speaks_of_a_name() {
                    // Nothing says that it is about the name.
                    run.answered();
                    run.pause(error).await?;
                    continue;
                }
                return Err(held);
            }
            Some(413) => return too_large(run, error).await,
            _ => {}
        }
        match error.verdict(Idempotency::Once) {
            RetryVerdict::Again => {
                if let Some(image_id) = turned_away(run, error).await? {
                    return Ok(Some(image_id));
                }
            }
            RetryVerdict::AskFirst => {
                perhaps_stored = true;
                run.held.uncertain = true;
                run.held.without_id = error.is_unreadable_receipt();
                let mut checks = run.checks_after(&error, run.request.expected.size_bytes);
                if let Some(image) = stored_after_all(run, &mut checks).await? {
                    run.note(
                        NoteKind::Kept,
                        "The answer was lost, the firmware image was not",
                    );
                    return known(run, image).await.map(Some);
                }
                if run.held.without_id {
                    return Err(run.failed(error));
                }
                run.pause(error).await?;
            }
            RetryVerdict::Final => return refused(run, error).await,
        }
    }
}

/// A refusal for good. What was refused in words may be stored all the same; whoever may not send may not ask
/// either.
async fn refused(run: &mut Run<'_>, error: PelionError) -> Result<Option<String>, UploadError> {
    if matches!(error.status(), Some(400 | 402 | 405..=499))
        && let Ok(Some(image)) = find::our_image(run).await
    {
        return known(run, image).await.map(Some);
    }
    Err(run.failed(error))
}

/// Waits as long as the answer says. Whoever turned the file away may have done so after it was handed on: then
/// it is there, and not sent again.
async fn turned_away(run: &mut Run<'_>, error: PelionError) -> Result<Option<String>, UploadError> {
    let is_answer = error.is_answer();
    run.pause(error).await?;
    if !is_answer {
        return Ok(None);
    }
    match find::firmware_image(run).await? {
        None => Ok(None),
        Some(image) if judge(&image, &run.request.expected) == Comparison::Same => {
            known(run, image).await.map(Some)
        }
        Some(_) => Err(name_held(run).await?),
    }
}

/// What a request whose answer is unknown stored, also under another name.
async fn stored_after_all(
    run: &mut Run<'_>,
    checks: &mut CheckTimes,
) -> Result<Option<FirmwareImage>, UploadError> {
    match settled(run, checks).await? {
        Some(image) => Ok(Some(image)),
        None => renamed::firmware_image(run).await,
    }
}

async fn known(run: &mut Run<'_>, image: FirmwareImage) -> Result<String, UploadError> {
    run.written(run.record.image_known(&image.id).await)?;
    run.held.without_id = false;
    run.held.bytes = run.held.total_bytes;
    run.show(0);
    Ok(image.id)
}

/// The whole file was refused as too large. When the service does not hold it all the same, it can
/// go in chunks, unless one chunk would be all of it.
async fn too_large(run: &mut Run<'_>, error: PelionError) -> Result<Option<String>, UploadError> {
    run.answered();
    run.show(0);
    if let Some(image) = find::firmware_image(run).await? {
        if judge(&image, &run.request.expected) != Comparison::Same {
            return Err(name_held(run).await?);
        }
        let text = "The file was refused as too large, but the service holds it";
        run.note(NoteKind::Kept, text);
        return known(run, image).await.map(Some);
    }
    run.held.uncertain = false;
    let length_bytes = run.request.expected.size_bytes;
    if length_bytes <= SMALLEST_CHUNK_BYTES {
        return Err(UploadError::ShortestRefused {
            length_bytes,
            source: Box::new(error),
            held: run.held.clone(),
        });
    }
    run.written(run.record.whole_file_refused().await)?;
    run.whole_file_refused = true;
    let text = "The file was refused as too large for one request; continuing in chunks";
    run.events
        .note(Note::new(NoteKind::Warning, text).detail(format!("{error}.")));
    Ok(None)
}

/// Nothing is sent of a file that is no longer the promised one.
async fn check_bytes(run: &Run<'_>) -> Result<(), UploadError> {
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

async fn send(run: &Run<'_>) -> Result<Result<FirmwareImage, PelionError>, UploadError> {
    let request = run.request;
    let handover = Handover::default();
    let length = request.expected.size_bytes;
    let file = body(&request.source, 0, length, &handover);
    let image = NewImage {
        name: &request.name,
        description: &request.description,
        file_name: &request.file_name,
    };
    let posting = run.pelion.post_firmware_image(image, file);
    Box::pin(run.watched(posting, &handover, length)).await
}

/// A request that had failed may have been carried out after all, later than anybody waited.
async fn warn_of_copies(run: &mut Run<'_>) -> Result<(), UploadError> {
    let mut images = find::firmware_images(run, 9).await?;
    images.extend(renamed::firmware_images(run).await?);
    let ids: BTreeSet<&str> = images.iter().map(|image| &*image.id).collect();
    if ids.len() > 1 {
        let ids: Vec<&str> = ids.into_iter().collect();
        let text = "The service holds more than one firmware image of this name or of these bytes";
        let detail = format!(
            "A request that had failed was carried out after all. Delete those that are not needed: {}.",
            ids.join(", ")
        );
        run.events
            .note(Note::new(NoteKind::Warning, text).detail(detail));
    }
    Ok(())
}

/// The image of our name, if a request whose answer is unknown was carried out after all.
async fn settled(
    run: &mut Run<'_>,
    checks: &mut CheckTimes,
) -> Result<Option<FirmwareImage>, UploadError> {
    while run.wait_for_next_check(checks).await? {
        let found = find::firmware_image(run).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
