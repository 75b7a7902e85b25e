//! What a request with an unknown answer stored under another name than it was given: services trim
//! names, change their case, or write their letters in another form.
//!
//! Asked only after an unknown answer, before anything is sent again: every image or upload job of
//! the account is looked at.

use firmdrop_core::Moment;

use super::{
    UploadError,
    find::PAGES,
    judge::{Comparison, judge},
    run::Run,
};
use crate::pelion::{
    FirmwareImage, ListQuery, Page, UploadJob,
    changed_name::{self, is_in_other_letters},
    limits::LARGEST_PAGE,
};

/// The newest image with size and SHA-256 of our file whose name is ours in other letters, or which was
/// made since our request went out.
pub(super) async fn firmware_image(
    run: &mut Run<'_>,
) -> Result<Option<FirmwareImage>, UploadError> {
    Ok(firmware_images(run).await?.into_iter().next())
}

/// All of them.
pub(super) async fn firmware_images(run: &mut Run<'_>) -> Result<Vec<FirmwareImage>, UploadError> {
    let since = run.not_before();
    let mut query = newest();
    let mut found: Vec<FirmwareImage> = Vec::new();
    for _ in 0..PAGES {
        let page = run.query(|pelion| pelion.firmware_images(&query)).await?;
        let next = next_page(
            &page,
            &query,
            |image| &image.id,
            |image| &image.created_at,
            since,
        );
        let request = run.request;
        found.extend(page.data.into_iter().filter(|image| {
            judge(image, &request.expected) == Comparison::Same
                && (is_in_other_letters(&image.name, &request.name)
                    || is_since(&image.created_at, since))
        }));
        match next {
            Some(next) => query = next,
            None => break,
        }
    }
    Ok(found)
}

/// The upload job whose name is ours in other letters, with our description. That it holds nothing
/// but the beginning of our file is still to be seen.
pub(super) async fn upload_job(run: &mut Run<'_>) -> Result<Option<UploadJob>, UploadError> {
    let since = run.not_before();
    let mut query = newest();
    for _ in 0..PAGES {
        let page = run.query(|pelion| pelion.upload_jobs(&query)).await?;
        let next = next_page(&page, &query, |job| &job.id, |job| &job.created_at, since);
        let request = run.request;
        let found = page.data.into_iter().find(|job| {
            is_in_other_letters(&job.name, &request.name)
                && job.description.trim() == request.description.trim()
        });
        match (found, next) {
            (None, Some(next)) => query = next,
            (found, _) => return Ok(found),
        }
    }
    Ok(None)
}

/// Says under which name the service has what it was given under ours.
pub(super) fn note_name(run: &Run<'_>, name: &str) {
    if let Some(note) = changed_name::note(name, &run.request.name) {
        run.events.note(note);
    }
}

fn newest() -> ListQuery {
    ListQuery::default().newest_first().limit(LARGEST_PAGE)
}

/// The question for the next page; `None` behind what was made before our request.
fn next_page<T>(
    page: &Page<T>,
    query: &ListQuery,
    id: impl Fn(&T) -> &str,
    created_at: impl Fn(&T) -> &str,
    since: Moment,
) -> Option<ListQuery> {
    let last = page.data.last()?;
    let is_older = moment(created_at(last)).is_some_and(|made| made < since);
    let is_behind = page.order.eq_ignore_ascii_case("desc") && is_older;
    let may_follow = page.may_have_more() && !is_behind;
    may_follow.then(|| query.clone().after(id(last)))
}

fn is_since(created_at: &str, since: Moment) -> bool {
    moment(created_at).is_some_and(|made| made >= since)
}

fn moment(text: &str) -> Option<Moment> {
    serde_json::from_value(text.trim().into()).ok()
}
