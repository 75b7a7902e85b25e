//! The image's bytes, read ahead from wherever they come from.
//!
//! Reading happens on a blocking thread: the file may lie on a share that sleeps.

use std::{io, sync::Arc};

use firmdrop_image::Source;

/// Bytes read at once. A serial line carries them in seconds.
const BLOCK_BYTES: usize = 64 * 1024;

/// Reads pieces out of a source, block by block.
pub(super) struct Chunks {
    source: Arc<dyn Source>,
    start: u64,
    block: Vec<u8>,
}

impl Chunks {
    pub(super) fn of(source: &Arc<dyn Source>) -> Self {
        Self {
            source: Arc::clone(source),
            start: 0,
            block: Vec::new(),
        }
    }

    /// `length` bytes from `offset`, which the source must have.
    pub(super) async fn read(&mut self, offset: u64, length: usize) -> io::Result<&[u8]> {
        if self.held(offset, length).is_none() {
            let source = Arc::clone(&self.source);
            let wanted = BLOCK_BYTES.max(length);
            let reading = tokio::task::spawn_blocking(move || {
                let mut block = vec![0; wanted];
                let count = source.read_at(offset, &mut block)?;
                block.truncate(count);
                Ok::<_, io::Error>(block)
            });
            self.block = reading.await.map_err(io::Error::other)??;
            self.start = offset;
        }
        self.held(offset, length).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file is shorter than it was when it was inspected",
            )
        })
    }

    fn held(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let from = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        self.block.get(from..from.checked_add(length)?)
    }
}
