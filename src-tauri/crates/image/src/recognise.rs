//! Which format is it? Decided by content alone, never by the name.
//!
//! Reads the first kilobytes and the last sixteen bytes.

use crate::bounded::bounded;
use crate::budget::Budget;
use crate::bytes::read;
use crate::format::{
    cabinet, compressed, dfu, dfuse, elf, esp_flash, esp_image, gbl, intel_hex, mcuboot, named,
    package, page, raw, srecord, tar, uf2, zigbee_ota,
};
use crate::watched::{OnProgress, Watched};
use crate::{ImageError, Inspection, Integrity, Source};

/// Bytes at the start that are looked at: a partition table of a whole ESP flash stands at 8000.
const HEAD_BYTES: usize = 4096;

/// Looks at a file: what it is, what is written inside, whether it is sound.
///
/// Memory and the size of the result are bounded whatever the file; a raw file costs a few kilobytes
/// of reading, a format with a checksum one or two passes over it. Each entry of an archive is
/// unpacked once, and what lies inside is looked at three deep. A damaged file of a known format is described with failed checks.
///
/// # Errors
/// [`ImageError`] when nothing can be said: empty, unreadable, cut inside its header, or larger or
/// more deeply packed than any real firmware.
pub fn inspect(source: &dyn Source) -> Result<Inspection, ImageError> {
    recognise(source, &mut Budget::new(recognise)).map(bounded)
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

/// Which format it is, and what it says.
fn recognise(source: &dyn Source, budget: &mut Budget) -> Result<Inspection, ImageError> {
    if source.is_empty() {
        return Err(ImageError::Empty);
    }
    let head = read(source, 0, HEAD_BYTES)?;
    if dfuse::recognises(&head) {
        return dfuse::inspect(source);
    }
    // A suffix wraps whatever stands before it, so it is asked for before the beginnings.
    if let Some(suffix) = dfu::Suffix::read(source)? {
        let found = dfu::inspect(source, suffix)?;
        // The last file of an archive may end with a suffix of its own, which is right for that file.
        if found.integrity() != Integrity::Damaged || !is_container(&head) {
            return Ok(found);
        }
    }
    for (recognises, reader) in FORMATS {
        if recognises(&head) {
            match reader {
                Reader::Plain(inspect) => return inspect(source),
                Reader::Container(inspect) => return inspect(source, budget),
                Reader::Perhaps(inspect) => {
                    if let Some(inspection) = inspect(source)? {
                        return Ok(inspection);
                    }
                }
            }
        }
    }
    raw::inspect(source)
}

/// Whether other files lie in a file that begins with `head`.
fn is_container(head: &[u8]) -> bool {
    FORMATS
        .iter()
        .any(|(recognises, reader)| matches!(reader, Reader::Container(_)) && recognises(head))
}

type Recognises = fn(&[u8]) -> bool;

/// How the bytes of a format are described once its beginning is known.
enum Reader {
    /// By itself.
    Plain(fn(&dyn Source) -> Result<Inspection, ImageError>),
    /// With what lies inside.
    Container(fn(&dyn Source, &mut Budget) -> Result<Inspection, ImageError>),
    /// Only when what follows the beginning agrees.
    Perhaps(fn(&dyn Source) -> Result<Option<Inspection>, ImageError>),
}

/// The one list of formats with a beginning of their own, in the order in which they are tried.
const FORMATS: &[(Recognises, Reader)] = &[
    (mcuboot::recognises, Reader::Plain(mcuboot::inspect)),
    (elf::recognises, Reader::Plain(elf::inspect)),
    (uf2::recognises, Reader::Plain(uf2::inspect)),
    (gbl::recognises, Reader::Plain(gbl::inspect)),
    (package::recognises, Reader::Container(package::inspect)),
    (
        compressed::recognises,
        Reader::Container(compressed::inspect),
    ),
    (cabinet::recognises, Reader::Container(cabinet::inspect)),
    (tar::recognises, Reader::Container(tar::inspect)),
    (
        zigbee_ota::recognises,
        Reader::Container(zigbee_ota::inspect),
    ),
    (esp_flash::recognises, Reader::Perhaps(esp_flash::inspect)),
    (esp_image::recognises, Reader::Perhaps(esp_image::inspect)),
    (page::recognises, Reader::Perhaps(page::inspect)),
    (intel_hex::recognises, Reader::Plain(intel_hex::inspect)),
    (srecord::recognises, Reader::Plain(srecord::inspect)),
    (named::recognises, Reader::Perhaps(named::inspect)),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::dfu::tests::with_suffix;
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

    #[test]
    fn an_archive_whose_last_file_ends_with_a_dfu_suffix_is_the_archive() {
        let file = with_suffix(vec![7; 100], 0x0100, [1, 2, 3]);
        // A Zstandard frame with one block that is stored, without a checksum.
        let mut archive = vec![0x28, 0xB5, 0x2F, 0xFD, 0, 0x58];
        let length = u32::try_from(file.len()).unwrap();
        archive.extend(&((length << 3) | 1).to_le_bytes()[..3]);
        archive.extend(&file);
        let found = inspect(&MemorySource::new(archive)).unwrap();
        assert_eq!(found.format, Format::Compressed);
        assert_eq!(found.parts[0].inspection.format, Format::Dfu);
        let mut changed = file;
        changed[5] ^= 1;
        let found = inspect(&MemorySource::new(changed)).unwrap();
        assert_eq!(found.integrity(), Integrity::Damaged);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
            let _ = inspect(&MemorySource::new(bytes));
        }
    }
}
