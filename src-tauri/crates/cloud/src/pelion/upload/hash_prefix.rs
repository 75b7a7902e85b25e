//! Hashes again what the service already holds: one MD5 per chunk, the SHA-256 in the same pass.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use firmdrop_core::{Md5, Md5Hasher, Sha256Hasher};
use firmdrop_image::Source;

use crate::pieces::PieceBuffer;

/// Sets the flag when the waiting side goes away, so that the reading thread ends.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The MD5 of each run of bytes, one after the other from the start of the file, and the state of
/// the SHA-256 behind the last. Dropping the future ends the reading.
pub(super) async fn hash_prefix(
    source: &Arc<dyn Source>,
    lengths_bytes: Vec<u64>,
) -> io::Result<(Vec<Md5>, Sha256Hasher)> {
    let source = Arc::clone(source);
    let stop = Arc::new(AtomicBool::new(false));
    let guard = StopOnDrop(Arc::clone(&stop));
    let work = tokio::task::spawn_blocking(move || read(&*source, &lengths_bytes, &stop));
    let hashed = work.await.map_err(io::Error::other)?;
    drop(guard);
    hashed
}

fn read(
    source: &dyn Source,
    lengths_bytes: &[u64],
    stop: &AtomicBool,
) -> io::Result<(Vec<Md5>, Sha256Hasher)> {
    let mut sha256 = Sha256Hasher::default();
    let mut digests = Vec::with_capacity(lengths_bytes.len());
    let mut buffer = PieceBuffer::take();
    let mut offset = 0;
    for length in lengths_bytes {
        let mut md5 = Md5Hasher::default();
        let mut left = *length;
        while left > 0 {
            if stop.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let piece = buffer.fill(source, offset, left)?;
            md5.update(piece);
            sha256.update(piece);
            offset += piece.len() as u64;
            left -= piece.len() as u64;
        }
        digests.push(md5.finish());
    }
    Ok((digests, sha256))
}
