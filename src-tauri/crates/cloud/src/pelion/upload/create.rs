//! Creates the upload job, or finds the one that a killed run created without learning its id.

use firmdrop_core::NoteKind;
use firmdrop_net::retry::{Idempotency, RetryVerdict};

use super::{
    RemoteState, Unanswered, UploadError,
    begun::Begun,
    error::{UNPROVEN, UNSEEN, WITHOUT_IMAGE},
    find,
    finish::image_of,
    judge::{Comparison, judge},
    phases,
    reconcile::{Found, JobContents, stored},
    renamed,
    run::Run,
};
use crate::pelion::{FirmwareImage, UploadJob, changed_name::may_be_ours, settle::CheckTimes};
use crate::session::Failure as _;

/// Images of one name that are looked at.
const MOST_OF_A_NAME: usize = 9;

/// Creates the upload job. `attempted` is the request of an earlier run that may have done so.
pub(super) async fn create(
    run: &mut Run<'_>,
    attempted: Option<Unanswered>,
) -> Result<Begun, UploadError> {
    run.phase(phases::CREATE_JOB);
    if attempted.is_some() {
        let mut checks = run.checks_for(attempted);
        if let Some(begun) = adopt(run, &mut checks).await? {
            return Ok(begun);
        }
    }
    let mut attempted = attempted.is_some();
    run.written(run.record.creating_job().await)?;
    let request = run.request;
    loop {
        let creating = run
            .pelion
            .create_upload_job(&request.name, &request.description);
        let error = match run.unless_stopped(creating).await? {
            Ok(job) if may_be_ours(&job.name, &request.name) => {
                run.answered();
                renamed::note_name(run, &job.name);
                return begin(run, &job.id, Found::default()).await;
            }
            // A gateway answered with what another request got.
            Ok(job) => {
                let why = format!("it describes the upload job \"{}\"", job.name);
                run.pelion.other_shape("POST of the upload job", why)
            }
            Err(error) => error,
        };
        if error.is_name_taken() {
            run.answered();
            if attempted && find::firmware_image(run).await?.is_none() {
                // The job that holds the name may be ours, and not be listed yet.
                let mut checks = run.checks_for(Some(Unanswered::default()));
                if let Some(begun) = adopt(run, &mut checks).await? {
                    return Ok(begun);
                }
            }
            let held = name_held(run).await?;
            if held.is_of_something_unseen() && !error.speaks_of_a_name() {
                // Nothing says that it is about the name.
                run.pause(error).await?;
                continue;
            }
            return Err(held);
        }
        match error.verdict(Idempotency::Once) {
            RetryVerdict::Again => {
                attempted |= error.is_answer();
                run.pause(error).await?;
            }
            RetryVerdict::AskFirst => {
                // The name is unique, so it tells whether the request was carried out.
                attempted = true;
                run.held.uncertain = true;
                run.held.without_id = error.is_unreadable_receipt();
                let mut checks = run.checks_after(&error, 0);
                if let Some(begun) = adopt(run, &mut checks).await? {
                    return Ok(begun);
                }
                if run.held.without_id {
                    return Err(run.failed(error));
                }
                run.pause(error).await?;
            }
            RetryVerdict::Final => return Err(run.failed(error)),
        }
    }
}

/// Takes over the upload job of our name when it is ours: same name, same description, and nothing
/// in it but the beginning of our file.
async fn adopt(run: &mut Run<'_>, checks: &mut CheckTimes) -> Result<Option<Begun>, UploadError> {
    let named = loop {
        if !run.wait_for_next_check(checks).await? {
            break None;
        }
        if let Some(job) = find::upload_job(run).await? {
            break Some(job);
        }
    };
    let job = match named {
        Some(job) => job,
        None => match renamed::upload_job(run).await? {
            Some(job) => job,
            None => return Ok(None),
        },
    };
    renamed::note_name(run, &job.name);
    if job.description != run.request.description {
        return Ok(None);
    }
    if job.is_completed() {
        let same = holds_our_image(run, &job).await?;
        return Ok(same.map(Begun::Image));
    }
    match stored(run, &job.id).await? {
        JobContents::Ours(found) => {
            let text = "Found the upload job whose creation was not confirmed";
            run.note(NoteKind::Resumed, text);
            begin(run, &job.id, found).await.map(Some)
        }
        JobContents::Foreign(_) => Ok(None),
    }
}

