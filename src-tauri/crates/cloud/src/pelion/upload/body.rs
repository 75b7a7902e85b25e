//! A part of the file as a body: read in pieces while it is sent, never held as a whole.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::{Bytes, BytesMut};
use firmdrop_image::Source;
use firmdrop_net::StreamedBody;
use futures::stream;
use tokio::sync::mpsc;

/// Length of a piece, bytes. Small pieces cost system calls, large ones memory.
pub(super) const PIECE_BYTES: usize = 256 * 1024;

/// Pieces that wait between the reading thread and the line.
const PIECES_WAITING: usize = 2;

/// Counts what the line took of the body in flight.
#[derive(Debug, Clone, Default)]
pub(super) struct SentCounter(Arc<AtomicU64>);

impl SentCounter {
    pub(super) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The bytes from `offset_bytes` on. Dropping the body ends the reading.
pub(super) fn body(
    source: &Arc<dyn Source>,
    offset_bytes: u64,
    length_bytes: u64,
    sent: &SentCounter,
) -> StreamedBody {
    let (sender, receiver) = mpsc::channel(PIECES_WAITING);
    let source = Arc::clone(source);
    tokio::task::spawn_blocking(move || {
        read(&*source, offset_bytes, length_bytes, &sender);
    });
    let sent = sent.clone();
    let pieces = stream::unfold((receiver, sent), |(mut receiver, sent)| async move {
        let piece: std::io::Result<Bytes> = receiver.recv().await?;
        if let Ok(piece) = &piece {
            sent.0.fetch_add(piece.len() as u64, Ordering::Relaxed);
        }
        Some((piece, (receiver, sent)))
    });
    StreamedBody {
        length_bytes,
        pieces: Box::pin(pieces),
    }
}

/// The bytes from `offset_bytes` on, for a request of its own. Dropping the body ends the reading.
pub fn body_of(source: &Arc<dyn Source>, offset_bytes: u64, length_bytes: u64) -> StreamedBody {
    body(source, offset_bytes, length_bytes, &SentCounter::default())
}

fn read(
    source: &dyn Source,
    offset_bytes: u64,
    length_bytes: u64,
    sender: &mpsc::Sender<std::io::Result<Bytes>>,
) {
    let mut done = 0;
    while done < length_bytes {
        let want =
            usize::try_from(length_bytes - done).map_or(PIECE_BYTES, |left| left.min(PIECE_BYTES));
        let mut piece = BytesMut::zeroed(want);
        let read = match source.read_at(offset_bytes + done, &mut piece) {
            Ok(0) => Err(std::io::ErrorKind::UnexpectedEof.into()),
            other => other,
        };
        let next = read.map(|count| {
            piece.truncate(count);
            done += count as u64;
            piece.freeze()
        });
        let failed = next.is_err();
        if sender.blocking_send(next).is_err() || failed {
            return;
        }
    }
}
