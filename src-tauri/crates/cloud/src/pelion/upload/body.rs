//! A part of the file as a body: read in pieces while it is sent, never held as a whole.
//!
//! Its last piece waits until somebody wrote down that it goes out: only a request that is complete
//! can be stored, so a run that was killed before that line left nothing on its way.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use firmdrop_image::Source;
use firmdrop_net::StreamedBody;
use futures::{StreamExt as _, stream};
use tokio::sync::Notify;

use crate::pieces::Pieces;

/// Pieces that wait between the reading thread and the line.
const PIECES_WAITING: usize = 2;

/// So many bytes before its end the line is written, while those bytes go out: nobody waits for it.
const WRITTEN_AHEAD_BYTES: u64 = 1024 * 1024;

/// What the line took of the body in flight, and whether it may have the last piece.
#[derive(Debug, Clone, Default)]
pub(super) struct Handover(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    sent_bytes: AtomicU64,
    near_its_end: Notify,
    may_end: Notify,
}

impl Handover {
    /// Bytes that the line took.
    pub(super) fn bytes(&self) -> u64 {
        self.0.sent_bytes.load(Ordering::Relaxed)
    }

    /// Waits until the body is nearly out. Once.
    pub(super) async fn near_its_end(&self) {
        self.0.near_its_end.notified().await;
    }

    /// Lets the last piece go.
    pub(super) fn may_end(&self) {
        self.0.may_end.notify_one();
    }

    /// Lets a piece pass that ends so many bytes before the body does.
    async fn pass(&self, piece_bytes: u64, behind_bytes: u64) {
        let was_far = behind_bytes + piece_bytes > WRITTEN_AHEAD_BYTES || self.bytes() == 0;
        if was_far && behind_bytes <= WRITTEN_AHEAD_BYTES {
            self.0.near_its_end.notify_one();
        }
        if behind_bytes == 0 {
            self.0.may_end.notified().await;
        }
        self.0.sent_bytes.fetch_add(piece_bytes, Ordering::Relaxed);
    }
}

/// The bytes from `offset_bytes` on. Dropping the body ends the reading.
pub(super) fn body(
    source: &Arc<dyn Source>,
    offset_bytes: u64,
    length_bytes: u64,
    handover: &Handover,
) -> StreamedBody {
    let pieces = Pieces::new(source, offset_bytes, length_bytes, PIECES_WAITING);
    let begin = (pieces, handover.clone(), length_bytes);
    let pieces = stream::unfold(begin, |(mut pieces, handover, left)| async move {
        let piece = pieces.next().await?;
        let mut behind = left;
        if let Ok(piece) = &piece {
            behind = left.saturating_sub(piece.len() as u64);
            handover.pass(piece.len() as u64, behind).await;
        }
        Some((piece, (pieces, handover, behind)))
    });
    StreamedBody {
        length_bytes,
        pieces: Box::pin(pieces),
    }
}

/// The bytes from `offset_bytes` on, for a request of its own. Dropping the body ends the reading.
pub fn body_of(source: &Arc<dyn Source>, offset_bytes: u64, length_bytes: u64) -> StreamedBody {
    let handover = Handover::default();
    handover.may_end();
    body(source, offset_bytes, length_bytes, &handover)
}

#[cfg(test)]
mod tests {
    use firmdrop_image::MemorySource;
    use futures::FutureExt as _;

    use super::*;
    use crate::pieces::PIECE_BYTES;

    fn source(length: usize) -> Arc<dyn Source> {
        Arc::new(MemorySource::new(vec![7; length]))
    }

    #[tokio::test]
    async fn the_last_piece_waits_until_it_may_go_and_says_so_in_good_time() {
        let length = 3 * WRITTEN_AHEAD_BYTES + 5;
        let handover = Handover::default();
        let mut body = body(
            &source(usize::try_from(length).unwrap()),
            0,
            length,
            &handover,
        );
        loop {
            tokio::select! {
                biased;
                next = body.pieces.next() => assert!(!next.unwrap().unwrap().is_empty()),
                () = handover.near_its_end() => break,
            }
        }
        // It is only looked at when no piece was there at once: all but the last can be gone.
        assert!(handover.bytes() >= length - WRITTEN_AHEAD_BYTES - PIECE_BYTES as u64);
        while let Some(piece) = body.pieces.next().now_or_never() {
            piece.unwrap().unwrap();
        }
        assert!(handover.bytes() < length);
        handover.may_end();
        while body.pieces.next().await.is_some() {}
        assert_eq!(handover.bytes(), length);
    }

    #[tokio::test]
    async fn a_body_of_one_piece_asks_before_its_first_byte() {
        let handover = Handover::default();
        let mut body = body(&source(9), 0, 9, &handover);
        tokio::select! {
            _ = body.pieces.next() => unreachable!("nobody let it go"),
            () = handover.near_its_end() => {}
        }
        assert_eq!(handover.bytes(), 0);
    }
}
