//! A source read from one place on, for unpackers of others that ask for a stream.
//!
//! It remembers what the system said and whether the source ended, since an unpacker reports both as it likes.

use std::io::{self, Read};

use crate::bytes::read;
use crate::limits::STREAM_BUFFER_BYTES;
use crate::{ImageError, Source};

/// A source that is read forward.
pub(crate) struct Reading<'a> {
    source: &'a dyn Source,
    /// Where the next byte is read.
    at: u64,
    buffer: Vec<u8>,
    used: usize,
    error: Option<ImageError>,
    ended: bool,
}

impl<'a> Reading<'a> {
    /// Begins at `offset`.
    pub(crate) fn new(source: &'a dyn Source, offset: u64) -> Self {
        Self {
            source,
            at: offset,
            buffer: Vec::new(),
            used: 0,
            error: None,
            ended: false,
        }
    }

    /// Where the next byte is read.
    pub(crate) fn position(&self) -> u64 {
        self.at
    }

    /// Continues at `offset`.
    pub(crate) fn seek(&mut self, offset: u64) {
        self.at = offset;
        self.buffer.clear();
        self.used = 0;
    }

    /// Whether more was asked for than the source has.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// What the system said, when reading failed.
    pub(crate) fn take_error(&mut self) -> Option<ImageError> {
        self.error.take()
    }

    fn refill(&mut self) -> io::Result<()> {
        match read(self.source, self.at, STREAM_BUFFER_BYTES) {
            Ok(bytes) => {
                self.buffer = bytes;
                self.used = 0;
                Ok(())
            }
            Err(error) => {
                let said = error.to_string();
                self.error = Some(error);
                Err(io::Error::other(said))
            }
        }
    }
}

impl Read for Reading<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.used >= self.buffer.len() {
            self.refill()?;
        }
        let rest = self.buffer.get(self.used..).unwrap_or_default();
        let count = rest.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.ended |= count == 0 && !out.is_empty();
        self.used += count;
        self.at += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemorySource;

    #[test]
    fn it_reads_forward_from_its_place_and_knows_where_it_is() {
        let source = MemorySource::new(*b"0123456789");
        let mut reading = Reading::new(&source, 3);
        let mut two = [0; 2];
        reading.read_exact(&mut two).unwrap();
        assert_eq!((&two, reading.position()), (b"34", 5));
        reading.seek(8);
        assert!(!reading.has_ended());
        let mut rest = Vec::new();
        reading.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"89");
        assert!(reading.has_ended());
    }
}
