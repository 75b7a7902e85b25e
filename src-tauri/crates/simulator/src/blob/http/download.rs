//! Bodies on their way out: a range of a blob's parts, read as it is sent.

use std::{
    io::{self, SeekFrom},
    ops::Range,
    path::PathBuf,
};

use axum::body::Body;
use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::shared::Shared;
use crate::blob::state::Committed;

/// How much is read from a file at once, bytes.
const READ_BYTES: usize = 256 * 1024;

/// A range of one part.
#[derive(Debug)]
enum Piece {
    Memory(Bytes),
    File { path: PathBuf, range: Range<u64> },
    Discarded,
}

/// What is still to be sent.
#[derive(Debug)]
struct Reading {
    pieces: std::vec::IntoIter<Piece>,
    open: Option<(tokio::fs::File, u64)>,
}

/// The bytes of this range.
pub(crate) fn body(shared: &Shared, blob: &Committed, range: Range<u64>) -> Body {
    let mut pieces = Vec::new();
    let mut begins = 0;
    for (_, part) in &blob.blocks {
        let ends = begins + part.size_bytes;
        let from = range.start.max(begins);
        let to = range.end.min(ends);
        if from < to {
            let range = from - begins..to - begins;
            pieces.extend(match (part.in_memory(), shared.storage.path(part)) {
                (_, Some(path)) => Some(Piece::File { path, range }),
                (Some(bytes), None) => slice(bytes, range).map(Piece::Memory),
                (None, None) => Some(Piece::Discarded),
            });
        }
        begins = ends;
    }
    let reading = Reading {
        pieces: pieces.into_iter(),
        open: None,
    };
    Body::from_stream(futures::stream::unfold(reading, |mut reading| async {
        let frame = reading.next().await?;
        Some((frame, reading))
    }))
}

fn slice(bytes: &Bytes, range: Range<u64>) -> Option<Bytes> {
    let from = usize::try_from(range.start).ok()?;
    let to = usize::try_from(range.end).ok()?;
    Some(bytes.slice(from..to))
}

impl Reading {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if let Some((file, left)) = &mut self.open {
                if *left == 0 {
                    self.open = None;
                    continue;
                }
                let read = read(file, *left).await;
                if let Ok(bytes) = &read {
                    *left -= bytes.len() as u64;
                }
                return Some(read);
            }
            match self.pieces.next()? {
                Piece::Memory(bytes) => return Some(Ok(bytes)),
                Piece::Discarded => return Some(Err(io::ErrorKind::UnexpectedEof.into())),
                Piece::File { path, range } => match open(path, range.start).await {
                    Ok(file) => self.open = Some((file, range.end - range.start)),
                    Err(error) => return Some(Err(error)),
                },
            }
        }
    }
}

async fn open(path: PathBuf, at: u64) -> io::Result<tokio::fs::File> {
    let mut file = tokio::fs::File::open(path).await?;
    file.seek(SeekFrom::Start(at)).await?;
    Ok(file)
}

async fn read(file: &mut tokio::fs::File, left: u64) -> io::Result<Bytes> {
    let most = usize::try_from(left).unwrap_or(READ_BYTES).min(READ_BYTES);
    let mut bytes = vec![0; most];
    let read = file.read(&mut bytes).await?;
    if read == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    bytes.truncate(read);
    Ok(bytes.into())
}
