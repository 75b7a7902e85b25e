//! The directory of a zip archive, read before anything is unpacked.
//!
//! An own bounded reader: whoever builds an index merges entries of one name and judges nothing. Layout
//! and numbers of PKWARE's *APPNOTE.TXT*, sections 4.3.12 to 4.3.16 and 4.5.3, with their 64-bit form.
//! It unpacks nothing, and refuses nothing: whether an entry can be used is asked when it is.

use firmdrop_core::grouped;

use crate::bytes::{Fields, read, shown};
use crate::limits::ARCHIVE_DIRECTORY_BYTES;
use crate::{ImageError, Source};

const WHAT: &str = "zip archive";
const END_MAGIC: [u8; 4] = *b"PK\x05\x06";
const END_BYTES: u64 = 22;
const COMMENT_MOST_BYTES: u64 = 65_535;
const ENTRY_MAGIC: u32 = 0x0201_4B50;
const END64_MAGIC: u32 = 0x0606_4B50;
const LOCATOR64_MAGIC: u32 = 0x0706_4B50;
const LOCATOR64_BYTES: u64 = 20;
/// In front of the first entry of an archive that was split, or that was to be split and fitted into one
/// part (APPNOTE.TXT, 8.5).
pub(crate) const SPLIT_MAGIC: [u8; 8] = *b"PK\x07\x08PK\x03\x04";
/// The same as some programs write it.
pub(crate) const UNSPLIT_MAGIC: [u8; 8] = *b"PK00PK\x03\x04";
/// The extra field with 64-bit sizes and places.
const EXTRA_64: u16 = 1;
/// Not packed.
pub(crate) const STORED: u16 = 0;
/// Packed by DEFLATE (RFC 1951).
pub(crate) const DEFLATED: u16 = 8;
const FLAG_ENCRYPTED: u16 = 1;
/// `version made by`: Unix.
const MADE_BY_UNIX: u8 = 3;
/// Upper half of the external attributes where a Unix system made the entry: `S_IFMT`, `S_IFLNK`.
const UNIX_KIND: u32 = 0xF000_0000;
const UNIX_SYMLINK: u32 = 0xA000_0000;

/// One entry.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Its name as it is written.
    pub(crate) name: String,
    /// Unpacked size, as announced.
    pub(crate) size_bytes: u64,
    /// Size in the archive.
    pub(crate) packed_bytes: u64,
    /// Where its local header begins.
    pub(crate) local_offset: u64,
    /// How it is packed: as it is, or [`DEFLATED`].
    pub(crate) method: u16,
    /// CRC-32 of its unpacked bytes.
    pub(crate) crc: u32,
    encrypted: bool,
    symlink: bool,
}

/// Reads the directory; none where it is larger than any archive of firmware has it.
pub(crate) fn read_directory(source: &dyn Source) -> Result<Option<Vec<Entry>>, ImageError> {
    let end = EndRecord::find(source)?;
    if end.directory_bytes > ARCHIVE_DIRECTORY_BYTES {
        return Ok(None);
    }
    let size = usize::try_from(end.directory_bytes).unwrap_or(usize::MAX);
    let bytes = read(source, end.directory_offset, size)?;
    let mut fields = Fields(&bytes);
    let mut entries = Vec::new();
    for index in 0..end.entries {
        let entry = Entry::read(&mut fields).ok_or_else(|| {
            damaged(format!(
                "Entry {index} of its directory is cut off or is none."
            ))
        })?;
        entries.push(entry);
    }
    if !fields.0.is_empty() {
        return Err(damaged(format!(
            "Its directory continues for {} bytes after the last entry.",
            grouped(fields.0.len())
        )));
    }
    Ok(Some(entries))
}

/// Bytes behind the archive, which readers of archives pass over.
pub(crate) fn bytes_behind(source: &dyn Source) -> Result<u64, ImageError> {
    Ok(EndRecord::find(source)?.behind)
}

/// Whether it is one of the parts of an archive that was split: its first one, or the last one with the
/// directory of all.
pub(crate) fn is_one_of_several(source: &dyn Source) -> Result<bool, ImageError> {
    let start = source.len().saturating_sub(END_BYTES + COMMENT_MOST_BYTES);
    let tail = read(source, start, 65_557)?;
    let Some(at) = end_record(&tail) else {
        return Ok(read(source, 0, 8)?.starts_with(&SPLIT_MAGIC));
    };
    let mut fields = Fields(tail.get(at + 4..).unwrap_or_default());
    let (disk, directory_disk) = (fields.u16(), fields.u16());
    let is_part = |disk: Option<u16>| disk.is_some_and(|disk| !matches!(disk, 0 | u16::MAX));
    Ok(is_part(disk) || is_part(directory_disk))
}

