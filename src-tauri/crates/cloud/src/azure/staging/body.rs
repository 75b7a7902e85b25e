//! The bytes of one block, read from the file while they are sent; never held whole.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use azure_core::stream::SeekableStream;
use bytes::{Buf, Bytes};
use firmdrop_image::Source;
use firmdrop_net::PieceStream;
use futures::{AsyncRead, StreamExt as _, TryStreamExt as _};

use crate::pieces::{PIECE_BYTES, Pieces};

/// Pieces that wait between the reading thread and the line.
const PIECES_WAITING: usize = 1;

/// Bytes that the line took of a block. Clones watch the same one.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken(Arc<AtomicU64>);

impl Taken {
    pub(super) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn restart(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// A part of the file as a body. A copy begins at its start.
pub(super) struct BlockBody {
    source: Arc<dyn Source>,
    offset_bytes: u64,
    length_bytes: u64,
    taken: Taken,
    reading: Option<Reading>,
}

struct Reading {
    pieces: Pieces,
    piece: Bytes,
}

impl BlockBody {
    pub(super) fn new(
        source: &Arc<dyn Source>,
        offset_bytes: u64,
        length_bytes: u64,
        taken: &Taken,
    ) -> Self {
        Self {
            source: Arc::clone(source),
            offset_bytes,
            length_bytes,
            taken: taken.clone(),
            reading: None,
        }
    }

    /// Its bytes as they are read, from the start. They go out as they are: what the blob library makes of
    /// a body copies each byte twice.
    pub(super) fn pieces(&self) -> PieceStream {
        let (pieces, taken) = (self.begin().pieces, self.taken.clone());
        Box::pin(pieces.inspect_ok(move |piece| taken.add(piece.len())))
    }

    fn begin(&self) -> Reading {
        let (offset, length) = (self.offset_bytes, self.length_bytes);
        let pieces = Pieces::new(&self.source, offset, length, PIECES_WAITING);
        self.taken.restart();
        Reading {
            pieces,
            piece: Bytes::new(),
        }
    }
}

impl Clone for BlockBody {
    fn clone(&self) -> Self {
        Self::new(
            &self.source,
            self.offset_bytes,
            self.length_bytes,
            &self.taken,
        )
    }
}

impl std::fmt::Debug for BlockBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlockBody")
            .field("offset_bytes", &self.offset_bytes)
            .field("length_bytes", &self.length_bytes)
            .finish_non_exhaustive()
    }
}

impl AsyncRead for BlockBody {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<std::io::Result<usize>> {
        if self.reading.is_none() {
            self.reading = Some(self.begin());
        }
        let taken = self.taken.clone();
        let Some(reading) = &mut self.reading else {
            return Poll::Ready(Ok(0));
        };
        if reading.piece.is_empty() {
            match ready!(reading.pieces.poll_next_unpin(context)) {
                Some(piece) => reading.piece = piece?,
                None => return Poll::Ready(Ok(0)),
            }
        }
        let count = reading.piece.len().min(buffer.len());
        if let Some(part) = buffer.get_mut(..count) {
            reading.piece.copy_to_slice(part);
        }
        taken.add(count);
        Poll::Ready(Ok(count))
    }
}

#[async_trait::async_trait]
impl SeekableStream for BlockBody {
    async fn reset(&mut self) -> azure_core::Result<()> {
        self.reading = None;
        Ok(())
    }

    fn len(&self) -> Option<u64> {
        Some(self.length_bytes)
    }

    fn buffer_size(&self) -> usize {
        PIECE_BYTES
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_image::MemorySource;

    use super::*;

    async fn all(body: &BlockBody) -> azure_core::Result<Vec<u8>> {
        let stream: Box<dyn SeekableStream> = Box::new(body.clone());
        let pieces: Vec<Bytes> = stream.try_collect().await?;
        Ok(pieces.concat())
    }

    #[tokio::test]
    async fn a_block_is_read_again_from_its_start_and_counted_once() {
        let bytes: Vec<u8> = (0..=250).cycle().take(PIECE_BYTES * 3).collect();
        let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes.clone()));
        let taken = Taken::default();
        let length = 2 * PIECE_BYTES + 9;
        let body = BlockBody::new(&source, 7, length as u64, &taken);
        for _ in 0..2 {
            assert_eq!(all(&body).await.unwrap(), bytes[7..7 + length]);
            assert_eq!(taken.bytes(), length as u64);
            let pieces: Vec<Bytes> = body.pieces().try_collect().await.unwrap();
            assert_eq!(pieces.concat(), bytes[7..7 + length]);
            assert_eq!(taken.bytes(), length as u64);
        }
    }

    #[tokio::test]
    async fn a_source_that_ends_too_early_ends_the_body_with_its_reason() {
        let source: Arc<dyn Source> = Arc::new(MemorySource::new(vec![1; 10]));
        let body = BlockBody::new(&source, 0, 11, &Taken::default());
        let read: Result<Vec<Bytes>, _> = body.pieces().try_collect().await;
        assert_eq!(read.unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof);
        let error = all(&body).await.unwrap_err();
        let error = error.into_downcast::<std::io::Error>().unwrap();
        assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    }
}
