//! Header, folders and files of a cabinet, read before anything is unpacked.
//!
//! Layout of Microsoft's *MS-CAB*, sections 2.1 to 2.3. A *folder* is a run of packed blocks in which files
//! lie one behind the other; it has no name.

use crate::bytes::{Fields, read, shown};
use crate::{ImageError, Source};

/// The longest name, with the byte that ends it.
const NAME_BYTES: usize = 256;
/// Header with everything optional, and the names of the cabinets before and behind.
const HEAD_BYTES: usize = 128 * 1024;
/// Entries that are read. Cabinets of firmware have fewer than twenty.
const ENTRIES_BYTES: usize = 1024 * 1024;

const HAS_PREVIOUS: u16 = 1;
const HAS_NEXT: u16 = 2;
const HAS_RESERVE: u16 = 4;

/// Numbers of folders from here on say that a file continues in another cabinet.
pub(super) const CONTINUED: usize = 0xFFFD;

/// A cabinet as its headers describe it.
pub(super) struct Directory {
    /// Size of the cabinet that the header says.
    pub(super) size_bytes: u64,
    /// Whether it is one of several.
    pub(super) is_one_of_several: bool,
    /// Runs of packed blocks.
    pub(super) folders: Vec<Folder>,
    /// Files, in the order of the directory.
    pub(super) files: Vec<File>,
}

/// A run of packed blocks.
pub(super) struct Folder {
    /// Where the first block begins.
    pub(super) offset: u64,
    /// How many blocks there are.
    pub(super) blocks: u16,
    /// How they are packed.
    pub(super) method: u16,
    /// Bytes of each block's header that belong to nobody.
    pub(super) reserve_bytes: u8,
}

/// A file.
pub(super) struct File {
    /// Its name, fit to be shown.
    pub(super) name: String,
    /// Its size, unpacked.
    pub(super) size_bytes: u64,
    /// Where it begins in its folder, unpacked.
    pub(super) offset: u64,
    /// The number of its folder; that of none where it lies in another cabinet too.
    pub(super) folder: usize,
}

/// Reads the headers. The inner error says what is cut off or contradicts itself.
pub(super) fn read_directory(source: &dyn Source) -> Result<Result<Directory, String>, ImageError> {
    let head = read(source, 0, HEAD_BYTES)?;
    let Some((mut directory, entries, count)) = header(&head) else {
        return Ok(Err("its header is cut off".to_owned()));
    };
    let bytes = read(source, entries, ENTRIES_BYTES)?;
    let mut fields = Fields(&bytes);
    for number in 0..count {
        let Some(file) = file(&mut fields) else {
            let why = format!("entry {number} of its {count} files is cut off or has no end");
            return Ok(Err(why));
        };
        directory.files.push(file);
    }
    Ok(Ok(directory))
}

/// The header with its folders, where the entries of files begin, and how many there are.
fn header(head: &[u8]) -> Option<(Directory, u64, u16)> {
    let mut fields = Fields(head);
    fields.bytes(8)?;
    let size_bytes = u64::from(fields.u32()?);
    fields.u32()?;
    let entries = u64::from(fields.u32()?);
    fields.bytes(6)?;
    let (folders, files, flags) = (fields.u16()?, fields.u16()?, fields.u16()?);
    fields.bytes(4)?;
    let (mut of_header, mut of_folder, mut reserve_bytes) = (0, 0, 0);
    if flags & HAS_RESERVE != 0 {
        (of_header, of_folder, reserve_bytes) = (fields.u16()?, fields.u8()?, fields.u8()?);
    }
    fields.bytes(of_header.into())?;
    for flag in [HAS_PREVIOUS, HAS_NEXT] {
        if flags & flag != 0 {
            text(&mut fields)?;
            text(&mut fields)?;
        }
    }
    let mut listed = Vec::new();
    for _ in 0..folders {
        listed.push(Folder {
            offset: fields.u32()?.into(),
            blocks: fields.u16()?,
            method: fields.u16()?,
            reserve_bytes,
        });
        fields.bytes(of_folder.into())?;
    }
    let directory = Directory {
        size_bytes,
        is_one_of_several: flags & (HAS_PREVIOUS | HAS_NEXT) != 0,
        folders: listed,
        files: Vec::new(),
    };
    Some((directory, entries, files))
}

fn file(fields: &mut Fields<'_>) -> Option<File> {
    let (size, offset, folder) = (fields.u32()?, fields.u32()?, fields.u16()?);
    fields.bytes(6)?;
    Some(File {
        name: shown(text(fields)?),
        size_bytes: size.into(),
        offset: offset.into(),
        folder: folder.into(),
    })
}

/// A text that ends with a zero.
fn text<'a>(fields: &mut Fields<'a>) -> Option<&'a [u8]> {
    let room = fields.0.get(..NAME_BYTES).unwrap_or(fields.0);
    let length = room.iter().position(|byte| *byte == 0)?;
    let text = fields.bytes(length)?;
    fields.u8()?;
    Some(text)
}
