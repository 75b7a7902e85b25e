//! Text that only one of two payloads has: versions, dates, addresses of servers, names of settings.
//!
//! Most printable bytes of an image are code or packed data; what counts as text is in `plain_text`.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::ControlFlow;

use super::comparison::Strings;
use super::plain_text::is_plain_text;
use crate::{ImageError, Payload};

/// Longest text that is looked at; a longer one is cut there.
const LONGEST: usize = 200;
/// Most different texts of one file, eight bytes each.
const TEXTS: usize = 1 << 20;
/// Texts that are listed of one side.
const LISTED: usize = 64;

/// Compares the text of two payloads.
pub(super) fn compare(
    before: &Payload,
    after: &Payload,
    not_compared: &mut Vec<String>,
) -> Result<Strings, ImageError> {
    let (first, is_whole) = known(before)?;
    let (second, is_whole_too) = known(after)?;
    if !is_whole || !is_whole_too {
        not_compared.push("Text: there is too much of it to compare".to_owned());
        return Ok(Strings::default());
    }
    let mut strings = Strings::default();
    strings.removed = only(before, &second, &mut strings.more)?;
    strings.added = only(after, &first, &mut strings.more)?;
    Ok(strings)
}

/// Numbers of all texts, and whether they are all.
fn known(payload: &Payload) -> Result<(HashSet<u64>, bool), ImageError> {
    let mut known = HashSet::new();
    each(payload, &mut |text| {
        known.insert(number(text));
        if known.len() < TEXTS {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    let is_whole = known.len() < TEXTS;
    Ok((known, is_whole))
}

fn only(
    payload: &Payload,
    other: &HashSet<u64>,
    more: &mut u32,
) -> Result<Vec<String>, ImageError> {
    let (mut list, mut seen) = (Vec::new(), HashSet::new());
    each(payload, &mut |text| {
        let number = number(text);
        if !other.contains(&number) && seen.insert(number) {
            if list.len() < LISTED {
                list.push(String::from_utf8_lossy(text).into_owned());
            } else {
                *more = more.saturating_add(1);
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(list)
}

fn number(text: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Hands every text to `take`: printable ASCII that reads as text.
fn each(
    payload: &Payload,
    take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<(), ImageError> {
    for segment in 0..payload.segments().len() {
        let mut text = Vec::with_capacity(LONGEST);
        let mut is_over = false;
        let ended = payload.stream(segment, 0, &mut |piece| {
            for byte in piece {
                if matches!(byte, b' '..=b'~') {
                    if text.len() < LONGEST {
                        text.push(*byte);
                    }
                    continue;
                }
                if is_plain_text(&text, Some(*byte)) {
                    take(&text)?;
                }
                text.clear();
            }
            ControlFlow::Continue(())
        })?;
        is_over |= ended.is_break();
        if !is_over && is_plain_text(&text, None) {
            is_over = take(&text).is_break();
        }
        if is_over {
            return Ok(());
        }
    }
    Ok(())
}
