//! Reading foreign bytes without believing them: exact reads, streams, windows and fields.
//!
//! Nothing here knows a format.

use firmdrop_core::AlignedBuffer;

use crate::limits::{SHOWN_CHARACTERS, STREAM_BUFFER_BYTES};
use crate::{ImageError, Source};

/// Fills `buffer` from `offset`. The caller has checked that the range lies inside the source, so
/// an early end means that the file shrank.
pub(crate) fn fill(source: &dyn Source, offset: u64, buffer: &mut [u8]) -> Result<(), ImageError> {
    let mut done = 0;
    while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
        let at = offset.saturating_add(done as u64);
        match source.read_at(at, rest) {
            Ok(0) => {
                return Err(ImageError::Shrank {
                    offset: at,
                    size_bytes: source.len(),
                });
            }
            Ok(count) => done += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                return Err(ImageError::Unreadable {
                    offset: at,
                    source: error,
                });
            }
        }
    }
    Ok(())
}

/// Up to `limit` bytes from `offset`; fewer only at the end of the source.
pub(crate) fn read(source: &dyn Source, offset: u64, limit: usize) -> Result<Vec<u8>, ImageError> {
    let rest = source.len().saturating_sub(offset);
    let mut bytes = vec![0; usize::try_from(rest).unwrap_or(limit).min(limit)];
    fill(source, offset, &mut bytes)?;
    Ok(bytes)
}

/// Hands `length_bytes` from `offset` to `take`, piece by piece, in fixed memory.
pub(crate) fn stream(
    source: &dyn Source,
    offset: u64,
    length_bytes: u64,
    take: &mut dyn FnMut(&[u8]),
) -> Result<(), ImageError> {
    let most = usize::try_from(length_bytes).unwrap_or(usize::MAX);
    let mut buffer = AlignedBuffer::new(STREAM_BUFFER_BYTES.min(most));
    let buffer = buffer.bytes_mut();
    let mut done = 0;
    while done < length_bytes {
        let left = usize::try_from(length_bytes - done).unwrap_or(usize::MAX);
        let count = left.min(buffer.len());
        let Some(piece) = buffer.get_mut(..count) else {
            break;
        };
        fill(source, offset.saturating_add(done), piece)?;
        take(piece);
        done += count as u64;
    }
    Ok(())
}

/// A stretch of another source.
pub(crate) struct Window<'a> {
    source: &'a dyn Source,
    offset: u64,
    length_bytes: u64,
}

impl<'a> Window<'a> {
    /// The stretch that begins at `offset`, cut at the end of the source.
    pub(crate) fn new(source: &'a dyn Source, offset: u64, length_bytes: u64) -> Self {
        let length_bytes = length_bytes.min(source.len().saturating_sub(offset));
        Self {
            source,
            offset,
            length_bytes,
        }
    }
}

impl Source for Window<'_> {
    fn len(&self) -> u64 {
        self.length_bytes
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let rest = self.length_bytes.saturating_sub(offset);
        let count = usize::try_from(rest)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        match buffer.get_mut(..count) {
            Some(buffer) if count > 0 => self.source.read_at(self.offset + offset, buffer),
            _ => Ok(0),
        }
    }
}

/// Which byte of a number comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The lowest one.
    Little,
    /// The highest one.
    Big,
}

impl Order {
    /// The next two bytes of `fields`.
    pub(crate) fn u16(self, fields: &mut Fields<'_>) -> Option<u16> {
        let number = fields.u16()?;
        Some(if self == Self::Big {
            number.swap_bytes()
        } else {
            number
        })
    }

    /// The next four bytes of `fields`.
    pub(crate) fn u32(self, fields: &mut Fields<'_>) -> Option<u32> {
        let number = fields.u32()?;
        Some(if self == Self::Big {
            number.swap_bytes()
        } else {
            number
        })
    }
}

/// Little-endian fields taken one after another from a slice.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    /// The next `count` bytes.
    pub(crate) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    /// The next byte.
    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    /// The next two bytes.
    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    /// The next eight bytes.
    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// The next four bytes.
    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }
}

/// Copies the part of `data`, which belongs to address `at`, that lies in `bytes`, which begin at `start`.
pub(crate) fn place(bytes: &mut [u8], start: u64, at: u64, data: &[u8]) {
    let skipped = usize::try_from(start.saturating_sub(at)).unwrap_or(usize::MAX);
    let Some(data) = data.get(skipped..) else {
        return;
    };
    let begin = usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX);
    let Some(room) = bytes.get_mut(begin..) else {
        return;
    };
    let count = room.len().min(data.len());
    if let (Some(room), Some(data)) = (room.get_mut(..count), data.get(..count)) {
        room.copy_from_slice(data);
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An address as people write it.
pub(crate) fn address(value: u64) -> String {
    format!("0x{value:08X}")
}

/// Foreign text made fit to be shown: short, and without control characters.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let start = bytes.get(..SHOWN_CHARACTERS * 4).unwrap_or(bytes);
    String::from_utf8_lossy(start)
        .chars()
        .map(|c| if c.is_control() { '\u{FFFD}' } else { c })
        .take(SHOWN_CHARACTERS)
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemorySource;

    /// A source that says it is longer than it is.
    struct Shrunk;
    impl Source for Shrunk {
        fn len(&self) -> u64 {
            100
        }
        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
            Ok(buffer
                .len()
                .min(40_usize.saturating_sub(usize::try_from(offset).unwrap())))
        }
    }

    #[test]
    fn a_file_that_shrinks_while_it_is_read_is_told_as_changed() {
        let error = read(&Shrunk, 0, 100).unwrap_err();
        assert!(matches!(
            error,
            ImageError::Shrank {
                offset: 40,
                size_bytes: 100
            }
        ));
    }

    #[test]
    fn a_window_never_shows_what_lies_outside() {
        let whole = MemorySource::new(*b"0123456789");
        let window = Window::new(&whole, 3, 4);
        assert_eq!(read(&window, 0, 100).unwrap(), b"3456");
        assert_eq!(read(&window, 4, 100).unwrap(), b"");
        assert_eq!(Window::new(&whole, 8, u64::MAX).len(), 2);
        assert_eq!(Window::new(&whole, u64::MAX, 5).len(), 0);
    }

    #[test]
    fn a_stream_hands_over_every_byte_once() {
        let bytes: Vec<u8> = (0..STREAM_BUFFER_BYTES * 2 + 5)
            .map(|i| u8::try_from(i % 251).unwrap())
            .collect();
        let source = MemorySource::new(bytes.clone());
        let mut seen = Vec::new();
        stream(&source, 3, bytes.len() as u64 - 3, &mut |piece| {
            seen.extend_from_slice(piece);
        })
        .unwrap();
        assert_eq!(seen, bytes[3..]);
    }

    #[test]
    fn foreign_text_loses_its_control_characters_and_its_length() {
        assert_eq!(shown(b" a\x1b[31mb "), "a\u{FFFD}[31mb");
        assert_eq!(shown(&[b'x'; 5000]).len(), SHOWN_CHARACTERS);
    }
}
