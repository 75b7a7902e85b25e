//! Which format is it? Decided by content alone, never by the name.
//!
//! Reads the first kilobyte and the last sixteen bytes.

use crate::bounded::bounded;
use crate::bytes::read;
use crate::format::{dfu, dfuse, elf, gbl, intel_hex, mcuboot, package, raw, srecord, uf2};
use crate::watched::{OnProgress, Watched};
use crate::{ImageError, Inspection, Source};

const HEAD_BYTES: usize = 1024;

/// Looks at a file: what it is, what is written inside, whether it is sound.
///
/// Memory and the size of the result are bounded whatever the file; a raw file costs a few kilobytes
/// of reading, a format with a checksum one or two passes over it. Each entry of an archive is
/// unpacked once. A damaged file of a known format is described with failed checks.
///
/// # Errors
/// [`ImageError`] when nothing can be said: empty, unreadable, cut inside its header, or larger or
/// more deeply packed than any real firmware.
pub fn inspect(source: &dyn Source) -> Result<Inspection, ImageError> {
    recognise(source).map(bounded)
}

/// Like [`inspect`], and can be stopped.
///
/// `on_progress` is called after every read, at the latest after 256 KiB, with the bytes read so far;
/// these may become more than the file has, because some formats need two passes. When it breaks,
/// the result is `None` and nothing is left behind.
///
/// # Errors
/// As [`inspect`].
pub fn inspect_with(
    source: &dyn Source,
    on_progress: OnProgress<'_>,
) -> Result<Option<Inspection>, ImageError> {
    let watched = Watched::new(source, on_progress);
    let found = inspect(&watched);
    if watched.is_stopped() {
        return Ok(None);
    }
    found.map(Some)
}

fn recognise(source: &dyn Source) -> Result<Inspection, ImageError> {
    if source.is_empty() {
        return Err(ImageError::Empty);
    }
    let head = read(source, 0, HEAD_BYTES)?;
    if dfuse::recognises(&head) {
        return dfuse::inspect(source);
    }
    // A suffix wraps whatever stands before it, so it is asked for before the beginnings.
    if let Some(suffix) = dfu::Suffix::read(source)? {
        return dfu::inspect(source, suffix);
    }
    for (recognises, inspect) in BEGINNINGS {
        if recognises(&head) {
            return inspect(source);
        }
    }
    raw::inspect(source)
}

type Recognises = fn(&[u8]) -> bool;
type Inspect = fn(&dyn Source) -> Result<Inspection, ImageError>;

/// Formats with a beginning of their own.
const BEGINNINGS: &[(Recognises, Inspect)] = &[
    (mcuboot::recognises, mcuboot::inspect),
    (elf::recognises, elf::inspect),
    (uf2::recognises, uf2::inspect),
    (gbl::recognises, gbl::inspect),
    (package::recognises, package::inspect),
    (intel_hex::recognises, intel_hex::inspect),
    (srecord::recognises, srecord::inspect),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, MemorySource};
    use proptest::prelude::*;

    #[test]
    fn an_empty_file_is_an_error_and_one_byte_is_not() {
        assert!(matches!(
            inspect(&MemorySource::new([])),
            Err(ImageError::Empty)
        ));
        let one = inspect(&MemorySource::new([0x7F])).unwrap();
        assert_eq!(one.format, Format::Raw);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let _ = inspect(&MemorySource::new(bytes));
        }
    }
}
