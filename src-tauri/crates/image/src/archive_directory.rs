//! The directory of a zip archive, read before anything is unpacked.
//!
//! An own bounded reader, because the crate `zip` builds its whole index first, merges entries of
//! one name and judges nothing. Layout and numbers of PKWARE's *APPNOTE.TXT*, sections 4.3.12 and
//! 4.3.16. It unpacks nothing.

use crate::bytes::{Fields, read, shown};
use crate::limits::{
    ARCHIVE_DIRECTORY_BYTES, ARCHIVE_ENTRIES, ARCHIVE_RATIO, ARCHIVE_RATIO_FREE_BYTES,
    ARCHIVE_TOTAL_BYTES,
};
use crate::{ImageError, Source};

const WHAT: &str = "zip archive";
const END_MAGIC: [u8; 4] = *b"PK\x05\x06";
const END_BYTES: u64 = 22;
const COMMENT_MOST_BYTES: u64 = 65_535;
const ENTRY_MAGIC: u32 = 0x0201_4B50;
const LOCAL_HEADER_BYTES: u64 = 30;
const STORED: u16 = 0;
/// Packed by DEFLATE (RFC 1951).
pub(crate) const DEFLATED: u16 = 8;
const FLAG_ENCRYPTED: u16 = 1;
/// `version made by`: Unix.
const MADE_BY_UNIX: u8 = 3;
/// Upper half of the external attributes where a Unix system made the entry: `S_IFMT`, `S_IFLNK`.
const UNIX_KIND: u32 = 0xF000_0000;
const UNIX_SYMLINK: u32 = 0xA000_0000;

/// What the directory says.
pub(crate) enum Directory {
    /// `manifest.json` is there and no limit of a firmware package is exceeded.
    Package(Vec<Entry>),
    /// Some other archive.
    Plain {
        /// How many entries it has; `None` where they were not counted.
        entries: Option<usize>,
    },
}

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
    encrypted: bool,
    symlink: bool,
}

/// Reads and judges the directory.
pub(crate) fn read_directory(source: &dyn Source) -> Result<Directory, ImageError> {
    let Some(end) = EndRecord::find(source)? else {
        return Ok(Directory::Plain { entries: None });
    };
    if end.directory_bytes > ARCHIVE_DIRECTORY_BYTES {
        return Ok(Directory::Plain { entries: None });
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
        entry.check()?;
        entries.push(entry);
    }
    if !fields.0.is_empty() {
        return Err(damaged(format!(
            "Its directory goes on for {} bytes after the last entry.",
            fields.0.len()
        )));
    }
    if entries.iter().any(|entry| entry.name == "manifest.json") {
        check_package(&entries, end.directory_offset)?;
        Ok(Directory::Package(entries))
    } else {
        let entries = Some(entries.len());
        Ok(Directory::Plain { entries })
    }
}

struct EndRecord {
    entries: u16,
    directory_bytes: u64,
    directory_offset: u64,
}

