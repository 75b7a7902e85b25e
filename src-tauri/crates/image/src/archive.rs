//! Entries of a firmware package, unpacked by name into bounded memory. Nothing is ever extracted.
//!
//! The directory was judged before ([`crate::archive_directory`]); what is unpacked is counted here.

use std::cell::RefCell;
use std::io::{Read, Seek, SeekFrom};
use std::rc::Rc;

use zip::ZipArchive;
use zip::read::{ArchiveOffset, Config};

use crate::archive_directory::Entry;
use crate::bytes::shown;
use crate::{ImageError, Source};

/// Bytes unpacked at once.
const PIECE_BYTES: usize = 64 * 1024;

/// What every zip archive with entries begins with.
pub(crate) const LOCAL_MAGIC: [u8; 4] = *b"PK\x03\x04";

/// A judged package.
pub(crate) struct Archive<'a> {
    entries: Vec<Entry>,
    zip: ZipArchive<Reader<'a>>,
    failure: Failure,
}

type Failure = Rc<RefCell<Option<ImageError>>>;

impl<'a> Archive<'a> {
    /// The package in `source` whose directory said `entries`.
    pub(crate) fn open(source: &'a dyn Source, entries: Vec<Entry>) -> Result<Self, ImageError> {
        let failure = Failure::default();
        let reader = Reader {
            source,
            offset: 0,
            failure: Rc::clone(&failure),
        };
        let config = Config {
            archive_offset: ArchiveOffset::Known(0),
        };
        let opened = ZipArchive::with_config(config, reader);
        if let Some(error) = failure.take() {
            return Err(error);
        }
        let damaged = |why: String| ImageError::Damaged {
            what: "zip archive",
            why,
        };
        let zip = opened.map_err(|error| damaged(format!("Its directory: {error}.")))?;
        if zip.len() != entries.len() {
            let why = format!(
                "Its directory has {} entries and is also read as {}.",
                entries.len(),
                zip.len()
            );
            return Err(damaged(why));
        }
        Ok(Self {
            entries,
            zip,
            failure,
        })
    }

    /// The size an entry announces.
    pub(crate) fn size_bytes(&self, name: &str) -> Option<u64> {
        self.entry(name).map(|entry| entry.size_bytes)
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
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
        let Some(announced) = self.size_bytes(name) else {
            return Ok(Err(format!(
                "“{}” is not in the archive",
                shown(name.as_bytes())
            )));
        };
        let outcome = unpack(&mut self.zip, name, announced, take);
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        outcome
    }
}

fn unpack(
    zip: &mut ZipArchive<Reader<'_>>,
    name: &str,
    announced: u64,
    take: &mut dyn FnMut(&[u8]),
) -> Result<Result<u64, String>, ImageError> {
    let quoted = shown(name.as_bytes());
    // Not `by_name_raw`: of zip 9.4 it hands out the packed bytes, unchecked.
    let Some(index) = zip.index_for_name_raw(name.as_bytes()) else {
        return Ok(Err(format!("“{quoted}” cannot be found again")));
    };
    let mut file = match zip.by_index(index) {
        Ok(file) => file,
        Err(error) => return Ok(Err(format!("“{quoted}” cannot be opened: {error}"))),
    };
    let mut buffer = vec![0; PIECE_BYTES];
    let mut done = 0;
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) => return Ok(Err(format!("“{quoted}” cannot be unpacked: {error}"))),
        };
        let piece = buffer.get(..count).unwrap_or_default();
        if done == 0 && piece.starts_with(&LOCAL_MAGIC) {
            return Err(ImageError::HostileArchive {
                why: format!("Its entry “{quoted}” is an archive in the archive."),
            });
        }
        done += count as u64;
        if done > announced {
            return Err(ImageError::HostileArchive {
                why: format!(
                    "Its entry “{quoted}” unpacks to more than the {announced} bytes it announces."
                ),
            });
        }
        take(piece);
    }
    if done < announced {
        return Ok(Err(format!(
            "“{quoted}” announces {announced} bytes and has {done}"
        )));
    }
    Ok(Ok(done))
}

/// A source as the crate `zip` wants it. Keeps the first failure of the system, which `zip` hides.
struct Reader<'a> {
    source: &'a dyn Source,
    offset: u64,
    failure: Failure,
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.source.read_at(self.offset, buffer) {
            Ok(count) => {
                self.offset += count as u64;
                Ok(count)
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.failure
                    .borrow_mut()
                    .get_or_insert(ImageError::Unreadable {
                        offset: self.offset,
                        source: error,
                    });
                Err(kind.into())
            }
        }
    }
}

impl Seek for Reader<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let place = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.source.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.offset.checked_add_signed(by),
        };
        self.offset = place.ok_or(std::io::ErrorKind::InvalidInput)?;
        Ok(self.offset)
    }
}

#[cfg(test)]
#[path = "archive_tests.rs"]
pub(crate) mod tests;
