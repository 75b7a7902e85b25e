//! Hashes a file in order, a few blocks ahead of the line: a CRC-64 for each block, the SHA-256 of the
//! whole in the same pass. It runs on a thread of its own.

use std::io;
use std::sync::Arc;

use firmdrop_core::{Sha256, Sha256Hasher};
use firmdrop_image::Source;
use tokio::sync::{mpsc, oneshot};

use super::{
    block_id::{BlockId, Division},
    crc64::{Crc64, Crc64Hasher},
};
use crate::pieces::PieceBuffer;

/// Blocks that are hashed before the line takes them.
const AHEAD: usize = 2;

/// A block that is ready to go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) index: u32,
    pub(super) offset_bytes: u64,
    pub(super) length_bytes: u64,
    pub(super) crc64: Crc64,
    /// Of the file from its beginning to the end of the block.
    pub(super) until: Sha256,
}

impl Block {
    pub(super) fn id(&self) -> BlockId {
        BlockId::new(self.index, &self.until)
    }
}

/// The blocks of a file in their order. Dropping it ends the work.
pub(super) struct Blocks {
    blocks: mpsc::Receiver<Block>,
    whole: oneshot::Receiver<io::Result<Sha256>>,
}

impl Blocks {
    pub(super) fn of(source: &Arc<dyn Source>, division: Division) -> Self {
        let (sender, blocks) = mpsc::channel(AHEAD);
        let (end, whole) = oneshot::channel();
        let source = Arc::clone(source);
        tokio::task::spawn_blocking(move || {
            let whole = hash(&*source, division, |block| {
                sender.blocking_send(block).is_ok()
            });
            // Nobody waits for it any more: the work was ended.
            drop((end.send(whole), sender));
        });
        Self { blocks, whole }
    }

    /// The next block; `None` at the end, and where the file could not be read further.
    pub(super) async fn next(&mut self) -> Option<Block> {
        self.blocks.recv().await
    }

    /// The hash of the whole file, behind its last block.
    pub(super) async fn whole(self) -> io::Result<Sha256> {
        let ended = |_| io::Error::from(io::ErrorKind::Interrupted);
        self.whole.await.map_err(ended)?
    }
}

/// The CRC-64 of one part of the file, as it is now.
pub(super) async fn crc64_now(source: &Arc<dyn Source>, block: Block) -> io::Result<Crc64> {
    let source = Arc::clone(source);
    let work = tokio::task::spawn_blocking(move || {
        let mut crc64 = Crc64Hasher::default();
        read(&*source, block.offset_bytes, block.length_bytes, |piece| {
            crc64.update(piece);
        })?;
        Ok(crc64.finish())
    });
    work.await.map_err(io::Error::other)?
}

fn hash(
    source: &dyn Source,
    division: Division,
    mut take: impl FnMut(Block) -> bool,
) -> io::Result<Sha256> {
    let mut sha256 = Sha256Hasher::default();
    let (mut index, mut offset) = (0, 0);
    while offset < source.len() {
        let length = division.next(source.len() - offset);
        let mut crc64 = Crc64Hasher::default();
        read(source, offset, length, |piece| {
            crc64.update(piece);
            sha256.update(piece);
        })?;
        let block = Block {
            index,
            offset_bytes: offset,
            length_bytes: length,
            crc64: crc64.finish(),
            until: sha256.clone().finish(),
        };
        if !take(block) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        index += 1;
        offset += length;
    }
    Ok(sha256.finish())
}

fn read(
    source: &dyn Source,
    offset_bytes: u64,
    length_bytes: u64,
    mut take: impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut buffer = PieceBuffer::take();
    let mut done = 0;
    while done < length_bytes {
        let piece = buffer.fill(source, offset_bytes + done, length_bytes - done)?;
        take(piece);
        done += piece.len() as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use firmdrop_image::MemorySource;

    use super::*;
    use crate::pieces::PIECE_BYTES;

    fn of_one_length(block_bytes: u64) -> Division {
        Division {
            block_bytes,
            shortest_bytes: block_bytes,
        }
    }

    #[tokio::test]
    async fn each_block_has_its_sum_and_the_hash_of_the_file_up_to_its_end() {
        let bytes: Vec<u8> = (0..=250).cycle().take(PIECE_BYTES + 100).collect();
        let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes.clone()));
        let length = PIECE_BYTES / 2;
        let mut blocks = Blocks::of(&source, of_one_length(length as u64));
        let mut found = Vec::new();
        while let Some(block) = blocks.next().await {
            assert_eq!(crc64_now(&source, block).await.unwrap(), block.crc64);
            found.push(block.until);
        }
        let ends = (length..bytes.len()).step_by(length).chain([bytes.len()]);
        let parts: Vec<Sha256> = ends.map(|end| Sha256::of(&bytes[..end])).collect();
        assert_eq!(found, parts);
        assert_eq!(blocks.whole().await.unwrap(), Sha256::of(&bytes));
    }

    #[tokio::test]
    async fn a_file_that_ends_too_early_has_no_hash() {
        struct Short;
        impl Source for Short {
            fn len(&self) -> u64 {
                20
            }
            fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
                Ok(if offset < 10 { buffer.len().min(10) } else { 0 })
            }
        }
        let source: Arc<dyn Source> = Arc::new(Short);
        let mut blocks = Blocks::of(&source, of_one_length(10));
        assert_eq!(blocks.next().await.unwrap().length_bytes, 10);
        assert_eq!(blocks.next().await, None);
        let error = blocks.whole().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
