//! The digests of a whole file, streamed in fixed memory.
//!
//! They follow an inspection: the verdict stands before a large file is read to its end.

use std::io;
use std::ops::ControlFlow;

use firmdrop_core::{AlignedBuffer, Md5, Md5Hasher, Sha256, Sha256Hasher};
use serde::{Deserialize, Serialize};

use crate::Source;
use crate::limits::STREAM_BUFFER_BYTES;

/// Digests of every byte of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FileDigests {
    /// SHA-256.
    pub sha256: Sha256,
    /// MD5, which some services ask for.
    pub md5: Md5,
}

/// Reads the whole source and computes both digests.
///
/// `on_progress` receives the bytes read so far after every 256 KiB and may break; the result is
/// `None` then, and nothing is left behind.
///
/// # Errors
/// What the system says, and [`io::ErrorKind::UnexpectedEof`] when the file became shorter than it
/// was when it was opened.
pub fn digest(
    source: &dyn Source,
    on_progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> io::Result<Option<FileDigests>> {
    let (mut sha256, mut md5) = (Sha256Hasher::default(), Md5Hasher::default());
    let outcome = read_all(source, on_progress, &mut |piece| {
        sha256.update(piece);
        md5.update(piece);
    })?;
    Ok(outcome.is_continue().then(|| FileDigests {
        sha256: sha256.finish(),
        md5: md5.finish(),
    }))
}

/// Like [`digest`], for SHA-256 alone: less than half of the work.
///
/// # Errors
/// As [`digest`].
pub fn sha256_only(
    source: &dyn Source,
    on_progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> io::Result<Option<Sha256>> {
    let mut sha256 = Sha256Hasher::default();
    let outcome = read_all(source, on_progress, &mut |piece| sha256.update(piece))?;
    Ok(outcome.is_continue().then(|| sha256.finish()))
}

fn read_all(
    source: &dyn Source,
    on_progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    take: &mut dyn FnMut(&[u8]),
) -> io::Result<ControlFlow<()>> {
    let mut buffer = AlignedBuffer::new(STREAM_BUFFER_BYTES);
    let buffer = buffer.bytes_mut();
    let mut offset = 0;
    while offset < source.len() {
        let left = usize::try_from(source.len() - offset).unwrap_or(usize::MAX);
        let room = left.min(buffer.len());
        let count = match source.read_at(offset, buffer.get_mut(..room).unwrap_or_default()) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        take(buffer.get(..count).unwrap_or_default());
        offset += count as u64;
        if on_progress(offset).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemorySource;

    #[test]
    fn both_digests_and_the_lone_one_are_those_of_the_whole_file() {
        for size in [0, 1, STREAM_BUFFER_BYTES, 3 * STREAM_BUFFER_BYTES + 7] {
            let bytes = vec![0x5A; size];
            let source = MemorySource::new(bytes.clone());
            let mut stated = Vec::new();
            let found = digest(&source, &mut |done| {
                stated.push(done);
                ControlFlow::Continue(())
            });
            let expected = FileDigests {
                sha256: Sha256::of(&bytes),
                md5: Md5::of(&bytes),
            };
            assert_eq!(found.unwrap(), Some(expected));
            assert!(stated.is_sorted());
            assert_eq!(stated.last().copied().unwrap_or_default(), size as u64);
            let alone = sha256_only(&source, &mut |_| ControlFlow::Continue(())).unwrap();
            assert_eq!(alone, Some(expected.sha256));
        }
    }

    #[test]
    fn a_break_ends_it_after_the_piece_that_was_read() {
        let source = MemorySource::new(vec![1; 4 * STREAM_BUFFER_BYTES]);
        let mut calls = 0;
        let found = digest(&source, &mut |_| {
            calls += 1;
            ControlFlow::Break(())
        });
        assert_eq!((found.unwrap(), calls), (None, 1));
    }

    #[test]
    fn a_file_that_became_shorter_is_an_error_and_no_digest() {
        struct Shrunk;
        impl Source for Shrunk {
            fn len(&self) -> u64 {
                1 << 20
            }
            fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
                Ok(if offset == 0 { buffer.len() } else { 0 })
            }
        }
        let error = digest(&Shrunk, &mut |_| ControlFlow::Continue(())).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
