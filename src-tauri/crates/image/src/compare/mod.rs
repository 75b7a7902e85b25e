//! Two files side by side: what they say of themselves, and their bytes region by region.
//!
//! It judges neither. What could not be compared is said, with the reason.

mod comparison;
mod plain_text;
mod regions;
mod said;
mod strings;

use std::sync::Arc;

use crate::bytes::read;
use crate::limits::STREAM_BUFFER_BYTES;
use crate::{ImageError, Inspection, Payload, Source, payload};

pub use comparison::{Change, Comparison, Region, Strings};

/// Compares two files that were inspected: `before` and `after`.
///
/// Reads both once, or twice for text; memory does not grow with the files. Files whose bytes have
/// addresses are compared address by address, others position by position: code that moved counts as
/// changed then.
///
/// # Errors
/// [`ImageError::Unreadable`] and [`ImageError::Shrank`] when a file cannot be read any more. A file that
/// is damaged, or whose bytes cannot be placed, is no error: what it says is compared all the same.
pub fn compare(
    before: (&Arc<dyn Source>, &Inspection),
    after: (&Arc<dyn Source>, &Inspection),
) -> Result<Comparison, ImageError> {
    let mut comparison = Comparison {
        identical: are_identical(before.0.as_ref(), after.0.as_ref())?,
        changes: Vec::new(),
        regions: Vec::new(),
        same_regions: 0,
        strings: None,
        not_compared: Vec::new(),
    };
    if comparison.identical {
        return Ok(comparison);
    }
    said::compare(before.1, after.1, &mut comparison);
    let first = content("the first file", before, &mut comparison)?;
    let second = content("the second file", after, &mut comparison)?;
    if let (Some(first), Some(second)) = (first, second) {
        let both = [(&first, before.1), (&second, after.1)];
        regions::compare(both, &mut comparison)?;
        comparison.strings = Some(strings::compare(
            &first,
            &second,
            &mut comparison.not_compared,
        )?);
    }
    Ok(comparison)
}

/// What a file writes; none, and the reason, where that cannot be said.
fn content(
    which: &str,
    (source, inspection): (&Arc<dyn Source>, &Inspection),
    comparison: &mut Comparison,
) -> Result<Option<Payload>, ImageError> {
    match payload(Arc::clone(source), inspection, None) {
        Ok(payload) => Ok(Some(payload)),
        Err(error @ (ImageError::Unreadable { .. } | ImageError::Shrank { .. })) => Err(error),
        Err(error) => {
            let why = format!("The bytes of {which}: {error}");
            comparison.not_compared.push(why);
            Ok(None)
        }
    }
}

fn are_identical(a: &dyn Source, b: &dyn Source) -> Result<bool, ImageError> {
    if a.len() != b.len() {
        return Ok(false);
    }
    let mut at = 0;
    while at < a.len() {
        let (one, other) = (
            read(a, at, STREAM_BUFFER_BYTES)?,
            read(b, at, STREAM_BUFFER_BYTES)?,
        );
        if one != other {
            return Ok(false);
        }
        at += one.len() as u64;
    }
    Ok(true)
}

#[cfg(test)]
mod tests;
