//! Formats that are known by their header, and of which no more is known here: the name, and the version
//! and target where the header says them.
//!
//! Little is checked: a length or a checksum that the header says. Whoever needs more takes the format's own tools.

mod cyacd;
mod firmware;
mod heading;
mod listed;
mod multi_image;
mod text;
mod text_beside;
mod uboot;

use crate::bytes::read;
use crate::{ImageError, Inspection, Source};

/// Bytes that are looked at. A flash configuration block of some chips stands at 400.
const HEAD_BYTES: usize = 4096;

/// What a header says: the rest of the description is written by whoever knows the format.
type Describe = fn(&[u8], &dyn Source) -> Result<Option<Inspection>, ImageError>;

/// The list, in the order in which they are tried.
const FORMATS: &[Describe] = &[
    uboot::describe,
    firmware::describe,
    multi_image::describe,
    text::describe,
    listed::describe,
    text_beside::describe,
];

/// Whether it is worth a look; which format it is says [`inspect`].
pub(crate) fn recognises(head: &[u8]) -> bool {
    !head.is_empty()
}

/// Describes a file of one of these formats.
pub(crate) fn inspect(source: &dyn Source) -> Result<Option<Inspection>, ImageError> {
    let head = read(source, 0, HEAD_BYTES)?;
    for describe in FORMATS {
        if let Some(found) = describe(&head, source)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
