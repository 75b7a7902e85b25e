//! A part of a file in pieces, read while they are sent: at once what is in memory already, the rest by a thread of
//! its own.
//!
//! The buffers are used again: a new one for each piece is cleared before it is filled, and stays in the
//! heap of the thread that made it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use firmdrop_core::AlignedBuffer;
use firmdrop_image::Source;
use futures::Stream;
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
        let read = |room: &mut [u8]| source.read_at(offset_bytes, room).map(Some);
        self.fill_by(want_bytes, read)?;
        Ok(Self::as_ref(self))
    }

    /// The same of what is in memory already; false when that is not all of it.
    fn fill_cached(
        &mut self,
        source: &dyn Source,
        offset_bytes: u64,
        want_bytes: u64,
    ) -> io::Result<bool> {
        self.fill_by(want_bytes, |room| source.read_cached_at(offset_bytes, room))
    }

    fn fill_by(
        &mut self,
        want_bytes: u64,
        read: impl FnOnce(&mut [u8]) -> io::Result<Option<usize>>,
    ) -> io::Result<bool> {
        let want = usize::try_from(want_bytes).map_or(PIECE_BYTES, |want| want.min(PIECE_BYTES));
        let room = self.room.as_mut().map(AlignedBuffer::bytes_mut);
        let room = room
            .and_then(|room| room.get_mut(..want))
            .unwrap_or_default();
        let Some(length_bytes) = read(room)? else {
            return Ok(false);
        };
        self.length_bytes = length_bytes.min(want);
        if self.length_bytes == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(true)
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

/// The bytes of a file from one place on, piece by piece. Dropping it ends the reading.
///
/// A piece that is in memory is read by whoever polls: handing it over from another thread costs more than the copy. The
/// first that is not, and all behind it, come from a thread that may wait for the disk.
pub(crate) struct Pieces {
    source: Arc<dyn Source>,
    offset_bytes: u64,
    left_bytes: u64,
    /// Pieces that wait between the reading thread and the line.
    waiting: usize,
    reading: Option<mpsc::Receiver<io::Result<Bytes>>>,
}

impl Pieces {
    /// Reads nothing yet.
    pub(crate) fn new(
        source: &Arc<dyn Source>,
        offset_bytes: u64,
        length_bytes: u64,
        waiting: usize,
    ) -> Self {
        Self {
            source: Arc::clone(source),
            offset_bytes,
            left_bytes: length_bytes,
            waiting,
            reading: None,
        }
    }

    /// The next piece, if it is in memory.
    fn cached(&mut self) -> io::Result<Option<Bytes>> {
        let mut piece = PieceBuffer::take();
        if !piece.fill_cached(&*self.source, self.offset_bytes, self.left_bytes)? {
            return Ok(None);
        }
        let length_bytes = piece.length_bytes as u64;
        self.offset_bytes += length_bytes;
        self.left_bytes = self.left_bytes.saturating_sub(length_bytes);
        Ok(Some(Bytes::from_owner(piece)))
    }
}

impl Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.reading.is_none() {
            if self.left_bytes == 0 {
                return Poll::Ready(None);
            }
            match self.cached() {
                Ok(Some(piece)) => return Poll::Ready(Some(Ok(piece))),
                Ok(None) => {}
                Err(error) => {
                    self.left_bytes = 0;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
        let (offset, left, waiting) = (self.offset_bytes, self.left_bytes, self.waiting);
        let this = &mut *self;
        let source = &this.source;
        let reading = this
            .reading
            .get_or_insert_with(|| read_ahead(source, offset, left, waiting));
        reading.poll_recv(context)
    }
}

/// Reads the bytes from `offset_bytes` on by a thread of its own.
fn read_ahead(
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
    use futures::{StreamExt as _, TryStreamExt as _};

    use super::*;

    /// A file of which the beginning is in memory.
    struct Partly {
        bytes: MemorySource,
        cached_bytes: u64,
    }

    impl Source for Partly {
        fn len(&self) -> u64 {
            self.bytes.len()
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            self.bytes.read_at(offset, buffer)
        }

        fn read_cached_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<Option<usize>> {
            if offset + buffer.len() as u64 > self.cached_bytes {
                buffer.fill(0xee);
                return Ok(None);
            }
            self.read_at(offset, buffer).map(Some)
        }
    }

    fn bytes_of(pieces: usize) -> Vec<u8> {
        (0..=250).cycle().take(pieces * PIECE_BYTES).collect()
    }

    fn partly(bytes: &[u8], cached_bytes: usize) -> Arc<dyn Source> {
        Arc::new(Partly {
            bytes: MemorySource::new(bytes),
            cached_bytes: cached_bytes as u64,
        })
    }

    async fn all(source: &Arc<dyn Source>, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let pieces = Pieces::new(source, offset, length, 1);
        let pieces: Vec<Bytes> = pieces.try_collect().await?;
        Ok(pieces.concat())
    }

    #[tokio::test]
    async fn what_is_in_memory_and_what_is_not_make_up_the_part() {
        let bytes = bytes_of(4);
        for cached_bytes in [0, 1, PIECE_BYTES + 3, 3 * PIECE_BYTES, bytes.len()] {
            let source = partly(&bytes, cached_bytes);
            for (from, to) in [(0, bytes.len()), (3, 2 * PIECE_BYTES + 9), (5, 6)] {
                let read = all(&source, from as u64, (to - from) as u64).await.unwrap();
                assert!(read == bytes[from..to], "{cached_bytes} {from} {to}");
            }
        }
    }

    #[tokio::test]
    async fn a_buffer_that_is_used_again_shows_nothing_of_what_it_held() {
        for cached_bytes in [0, 3 * PIECE_BYTES] {
            let long = partly(&vec![1; 3 * PIECE_BYTES], cached_bytes);
            let short = partly(&[2; 9], cached_bytes);
            for _ in 0..3 {
                let read = all(&long, 0, 2 * PIECE_BYTES as u64 + 5).await.unwrap();
                assert!(read == vec![1; 2 * PIECE_BYTES + 5]);
                assert_eq!(all(&short, 2, 7).await.unwrap(), [2; 7]);
            }
        }
        let free = FREE.lock().unwrap().len();
        assert!((1..=MOST_FREE).contains(&free), "{free}");
    }

    #[tokio::test]
    async fn a_piece_that_is_still_held_is_not_overwritten_by_the_next() {
        let bytes = bytes_of(3);
        for cached_bytes in [0, PIECE_BYTES, bytes.len()] {
            let source = partly(&bytes, cached_bytes);
            let mut pieces = Pieces::new(&source, 0, bytes.len() as u64, 1);
            let mut held = Vec::new();
            while let Some(piece) = pieces.next().await {
                held.push(piece.unwrap());
            }
            assert!(held.concat() == bytes, "{cached_bytes}");
        }
    }

    #[tokio::test]
    async fn a_source_that_ends_too_early_is_an_error_and_nothing_comes_behind_it() {
        for cached_bytes in [0, 100] {
            let source = partly(&[1; 10], cached_bytes);
            let mut pieces = Pieces::new(&source, 0, 11, 1);
            assert_eq!(pieces.next().await.unwrap().unwrap().len(), 10);
            let error = pieces.next().await.unwrap().unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
            assert!(pieces.next().await.is_none(), "{cached_bytes}");
        }
    }
}