/// Where the end record stands in the last bytes of an archive: the last one whose comment ends with the
/// file, since a comment may hold anything; or else the last one.
fn end_record(tail: &[u8]) -> Option<usize> {
    let ends = |at: usize| {
        let comment = tail.get(at + 20..at + 22)?.first_chunk()?;
        Some(at + 22 + usize::from(u16::from_le_bytes(*comment)))
    };
    let is_record = |window: &[u8]| window == END_MAGIC;
    let mut last = None;
    let mut up_to = tail.len();
    while let Some(at) = tail.get(..up_to)?.windows(4).rposition(is_record) {
        if ends(at) == Some(tail.len()) {
            return Some(at);
        }
        last = last.or(Some(at));
        up_to = at + 3;
    }
    last
}

struct EndRecord {
    entries: u64,
    directory_bytes: u64,
    directory_offset: u64,
    /// Bytes behind the end record and its comment.
    behind: u64,
}

impl EndRecord {
    /// The last end record, or the one of the 64-bit form before it.
    fn find(source: &dyn Source) -> Result<Self, ImageError> {
        let start = source.len().saturating_sub(END_BYTES + COMMENT_MOST_BYTES);
        let tail = read(source, start, 65_557)?;
        let Some(at) = end_record(&tail) else {
            return Err(ImageError::Truncated {
                what: WHAT,
                part: "directory, which stands at the end,",
                needs_bytes: source.len() + END_BYTES,
                size_bytes: source.len(),
            });
        };
        let mut fields = Fields(tail.get(at + 4..).unwrap_or_default());
        let record = (|| {
            let (disk, directory_disk) = (fields.u16()?, fields.u16()?);
            let (here, entries) = (fields.u16()?, fields.u16()?);
            let (size, offset) = (fields.u32()?, fields.u32()?);
            let comment = fields.u16()?;
            Some((
                disk | directory_disk,
                here == entries,
                entries,
                size,
                offset,
                comment,
            ))
        })();
        let Some((disk, same, entries, size, offset, comment)) = record else {
            return Err(damaged("Its end record is cut off.".to_owned()));
        };
        let end_offset = start + at as u64;
        let (directory_bytes, directory_offset) = (u64::from(size), u64::from(offset));
        let behind = (fields.0.len() as u64).saturating_sub(comment.into());
        // Some writers add the 64-bit form to small archives, and leave their numbers here.
        let is_64 = entries == u16::MAX
            || size == u32::MAX
            || offset == u32::MAX
            || directory_offset + directory_bytes != end_offset;
        if is_64 && let Some(end) = Self::find_64(source, end_offset)? {
            return Ok(Self { behind, ..end });
        }
        if disk != 0 || !same {
            return Err(damaged("It is one of several parts.".to_owned()));
        }
        if fields.0.len() < usize::from(comment) {
            return Err(damaged(format!(
                "{} bytes follow its end record, {comment} are announced.",
                grouped(fields.0.len()),
                comment = grouped(comment)
            )));
        }
        if directory_offset + directory_bytes != end_offset {
            return Err(damaged(format!(
                "Its directory should end at byte {}, the end record begins at {}.",
                grouped(directory_offset + directory_bytes),
                grouped(end_offset)
            )));
        }
        Ok(Self {
            entries: entries.into(),
            directory_bytes,
            directory_offset,
            behind,
        })
    }

    /// The end record of the 64-bit form, which a locator before the usual one names.
    fn find_64(source: &dyn Source, end_offset: u64) -> Result<Option<Self>, ImageError> {
        let Some(locator_offset) = end_offset.checked_sub(LOCATOR64_BYTES) else {
            return Ok(None);
        };
        let locator = read(source, locator_offset, 20)?;
        let mut fields = Fields(&locator);
        if fields.u32() != Some(LOCATOR64_MAGIC) {
            return Ok(None);
        }
        let (_, offset) = (fields.u32(), fields.u64().unwrap_or(u64::MAX));
        let record = read(source, offset, 56)?;
        let mut fields = Fields(&record);
        let end = (|| {
            let is_record = fields.u32()? == END64_MAGIC;
            fields.bytes(12)?;
            let (disk, directory_disk) = (fields.u32()?, fields.u32()?);
            let (here, entries) = (fields.u64()?, fields.u64()?);
            let (directory_bytes, directory_offset) = (fields.u64()?, fields.u64()?);
            let is_one = disk == 0 && directory_disk == 0 && here == entries;
            let ends = directory_offset.checked_add(directory_bytes)? == offset;
            (is_record && is_one && ends).then_some(Self {
                entries,
                directory_bytes,
                directory_offset,
                behind: 0,
            })
        })();
        match end {
            Some(end) => Ok(Some(end)),
            None => Err(damaged(format!(
                "Its 64-bit end record at byte {offset} is none, or does not lie behind the directory.",
                offset = grouped(offset)
            ))),
        }
    }
}

