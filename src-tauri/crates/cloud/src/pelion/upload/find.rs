//! Finds an upload job or a firmware image, by the id that the service gave it or by its exact name.

use super::{
    UploadError,
    judge::{Comparison, judge},
    run::Run,
};
use crate::pelion::{FirmwareImage, ListQuery, Page, UploadJob};

/// Pages that are read at most: a service that ignores the filter must not occupy us for ever.
pub(super) const PAGES: usize = 40;

/// The upload job of this id, or `None` when the service does not know it any more.
pub(super) async fn job_if_there(
    run: &mut Run<'_>,
    id: &str,
) -> Result<Option<UploadJob>, UploadError> {
    let asked = run.query_named(|pelion| pelion.upload_job(id)).await?;
    let Ok(job) = asked else {
        return Ok(None);
    };
    if job.has_failed() {
        return Err(run.job_ended(job));
    }
    run.notice_state(&job);
    Ok(Some(job))
}

/// The upload job of this id, which must be there.
pub(super) async fn job(run: &mut Run<'_>, id: &str) -> Result<UploadJob, UploadError> {
    let found = job_if_there(run, id).await?;
    found.ok_or_else(|| gone(run, id))
}

/// The firmware image of this id, which the service answered that it stored.
pub(super) async fn image(run: &mut Run<'_>, id: &str) -> Result<FirmwareImage, UploadError> {
    let asked = run.query_named(|pelion| pelion.firmware_image(id));
    asked.await?.map_err(|error| run.failed(*error))
}

/// A finished upload job may have been cleared away while its image survives.
pub(super) async fn image_of_gone_job(
    run: &mut Run<'_>,
    job_id: &str,
) -> Result<String, UploadError> {
    match our_image(run).await? {
        Some(image) => {
            run.written(run.record.image_known(&image.id).await)?;
            Ok(image.id)
        }
        None => Err(gone(run, job_id)),
    }
}

/// The firmware image of our name, when it is our file.
pub(super) async fn our_image(run: &mut Run<'_>) -> Result<Option<FirmwareImage>, UploadError> {
    let image = firmware_image(run).await?;
    Ok(image.filter(|image| judge(image, &run.request.expected) == Comparison::Same))
}

pub(super) fn gone(run: &Run<'_>, job_id: &str) -> UploadError {
    UploadError::JobGone {
        upload_job_id: job_id.to_owned(),
        host: run.pelion.host().to_owned(),
    }
}

/// The upload job of our name.
pub(super) async fn upload_job(run: &mut Run<'_>) -> Result<Option<UploadJob>, UploadError> {
    let name = &run.request.name;
    let mut query = ListQuery::named(name);
    for _ in 0..PAGES {
        let page = run.query(|pelion| pelion.upload_jobs(&query)).await?;
        readable(run, &page, "GET /v3/firmware-images/upload-jobs")?;
        let last = page.data.last().map(|job| job.id.clone());
        let may_have_more = page.may_have_more();
        if let Some(job) = page.data.into_iter().find(|job| job.name == *name) {
            return Ok(Some(job));
        }
        match last {
            Some(last) if may_have_more => query = query.after(last),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// The firmware image of our name; the oldest of several.
pub(super) async fn firmware_image(
    run: &mut Run<'_>,
) -> Result<Option<FirmwareImage>, UploadError> {
    Ok(firmware_images(run, 1).await?.into_iter().next())
}

/// So many firmware images of our name at most. The service promises unique names for upload jobs
/// only.
pub(super) async fn firmware_images(
    run: &mut Run<'_>,
    most: usize,
) -> Result<Vec<FirmwareImage>, UploadError> {
    let name = &run.request.name;
    let mut query = ListQuery::named(name);
    let mut found = Vec::new();
    for _ in 0..PAGES {
        let page = run.query(|pelion| pelion.firmware_images(&query)).await?;
        readable(run, &page, "GET /v3/firmware-images")?;
        let last = page.data.last().map(|image| image.id.clone());
        let may_have_more = page.may_have_more();
        found.extend(page.data.into_iter().filter(|image| image.name == *name));
        if found.len() >= most {
            break;
        }
        match last {
            Some(last) if may_have_more => query = query.after(last),
            _ => break,
        }
    }
    found.truncate(most);
    Ok(found)
}

/// Fails when the list has our name in an entry that cannot be read: whether it is ours is not known, and
/// whatever is sent under that name may be a second copy.
fn readable<T>(run: &Run<'_>, page: &Page<T>, request: &str) -> Result<(), UploadError> {
    let name = &run.request.name;
    if !page.hides(name) {
        return Ok(());
    }
    let why = format!("it lists \"{name}\" without an id that can be used");
    Err(run.failed(run.pelion.other_shape(request, why)))
}
