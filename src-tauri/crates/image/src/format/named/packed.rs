//! Compressed files and archives that are not opened here.

use super::heading::named;
use crate::bytes::shown;
use crate::{Format, ImageError, Inspection, Source};

/// Names a file by its header.
#[expect(
    clippy::unnecessary_wraps,
    reason = "other formats of the list read more of the file"
)]
pub(super) fn describe(head: &[u8], source: &dyn Source) -> Result<Option<Inspection>, ImageError> {
    const MAGICS: &[(&[u8], Format, &str)] = &[
        (b"BZh", Format::Compressed, "bzip2 stream"),
        (&[0x04, 0x22, 0x4D, 0x18], Format::Compressed, "LZ4 stream"),
        (&[0x5D, 0, 0, 0x80, 0], Format::Compressed, "LZMA stream"),
        (b"7z\xBC\xAF\x27\x1C", Format::Archive, "7-Zip archive"),
        (b"Rar!\x1A\x07", Format::Archive, "RAR archive"),
    ];
    if head.starts_with(b"070701") || head.starts_with(b"070702") {
        return Ok(Some(cpio(head, source)));
    }
    let found = MAGICS.iter().find(|(magic, _, _)| head.starts_with(magic));
    Ok(found.map(|(_, format, name)| {
        let mut inspection = named(*format, source, *name);
        inspection.fact(
            "Content",
            "not opened here: unpack the file and inspect what is in it",
        );
        inspection
    }))
}

/// `cpio` in the new form; `SWUpdate`'s images begin with a file `sw-description`.
fn cpio(head: &[u8], source: &dyn Source) -> Inspection {
    let name = head
        .get(110..)
        .and_then(|rest| rest.split(|byte| *byte == 0).next());
    let name = shown(name.unwrap_or_default());
    let kind = if name == "sw-description" {
        "SWUpdate image (cpio archive)"
    } else {
        "cpio archive"
    };
    let mut inspection = named(Format::Archive, source, kind);
    inspection.fact("First file", name);
    inspection.fact(
        "Content",
        "not opened here: unpack the archive and inspect what is in it",
    );
    inspection
}
