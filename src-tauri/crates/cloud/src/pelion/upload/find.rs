//! Finds an upload job or a firmware image by its exact name.

use super::{UploadError, run::Run};
use crate::pelion::{FirmwareImage, ListQuery, UploadJob};

/// Pages that are read at most: a service that ignores the filter must not keep us for ever.
const PAGES: usize = 40;

/// The upload job of our name.
pub(super) async fn upload_job(run: &mut Run<'_>) -> Result<Option<UploadJob>, UploadError> {
    let name = &run.request.name;
    let mut query = ListQuery::named(name);
    for _ in 0..PAGES {
        let page = run.ask(|pelion| pelion.upload_jobs(&query)).await?;
        let last = page.data.last().map(|job| job.id.clone());
        if let Some(job) = page.data.into_iter().find(|job| job.name == *name) {
            return Ok(Some(job));
        }
        match last {
            Some(last) if page.has_more => query = query.after(last),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// The firmware image of our name.
pub(super) async fn firmware_image(
    run: &mut Run<'_>,
) -> Result<Option<FirmwareImage>, UploadError> {
    let name = &run.request.name;
    let mut query = ListQuery::named(name);
    for _ in 0..PAGES {
        let page = run.ask(|pelion| pelion.firmware_images(&query)).await?;
        let last = page.data.last().map(|image| image.id.clone());
        if let Some(image) = page.data.into_iter().find(|image| image.name == *name) {
            return Ok(Some(image));
        }
        match last {
            Some(last) if page.has_more => query = query.after(last),
            _ => return Ok(None),
        }
    }
    Ok(None)
}
