//! Entries of a zip archive, unpacked by name into bounded memory. Nothing is ever extracted.
//!
//! The directory was read before ([`crate::archive_directory`]); what is unpacked is counted here, and
//! only what is asked for is judged: an entry that nobody uses harms nobody.

use crc::{CRC_32_ISO_HDLC, Crc, Table};
use firmdrop_core::grouped;
use flate2::{Decompress, FlushDecompress, Status};

use crate::archive_directory::{DEFLATED, Entry, STORED};
use crate::bytes::{Fields, fill, read, shown};
use crate::limits::ARCHIVE_TOTAL_BYTES;
use crate::{ImageError, Source};

/// Bytes unpacked at once.
const PIECE_BYTES: usize = 64 * 1024;

/// Bytes of a local header before the name (APPNOTE.TXT, 4.3.7).
const LOCAL_HEADER_BYTES: u64 = 30;

/// What every zip archive with entries begins with.
pub(crate) const LOCAL_MAGIC: [u8; 4] = *b"PK\x03\x04";

static CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);

/// An archive whose directory was read.
pub(crate) struct Archive<'a> {
    source: &'a dyn Source,
    entries: Vec<Entry>,
    /// The folder its manifest is in, with the stroke behind it.
    folder: String,
    /// Bytes that may still be unpacked.
    left: u64,
}

impl<'a> Archive<'a> {
    /// The archive in `source` whose directory said `entries`. Names are looked up in `folder`.
    pub(crate) fn new(source: &'a dyn Source, entries: Vec<Entry>, folder: String) -> Self {
        Self {
            source,
            entries,
            folder,
            left: ARCHIVE_TOTAL_BYTES,
        }
    }

    /// The size an entry announces.
    pub(crate) fn size_bytes(&self, name: &str) -> Option<u64> {
        self.entry(name).ok().map(|entry| entry.size_bytes)
    }

    /// The entry of this name, or why it cannot be used.
    pub(crate) fn entry(&self, name: &str) -> Result<&Entry, String> {
        let quoted = shown(name.as_bytes());
        let path = format!("{}{}", self.folder, name.trim_start_matches("./"));
        let mut found = self
            .entries
            .iter()
            .filter(|entry| entry.name.trim_start_matches("./") == path);
        let entry = found
            .next()
            .ok_or_else(|| format!("“{quoted}” is not in the archive"))?;
        if found.next().is_some() {
            return Err(format!("“{quoted}” is in the archive twice"));
        }
        entry.usable()?;
        Ok(entry)
    }

    /// An entry's bytes, at most `limit`. The inner error says what is damaged or missing.
    pub(crate) fn read(
        &mut self,
        name: &str,
        limit: u64,
    ) -> Result<Result<Vec<u8>, String>, ImageError> {
        if let Some(found) = self.size_bytes(name).filter(|size| *size > limit) {
            return Err(ImageError::TooLarge {
                what: "entry of the archive",
                unit: "bytes",
                limit,
                found,
            });
        }
        let mut bytes = Vec::new();
        let outcome = self.unpack(name, &mut |piece| bytes.extend_from_slice(piece))?;
        Ok(outcome.map(|_| bytes))
    }

    /// Hands an entry's bytes to `take`, piece by piece, and returns how many they were. The inner
    /// error says what is damaged or missing; `take` may have seen a part then.
    pub(crate) fn unpack(
        &mut self,
        name: &str,
        take: &mut dyn FnMut(&[u8]),
    ) -> Result<Result<u64, String>, ImageError> {
        let entry = match self.entry(name) {
            Ok(entry) => entry.clone(),
            Err(why) => return Ok(Err(why)),
        };
        let Some(left) = self.left.checked_sub(entry.size_bytes) else {
            return Err(ImageError::HostileArchive {
                why: format!(
                    "What its manifest lists unpacks to more than {} bytes; no firmware package has so many.",
                    grouped(ARCHIVE_TOTAL_BYTES)
                ),
            });
        };
        self.left = left;
        unpack(self.source, &entry, take)
    }
}

