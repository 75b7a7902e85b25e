//! Compressed files and archives that are not opened here.

use firmdrop_core::grouped;

use super::heading::named;
use crate::bytes::{Fields, read, shown};
use crate::{CheckResult, Format, ImageError, Inspection, Source};

/// Names listed of one archive.
const NAMES: usize = 8;

/// Names a file by its header.
pub(super) fn describe(head: &[u8], source: &dyn Source) -> Result<Option<Inspection>, ImageError> {
    const MAGICS: &[(&[u8], Format, &str)] = &[
        (b"BZh", Format::Compressed, "bzip2 stream"),
        (
            &[0xFD, b'7', b'z', b'X', b'Z', 0],
            Format::Compressed,
            "xz stream",
        ),
        (
            &[0x28, 0xB5, 0x2F, 0xFD],
            Format::Compressed,
            "Zstandard stream",
        ),
        (&[0x04, 0x22, 0x4D, 0x18], Format::Compressed, "LZ4 stream"),
        (&[0x5D, 0, 0, 0x80, 0], Format::Compressed, "LZMA stream"),
        (b"7z\xBC\xAF\x27\x1C", Format::Archive, "7-Zip archive"),
        (b"Rar!\x1A\x07", Format::Archive, "RAR archive"),
    ];
    if head.starts_with(b"MSCF\0\0\0\0") {
        return cabinet(head, source).map(Some);
    }
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

/// Microsoft's *Cabinet File Format*: size at 8, the first file at 16, their number at 28. Firmware of the
/// Linux Vendor Firmware Service comes in one, with a file that ends in `.metainfo.xml`.
fn cabinet(head: &[u8], source: &dyn Source) -> Result<Inspection, ImageError> {
    let word = |at: usize| {
        Fields(head.get(at..).unwrap_or_default())
            .u32()
            .unwrap_or_default()
    };
    let count = Fields(head.get(28..).unwrap_or_default())
        .u16()
        .unwrap_or_default();
    let mut at = u64::from(word(16));
    let mut names = Vec::new();
    for _ in 0..usize::from(count).min(NAMES) {
        let entry = read(source, at, 16 + 256)?;
        let Some(name) = entry
            .get(16..)
            .and_then(|name| name.split(|byte| *byte == 0).next())
        else {
            break;
        };
        at += 16 + name.len() as u64 + 1;
        names.push(shown(name));
    }
    let is_lvfs = names.iter().any(|name| name.ends_with(".metainfo.xml"));
    let kind = if is_lvfs {
        "LVFS cabinet"
    } else {
        "Cabinet archive"
    };
    let plural = if count == 1 { "file" } else { "files" };
    let mut inspection = named(Format::Archive, source, format!("{kind}, {count} {plural}"));
    if !names.is_empty() {
        inspection.fact("Files", names.join(", "));
    }
    inspection.fact(
        "Content",
        "not opened here: unpack the archive and inspect what is in it",
    );
    let said = u64::from(word(8));
    if said > source.len() {
        let why = format!(
            "the header says {} bytes, {} are there: it was cut off",
            grouped(said),
            grouped(source.len())
        );
        inspection.check("Size in the header", CheckResult::Failed, why);
    }
    Ok(inspection)
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
