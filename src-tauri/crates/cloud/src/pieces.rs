//! A part of a file in pieces, read by a thread of its own while they are sent.
//!
//! The buffers are used again: a new one for each piece is cleared before it is filled, and stays in the
//! heap of the thread that made it.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use firmdrop_core::AlignedBuffer;
use firmdrop_image::Source;
use tokio::sync::mpsc;

/// Length of a piece, bytes. Small pieces cost system calls; large ones have left the cache of the processor before they
/// are used again.
pub(crate) const PIECE_BYTES: usize = 64 * 1024;

/// Most buffers that wait for their next use, 1 MiB together.
const MOST_FREE: usize = 16;

/// Buffers that wait for their next use.
static FREE: Mutex<Vec<AlignedBuffer>> = Mutex::new(Vec::new());

/// Room for one piece. Dropping it makes it free for the next.
#[derive(Debug)]
pub(crate) struct PieceBuffer {
    /// Nothing once it was dropped.
    room: Option<AlignedBuffer>,
    length_bytes: usize,
}

impl PieceBuffer {
    pub(crate) fn take() -> Self {
        let free = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Self {
            room: Some(free.unwrap_or_else(|| AlignedBuffer::new(PIECE_BYTES))),
            length_bytes: 0,
        }
    }

    /// Reads up to `want_bytes` of the file at this place, at most a piece, and gives what was read: one byte at
    /// least. A file that ends there is an error.
    pub(crate) fn fill(
        &mut self,
        source: &dyn Source,
        offset_bytes: u64,
        want_bytes: u64,
    ) -> io::Result<&[u8]> {
        let want = usize::try_from(want_bytes).map_or(PIECE_BYTES, |want| want.min(PIECE_BYTES));
        let room = self.room.as_mut().map(AlignedBuffer::bytes_mut);
        let room = room
            .and_then(|room| room.get_mut(..want))
            .unwrap_or_default();
        self.length_bytes = source.read_at(offset_bytes, room)?.min(want);
        if self.length_bytes == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Self::as_ref(self))
    }
}

impl AsRef<[u8]> for PieceBuffer {
    fn as_ref(&self) -> &[u8] {
        let room = self.room.as_ref().map(AlignedBuffer::bytes);
        room.and_then(|room| room.get(..self.length_bytes))
            .unwrap_or_default()
    }
}

impl Drop for PieceBuffer {
    fn drop(&mut self) {
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() < MOST_FREE {
            free.extend(self.room.take());
        }
    }
}

/// Starts to read the bytes from `offset_bytes` on; `waiting` pieces wait between the reading thread and
/// the line. Dropping the receiver ends the reading.
pub(crate) fn read_ahead(
    source: &Arc<dyn Source>,
    offset_bytes: u64,
    length_bytes: u64,
    waiting: usize,
) -> mpsc::Receiver<io::Result<Bytes>> {
    let (sender, pieces) = mpsc::channel(waiting);
    let source = Arc::clone(source);
    tokio::task::spawn_blocking(move || {
        let mut done = 0;
        while done < length_bytes {
            let mut piece = PieceBuffer::take();
            let read = piece.fill(&*source, offset_bytes + done, length_bytes - done);
            let next = read.map(|bytes| bytes.len() as u64);
            let next = next.map(|length| {
                done += length;
                Bytes::from_owner(piece)
            });
            let failed = next.is_err();
            if sender.blocking_send(next).is_err() || failed {
                return;
            }
        }
    });
    pieces
}

#[cfg(test)]
mod tests {
    use firmdrop_image::MemorySource;

    use super::*;

    async fn all(source: &Arc<dyn Source>, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let mut pieces = read_ahead(source, offset, length, 1);
        let mut all = Vec::new();
        while let Some(piece) = pieces.recv().await {
            all.extend_from_slice(&piece?);
        }
        Ok(all)
    }

    #[tokio::test]
    async fn a_buffer_that_is_used_again_shows_nothing_of_what_it_held() {
        let long: Arc<dyn Source> = Arc::new(MemorySource::new(vec![1; 3 * PIECE_BYTES]));
        let short: Arc<dyn Source> = Arc::new(MemorySource::new(vec![2; 9]));
        for _ in 0..3 {
            let read = all(&long, 0, 2 * PIECE_BYTES as u64 + 5).await.unwrap();
            assert_eq!(read, vec![1; 2 * PIECE_BYTES + 5]);
            assert_eq!(all(&short, 2, 7).await.unwrap(), [2; 7]);
        }
        let free = FREE.lock().unwrap().len();
        assert!((1..=MOST_FREE).contains(&free), "{free}");
    }

    #[tokio::test]
    async fn a_piece_that_is_still_held_is_not_overwritten_by_the_next() {
        let bytes: Vec<u8> = (0..=250).cycle().take(3 * PIECE_BYTES).collect();
        let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes.clone()));
        let mut pieces = read_ahead(&source, 0, bytes.len() as u64, 1);
        let mut held = Vec::new();
        while let Some(piece) = pieces.recv().await {
            held.push(piece.unwrap());
        }
        assert_eq!(held.concat(), bytes);
    }

    #[tokio::test]
    async fn a_source_that_ends_too_early_is_an_error() {
        let source: Arc<dyn Source> = Arc::new(MemorySource::new(vec![1; 10]));
        let error = all(&source, 0, 11).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
