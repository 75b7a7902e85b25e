//! Ranges of bytes: `x-ms-range`, or `Range` where it is missing.

use std::ops::Range;

use super::request::Request;
use crate::blob::state::{Code, Refusal};

/// The bytes that the request wants of so many; `None` is all of them. A range that cannot be read is
/// all of them too (RFC 9110, 14.2); one that begins behind the end is refused.
pub(crate) fn wanted(request: &Request, size_bytes: u64) -> Result<Option<Range<u64>>, Refusal> {
    let text = request
        .header("x-ms-range")
        .or_else(|| request.header("range"));
    let Some((first, last)) = text.and_then(read) else {
        return Ok(None);
    };
    if first >= size_bytes {
        return Err(Code::InvalidRange.into());
    }
    let end = last.map_or(size_bytes, |last| last.saturating_add(1).min(size_bytes));
    Ok(Some(first..end))
}

fn read(text: &str) -> Option<(u64, Option<u64>)> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let first = first.parse().ok()?;
    match last {
        "" => Some((first, None)),
        last => {
            let last = last.parse().ok()?;
            (last >= first).then_some((first, Some(last)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_read_and_anything_else_is_no_range() {
        assert_eq!(read("bytes=0-3"), Some((0, Some(3))));
        assert_eq!(read("bytes=5-"), Some((5, None)));
        for bad in ["bytes=-5", "bytes=3-2", "items=0-1", "bytes=0-1,3-4", ""] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