async fn begin(run: &mut Run<'_>, job_id: &str, found: Found) -> Result<Begun, UploadError> {
    let Found {
        stored, receipts, ..
    } = found;
    run.held.without_id = false;
    run.holds(job_id, &stored);
    run.written(run.record.job_created(job_id).await)?;
    run.written(run.record.chunks_found(&receipts).await)?;
    run.progressed();
    run.note(NoteKind::Step, format!("The upload job is {job_id}"));
    Ok(Begun::Job {
        id: job_id.to_owned(),
        stored,
    })
}

/// The image of a finished upload job, when it is our file.
async fn holds_our_image(
    run: &mut Run<'_>,
    job: &UploadJob,
) -> Result<Option<String>, UploadError> {
    let image = image_of_job(run, job).await?;
    let same = judge(&image, &run.request.expected) == Comparison::Same;
    Ok(same.then_some(image.id))
}

/// The image of a finished upload job.
async fn image_of_job(run: &mut Run<'_>, job: &UploadJob) -> Result<FirmwareImage, UploadError> {
    let image_id = image_of(run, &job.id).await?;
    find::image(run, &image_id).await
}

/// Who holds our name: an image with the same bytes can be used, an unfinished upload job with the
/// beginning of them can be adopted when a user wants it, all else needs another name.
pub(super) async fn name_held(run: &mut Run<'_>) -> Result<UploadError, UploadError> {
    let name = run.request.name.clone();
    let taken = |run: &Run<'_>, holder, difference| UploadError::NameTaken {
        name: run.request.name.clone(),
        holder,
        upload_job_id: None,
        difference,
        suggestion: run.suggestion(),
    };
    // Names are promised to be unique among upload jobs only: of several images, ours counts.
    let images = find::firmware_images(run, MOST_OF_A_NAME).await?;
    let judged = |image: &FirmwareImage| judge(image, &run.request.expected);
    let ours = images
        .iter()
        .find(|image| judged(image) == Comparison::Same);
    let perhaps = |image: &&FirmwareImage| matches!(judged(image), Comparison::Unproven(_));
    let image = ours.or_else(|| images.iter().find(perhaps));
    if let Some(image) = image.or_else(|| images.first()).cloned() {
        return Ok(match judge(&image, &run.request.expected) {
            Comparison::Same => UploadError::SameImageExists {
                name,
                image_id: image.id,
            },
            Comparison::Unproven(why) => taken(run, UNPROVEN, Some(why)),
            Comparison::Different(what) => taken(run, "another firmware image", Some(what)),
        });
    }
    match find::upload_job(run).await? {
        Some(job) if job.is_completed() => {
            let image = match image_of_job(run, &job).await {
                Err(UploadError::Service { source, .. }) if source.is_not_known() => {
                    return Ok(UploadError::NameTaken {
                        name,
                        holder: WITHOUT_IMAGE,
                        upload_job_id: Some(job.id),
                        difference: None,
                        suggestion: run.suggestion(),
                    });
                }
                image => image?,
            };
            Ok(match judge(&image, &run.request.expected) {
                Comparison::Same => UploadError::SameImageExists {
                    name,
                    image_id: image.id,
                },
                Comparison::Unproven(why) => taken(run, UNPROVEN, Some(why)),
                Comparison::Different(what) => {
                    taken(run, "a finished upload job of other bytes", Some(what))
                }
            })
        }
        Some(job) => unfinished(run, job.id).await,
        None => Ok(taken(run, UNSEEN, None)),
    }
}

/// Whether the unfinished upload job of our name could be gone on with.
async fn unfinished(run: &mut Run<'_>, job_id: String) -> Result<UploadError, UploadError> {
    let (name, suggestion) = (run.request.name.clone(), run.suggestion());
    let holding = match stored(run, &job_id).await? {
        // Nothing says that these bytes are ours.
        JobContents::Ours(Found {
            unstated: Some(number),
            ..
        }) => JobContents::Foreign(format!("the service reports no MD5 of chunk {number}")),
        holding => holding,
    };
    Ok(match holding {
        JobContents::Ours(Found { stored, .. }) => UploadError::UnfinishedJobExists {
            name,
            held: RemoteState {
                upload_job_id: Some(job_id.clone()),
                chunks: stored.chunks,
                bytes: stored.bytes,
                ..RemoteState::nothing(run.request.expected.size_bytes)
            },
            upload_job_id: job_id,
            suggestion,
        },
        JobContents::Foreign(why) => UploadError::NameTaken {
            name,
            holder: "an unfinished upload job",
            upload_job_id: Some(job_id),
            difference: Some(why),
            suggestion,
        },
    })
}