impl Entry {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        if fields.u32()? != ENTRY_MAGIC {
            return None;
        }
        let [_, system] = fields.u16()?.to_le_bytes();
        fields.u16()?;
        let (flags, method) = (fields.u16()?, fields.u16()?);
        fields.bytes(4)?;
        let crc = fields.u32()?;
        let (packed, size) = (fields.u32()?, fields.u32()?);
        let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
        fields.bytes(4)?;
        let attributes = fields.u32()?;
        let local = fields.u32()?;
        let name = fields.bytes(name.into())?;
        let mut wide = extra_64(fields.bytes(extra.into())?);
        fields.bytes(comment.into())?;
        // Only what does not fit is there, in this order.
        let mut widened = |value: u32| {
            if value == u32::MAX {
                wide.u64().unwrap_or(value.into())
            } else {
                value.into()
            }
        };
        let (size_bytes, packed_bytes, local_offset) =
            (widened(size), widened(packed), widened(local));
        Some(Self {
            // A name that is no UTF-8 cannot be asked for by a manifest, which is JSON.
            name: String::from_utf8_lossy(name).into_owned(),
            size_bytes,
            packed_bytes,
            local_offset,
            method,
            crc,
            encrypted: flags & FLAG_ENCRYPTED != 0,
            symlink: system == MADE_BY_UNIX && attributes & UNIX_KIND == UNIX_SYMLINK,
        })
    }

    /// Whether it is a folder.
    pub(crate) fn is_folder(&self) -> bool {
        self.name.ends_with('/') && self.size_bytes == 0
    }

    /// Why its name must not be trusted by whoever unpacks the archive, if it must not.
    pub(crate) fn hostile_name(&self) -> Option<&'static str> {
        hostile_name(&self.name)
    }

    /// Whether its bytes cannot be read here, whatever its name is.
    pub(crate) fn is_locked(&self) -> bool {
        self.encrypted || !matches!(self.method, STORED | DEFLATED)
    }

    /// Why it cannot be used, if it cannot.
    pub(crate) fn usable(&self) -> Result<(), String> {
        let method;
        let why = match hostile_name(&self.name) {
            Some(why) => why,
            None if self.encrypted => "is encrypted",
            None if self.symlink => "is a symbolic link",
            None if !matches!(self.method, STORED | DEFLATED) => {
                method = format!(
                    "is packed with method {}, which is not read here",
                    self.method
                );
                &method
            }
            None => return Ok(()),
        };
        Err(format!("“{}” {why}", shown(self.name.as_bytes())))
    }
}

/// The 64-bit values among the extra fields of an entry.
fn extra_64(extra: &[u8]) -> Fields<'_> {
    let mut fields = Fields(extra);
    loop {
        let (Some(id), Some(size)) = (fields.u16(), fields.u16()) else {
            return Fields(&[]);
        };
        match fields.bytes(size.into()) {
            Some(value) if id == EXTRA_64 => return Fields(value),
            Some(_) => {}
            None => return Fields(&[]),
        }
    }
}

/// Why a name must not be trusted, if it must not.
fn hostile_name(name: &str) -> Option<&'static str> {
    const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
    if name.is_empty() {
        return Some("has no name");
    }
    if name.starts_with(['/', '\\']) || name.get(1..2) == Some(":") {
        return Some("has an absolute path");
    }
    if name.chars().any(char::is_control) {
        return Some("has control characters in its name");
    }
    for part in name.split(['/', '\\']) {
        if part == ".." {
            return Some("leads out of the archive");
        }
        let stem = part.split('.').next().unwrap_or_default().to_lowercase();
        let device = stem.trim_end_matches(|c: char| c.is_ascii_digit());
        let numbered = stem.len() == device.len() + 1;
        if RESERVED.contains(&device)
            && numbered == matches!(device, "com" | "lpt")
            && stem.len() <= device.len() + 1
        {
            return Some("has the name of a device");
        }
    }
    None
}

fn damaged(why: String) -> ImageError {
    ImageError::Damaged { what: WHAT, why }
}
