//! Where an image's bytes come from.

/// Bytes that can be read at any offset. A file, a slice of an archive, memory.
pub trait Source: Send + Sync {
    /// Size, bytes, as it was when the source was opened.
    fn len(&self) -> u64;

    /// Whether there is not one byte.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buffer` from `offset`. Fewer bytes than asked for only at the end of the source.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize>;

    /// Reads as [`read_at`](Self::read_at) where all of that is in memory already. `None` where it is not, or where that
    /// is not known; the content of `buffer` is undefined then. Never waits for a disk or a network.
    fn read_cached_at(&self, _offset: u64, _buffer: &mut [u8]) -> std::io::Result<Option<usize>> {
        Ok(None)
    }
}

/// A source in memory.
#[derive(Debug, Clone)]
pub struct MemorySource(Vec<u8>);

impl MemorySource {
    /// A source of these bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }
}

impl Source for MemorySource {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|at| self.0.get(at..))
            .unwrap_or(&[]);
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }

    fn read_cached_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<Option<usize>> {
        self.read_at(offset, buffer).map(Some)
    }
}