impl EndRecord {
    /// The last end record. `None` for an archive in the 64-bit form, which no package needs.
    fn find(source: &dyn Source) -> Result<Option<Self>, ImageError> {
        let start = source.len().saturating_sub(END_BYTES + COMMENT_MOST_BYTES);
        let tail = read(source, start, 65_557)?;
        let Some(at) = tail.windows(4).rposition(|window| window == END_MAGIC) else {
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
        if entries == u16::MAX || size == u32::MAX || offset == u32::MAX {
            return Ok(None);
        }
        if disk != 0 || !same {
            return Err(damaged("It is one of several parts.".to_owned()));
        }
        if fields.0.len() != usize::from(comment) {
            return Err(damaged(format!(
                "{} bytes follow its end record, {comment} are announced.",
                fields.0.len()
            )));
        }
        let (directory_bytes, directory_offset) = (u64::from(size), u64::from(offset));
        let end_offset = start + at as u64;
        if directory_offset + directory_bytes != end_offset {
            return Err(damaged(format!(
                "Its directory should end at byte {}, the end record begins at {end_offset}.",
                directory_offset + directory_bytes
            )));
        }
        Ok(Some(Self {
            entries,
            directory_bytes,
            directory_offset,
        }))
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
        fields.bytes(8)?;
        let packed_bytes = fields.u32()?.into();
        let size_bytes = fields.u32()?.into();
        let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
        fields.bytes(4)?;
        let attributes = fields.u32()?;
        let local_offset = fields.u32()?.into();
        let name = fields.bytes(name.into())?;
        fields.bytes(usize::from(extra) + usize::from(comment))?;
        Some(Self {
            // A name that is no UTF-8 cannot be asked for by a manifest, which is JSON.
            name: String::from_utf8_lossy(name).into_owned(),
            size_bytes,
            packed_bytes,
            local_offset,
            method,
            encrypted: flags & FLAG_ENCRYPTED != 0,
            symlink: system == MADE_BY_UNIX && attributes & UNIX_KIND == UNIX_SYMLINK,
        })
    }

    /// What no honest archive has, whatever is in it.
    fn check(&self) -> Result<(), ImageError> {
        if let Some(why) = hostile_name(&self.name) {
            return Err(self.hostile(why));
        }
        if self.size_bytes > ARCHIVE_RATIO_FREE_BYTES
            && self.size_bytes > self.packed_bytes.saturating_mul(ARCHIVE_RATIO)
        {
            return Err(self.hostile(&format!(
                "unpacks {} bytes to {}, more than {ARCHIVE_RATIO} times as many",
                self.packed_bytes, self.size_bytes
            )));
        }
        Ok(())
    }

    /// What no firmware package has.
    fn check_in_package(&self) -> Result<(), ImageError> {
        if self.encrypted {
            return Err(self.hostile("is encrypted"));
        }
        if self.symlink {
            return Err(self.hostile("is a symbolic link"));
        }
        if !matches!(self.method, STORED | DEFLATED) {
            return Err(self.hostile(&format!("is packed with method {}", self.method)));
        }
        if is_archive_name(&self.name) {
            return Err(self.hostile("is an archive in the archive"));
        }
        Ok(())
    }

    fn hostile(&self, what: &str) -> ImageError {
        ImageError::HostileArchive {
            why: format!("Its entry “{}” {what}.", shown(self.name.as_bytes())),
        }
    }
}

fn check_package(entries: &[Entry], directory_offset: u64) -> Result<(), ImageError> {
    if entries.len() > ARCHIVE_ENTRIES {
        return Err(ImageError::HostileArchive {
            why: format!(
                "It has {} entries; a firmware package has at most {ARCHIVE_ENTRIES}.",
                entries.len()
            ),
        });
    }
    let total: u64 = entries.iter().map(|entry| entry.size_bytes).sum();
    if total > ARCHIVE_TOTAL_BYTES {
        return Err(ImageError::HostileArchive {
            why: format!(
                "It unpacks to {total} bytes; a firmware package has at most {ARCHIVE_TOTAL_BYTES}."
            ),
        });
    }
    let mut names = std::collections::BTreeSet::new();
    for entry in entries {
        entry.check_in_package()?;
        if !names.insert(entry.name.to_lowercase()) {
            return Err(entry.hostile("is there twice"));
        }
    }
    let mut by_place: Vec<_> = entries.iter().collect();
    by_place.sort_by_key(|entry| entry.local_offset);
    let ends = by_place.iter().skip(1).map(|next| next.local_offset);
    for (entry, end) in by_place.iter().zip(ends.chain([directory_offset])) {
        let least = LOCAL_HEADER_BYTES + entry.name.len() as u64 + entry.packed_bytes;
        if entry.local_offset + least > end {
            return Err(entry.hostile("shares bytes with another one"));
        }
    }
    Ok(())
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

fn is_archive_name(name: &str) -> bool {
    const ENDINGS: [&str; 9] = ["zip", "jar", "gz", "tgz", "bz2", "xz", "7z", "tar", "rar"];
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

fn damaged(why: String) -> ImageError {
    ImageError::Damaged { what: WHAT, why }
}
