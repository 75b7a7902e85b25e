//! Hashes the next chunk while the one before it is on the wire, before its length is known.
//!
//! There is a mark at every MiB, so whichever length the plan chooses, its MD5 is there. The SHA-256
//! of the whole file runs along in the same pass.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use firmdrop_core::{MIB, Md5, Md5Hasher, Sha256Hasher};
use firmdrop_image::Source;
use tokio::sync::watch;

use crate::pieces::{PIECE_BYTES, PieceBuffer};

/// Both hashes after the first `length_bytes` of the chunk.
struct Mark {
    length_bytes: u64,
    md5: Md5Hasher,
    sha256: Sha256Hasher,
}

#[derive(Default)]
struct Shared {
    marks: Mutex<Vec<Mark>>,
    /// How far it should hash; lowered to end it early.
    limit_bytes: AtomicU64,
    failure: Mutex<Option<io::Error>>,
}

/// Hashes in the background from one place on. Dropping it ends the work.
pub(super) struct HashAhead {
    shared: Arc<Shared>,
    hashed_bytes: watch::Receiver<u64>,
}

impl HashAhead {
    /// Begins at `start_bytes`, up to which `sha256` holds the file's hash, for a chunk that will
    /// have at most `longest_bytes`.
    pub(super) fn begin(
        source: &Arc<dyn Source>,
        start_bytes: u64,
        sha256: Sha256Hasher,
        longest_bytes: u64,
    ) -> Self {
        let rest = source.len().saturating_sub(start_bytes);
        let shared = Arc::new(Shared::default());
        shared
            .limit_bytes
            .store(longest_bytes.min(rest), Ordering::Relaxed);
        let (progress, hashed_bytes) = watch::channel(0);
        let mut work = Work {
            source: Arc::clone(source),
            start_bytes,
            rest_bytes: rest,
            shared: Arc::clone(&shared),
            progress,
        };
        tokio::task::spawn_blocking(move || {
            if let Err(error) = work.hash(sha256) {
                *locked(&work.shared.failure) = Some(error);
            }
        });
        Self {
            shared,
            hashed_bytes,
        }
    }

    /// Whether a chunk of this length is hashed, or will be.
    pub(super) fn covers(&self, length_bytes: u64) -> bool {
        length_bytes <= self.shared.limit_bytes.load(Ordering::Relaxed)
    }

    /// The chunk's MD5 and the file's hash up to its end, for a chunk of this length: whole MiB, or
    /// up to the end of the file. Waits until so much is hashed, and hashes no further.
    pub(super) async fn digest(&mut self, length_bytes: u64) -> io::Result<(Md5, Sha256Hasher)> {
        self.shared
            .limit_bytes
            .fetch_min(length_bytes, Ordering::Relaxed);
        let enough = self.hashed_bytes.wait_for(|hashed| *hashed >= length_bytes);
        let ended_early = enough.await.is_err();
        let marks = locked(&self.shared.marks);
        let mark = marks.iter().find(|mark| mark.length_bytes == length_bytes);
        if let Some(mark) = mark {
            return Ok((mark.md5.clone().finish(), mark.sha256.clone()));
        }
        let failure = locked(&self.shared.failure).take();
        debug_assert!(ended_early || failure.is_some());
        Err(failure.unwrap_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof)))
    }
}

impl Drop for HashAhead {
    fn drop(&mut self) {
        self.shared.limit_bytes.store(0, Ordering::Relaxed);
    }
}

struct Work {
    source: Arc<dyn Source>,
    start_bytes: u64,
    rest_bytes: u64,
    shared: Arc<Shared>,
    progress: watch::Sender<u64>,
}

impl Work {
    fn hash(&mut self, mut sha256: Sha256Hasher) -> io::Result<()> {
        let mut md5 = Md5Hasher::default();
        let mut buffer = PieceBuffer::take();
        let mut hashed = 0;
        while hashed < self.shared.limit_bytes.load(Ordering::Relaxed) {
            let left = self.rest_bytes - hashed;
            let piece = buffer.fill(&*self.source, self.start_bytes + hashed, left)?;
            if piece.len() < PIECE_BYTES && (piece.len() as u64) < left {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            md5.update(piece);
            sha256.update(piece);
            hashed += piece.len() as u64;
            if hashed.is_multiple_of(MIB) || hashed == self.rest_bytes {
                locked(&self.shared.marks).push(Mark {
                    length_bytes: hashed,
                    md5: md5.clone(),
                    sha256: sha256.clone(),
                });
                self.progress.send_replace(hashed);
            }
        }
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use firmdrop_core::Sha256;
    use firmdrop_image::MemorySource;

    use super::*;

    #[tokio::test]
    async fn any_length_the_plan_may_choose_has_its_digest() {
        let bytes: Vec<u8> = (0..3 * MIB + 17).map(|i| (i % 251) as u8).collect();
        let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes.clone()));
        for length in [MIB, 2 * MIB, 3 * MIB + 17] {
            let begin = || HashAhead::begin(&source, 0, Sha256Hasher::default(), 100 * MIB);
            let (md5, sha256) = begin().digest(length).await.unwrap();
            let part = &bytes[..usize::try_from(length).unwrap()];
            assert_eq!((md5, sha256.finish()), (Md5::of(part), Sha256::of(part)));
        }
    }

    #[tokio::test]
    async fn a_source_that_ends_too_early_is_an_error() {
        struct Short;
        impl Source for Short {
            fn len(&self) -> u64 {
                2 * MIB
            }
            fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
                Ok(if offset < MIB { buffer.len() } else { 0 })
            }
        }
        let source: Arc<dyn Source> = Arc::new(Short);
        let mut ahead = HashAhead::begin(&source, 0, Sha256Hasher::default(), 100 * MIB);
        let error = ahead.digest(2 * MIB).await.map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