/// Where an entry's packed bytes begin.
pub(crate) fn place(source: &dyn Source, entry: &Entry) -> Result<Result<u64, String>, ImageError> {
    let header = read(source, entry.local_offset, 30)?;
    let mut fields = Fields(header.get(26..).unwrap_or_default());
    let (true, Some(name), Some(extra)) =
        (header.starts_with(&LOCAL_MAGIC), fields.u16(), fields.u16())
    else {
        return Ok(Err(format!(
            "“{}” is not where the directory says, at byte {}",
            shown(entry.name.as_bytes()),
            grouped(entry.local_offset)
        )));
    };
    let offset = entry.local_offset + LOCAL_HEADER_BYTES + u64::from(name) + u64::from(extra);
    if offset
        .checked_add(entry.packed_bytes)
        .is_none_or(|end| end > source.len())
    {
        let quoted = shown(entry.name.as_bytes());
        return Ok(Err(format!("“{quoted}” runs over the end of the file")));
    }
    Ok(Ok(offset))
}

/// The name in front of an entry's bytes; none where no header of an entry is there.
pub(crate) fn local_name(source: &dyn Source, entry: &Entry) -> Result<Option<String>, ImageError> {
    let header = read(source, entry.local_offset, 30)?;
    let length = Fields(header.get(26..).unwrap_or_default()).u16();
    let Some(length) = length.filter(|_| header.starts_with(&LOCAL_MAGIC)) else {
        return Ok(None);
    };
    let offset = entry.local_offset + LOCAL_HEADER_BYTES;
    let name = read(source, offset, length.into())?;
    Ok(Some(String::from_utf8_lossy(&name).into_owned()))
}

/// Hands the bytes of one entry to `take` and checks their CRC-32.
pub(crate) fn unpack(
    source: &dyn Source,
    entry: &Entry,
    take: &mut dyn FnMut(&[u8]),
) -> Result<Result<u64, String>, ImageError> {
    let offset = match place(source, entry)? {
        Ok(offset) => offset,
        Err(why) => return Ok(Err(why)),
    };
    let quoted = shown(entry.name.as_bytes());
    let mut digest = CRC.digest();
    let mut done = 0;
    let mut inflate = (entry.method == DEFLATED).then(|| Decompress::new(false));
    debug_assert!(entry.method == DEFLATED || entry.method == STORED);
    let mut output = vec![0; PIECE_BYTES];
    let mut input = Vec::new();
    let (mut read_bytes, mut used) = (0, 0);
    loop {
        if used >= input.len() && read_bytes < entry.packed_bytes {
            let left = usize::try_from(entry.packed_bytes - read_bytes).unwrap_or(usize::MAX);
            input.resize(left.min(PIECE_BYTES), 0);
            fill(source, offset + read_bytes, &mut input)?;
            read_bytes += input.len() as u64;
            used = 0;
        }
        let rest = input.get(used..).unwrap_or_default();
        let (piece, taken, ended) = match &mut inflate {
            None => (rest, rest.len(), read_bytes >= entry.packed_bytes),
            Some(inflate) => {
                let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
                let status = match inflate.decompress(rest, &mut output, FlushDecompress::None) {
                    Ok(status) => status,
                    Err(error) => {
                        return Ok(Err(format!("“{quoted}” cannot be unpacked: {error}")));
                    }
                };
                let taken = usize::try_from(inflate.total_in() - before_in).unwrap_or(0);
                let given = usize::try_from(inflate.total_out() - before_out).unwrap_or(0);
                let is_stuck = taken == 0 && given == 0;
                let piece = output.get(..given).unwrap_or_default();
                (piece, taken, status == Status::StreamEnd || is_stuck)
            }
        };
        used += taken;
        done += piece.len() as u64;
        if done > entry.size_bytes {
            return Ok(Err(format!(
                "“{quoted}” unpacks to more than the {} bytes it announces",
                grouped(entry.size_bytes)
            )));
        }
        digest.update(piece);
        take(piece);
        if ended {
            break;
        }
    }
    if done < entry.size_bytes {
        return Ok(Err(format!(
            "“{quoted}” announces {} bytes and has {done}",
            grouped(entry.size_bytes),
            done = grouped(done)
        )));
    }
    let found = digest.finalize();
    if found != entry.crc {
        return Ok(Err(format!(
            "“{quoted}” cannot be unpacked: the archive says CRC-32 {:08X}, its bytes give {found:08X}",
            entry.crc
        )));
    }
    Ok(Ok(done))
}

#[cfg(test)]
#[path = "archive_tests.rs"]
pub(crate) mod tests;
