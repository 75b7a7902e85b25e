//! What a request with an unknown answer stored under another name than it was given: services trim
//! names, change their case, or write their letters in another form.
//!
//! Asked only after an unknown answer, before anything is sent again: every image or upload job of
//! the account is looked at.

use firmdrop_core::{Moment, Note, NoteKind};

use super::{
    UploadError,
    find::PAGES,
    judge::{Comparison, judge},
    run::Run,
};
use crate::pelion::{FirmwareImage, ListQuery, Page, UploadJob, limits::LARGEST_PAGE};

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

/// Whether what was just created under our name may have this one: services change names, and add to
/// them.
pub(super) fn may_be_ours(theirs: &str, ours: &str) -> bool {
    let plain_ours = plain(ours);
    // A name without a plain letter cannot be compared.
    theirs.is_empty() || plain_ours.is_empty() || plain(theirs).contains(&plain_ours)
}

/// Says under which name the service has what it was given under ours.
pub(super) fn note_name(run: &Run<'_>, name: &str) {
    if !name.is_empty() && name != run.request.name {
        let text = format!("The service has it under the name \"{name}\"");
        let detail = "It changed the name that it was given, or the name was changed there.";
        run.events
            .note(Note::new(NoteKind::Warning, text).detail(detail));
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

/// Whether two names are one but for case, blanks, signs, and the form in which letters with marks
/// are written. A name of which nothing is left then is like no other.
fn is_in_other_letters(theirs: &str, ours: &str) -> bool {
    let ours = plain(ours);
    !ours.is_empty() && plain(theirs) == ours
}

/// The plain letters and digits: a letter with a mark is left out in both of its forms, as one
/// character or as a letter and a mark behind it (Unicode Standard Annex #15).
fn plain(name: &str) -> String {
    let mut plain = String::new();
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_marked = letters.peek().is_some_and(|next| is_mark(*next));
        if letter.is_ascii_alphanumeric() && !is_marked {
            plain.push(letter.to_ascii_lowercase());
        }
    }
    plain
}

/// Combining marks (Unicode, blocks of that name).
const fn is_mark(letter: char) -> bool {
    matches!(
        letter,
        '\u{300}'..='\u{36f}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe20}'..='\u{fe2f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_in_other_letters_and_no_other_name_is() {
        for (theirs, ours) in [
            ("puck 1", " puck 1 "),
            ("puck-a", "Puck-A"),
            ("Z\u{fc}rich", "Zu\u{308}rich"),
            ("puck_1.4", "puck/1.4"),
        ] {
            assert!(is_in_other_letters(theirs, ours), "{theirs} {ours}");
        }
        for (theirs, ours) in [("puck-1", "puck-2"), ("", ""), ("\u{fc}", "\u{fc}")] {
            assert!(!is_in_other_letters(theirs, ours), "{theirs} {ours}");
        }
    }
}
