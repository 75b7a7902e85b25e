//! A payload: its segments and where their bytes are read.
//!
//! Which format has which segments is not said here.

use std::io;
use std::ops::ControlFlow;

use firmdrop_core::AlignedBuffer;

use crate::limits::STREAM_BUFFER_BYTES;
use crate::{ImageError, Source};

/// What a device is to receive, segment by segment.
pub struct Payload {
    pub(super) segments: Vec<PayloadSegment>,
    pub(super) store: Box<dyn Store>,
}

/// A run of bytes and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayloadSegment {
    /// What it is: "data", "load 1", "application", "init packet of the application".
    pub name: String,
    /// The file of a package it is in.
    pub file: Option<String>,
    /// Address in the target's memory; `None` when the file does not say.
    pub address: Option<u64>,
    /// How many bytes it has.
    pub length_bytes: u64,
    /// Alternate setting of a `DfuSe` target.
    pub alternate: Option<u8>,
    /// Family of UF2 blocks, where they name one.
    pub family: Option<u32>,
}

/// Where the bytes of the segments come from.
pub(super) trait Store: Send + Sync {
    /// Fills the buffer from a segment; the range was checked.
    fn fill(&self, segment: usize, offset: u64, buffer: &mut [u8]) -> Result<(), ImageError>;
}

impl PayloadSegment {
    pub(super) fn new(name: &str, address: Option<u64>, length_bytes: u64) -> Self {
        Self {
            name: name.to_owned(),
            file: None,
            address,
            length_bytes,
            alternate: None,
            family: None,
        }
    }
}

impl Payload {
    /// The segments. Those with an address stand in its order within an alternate setting or a family,
    /// those of a package in the order in which they are delivered.
    pub fn segments(&self) -> &[PayloadSegment] {
        &self.segments
    }

    /// The bytes of all segments together.
    pub fn total_bytes(&self) -> u64 {
        let lengths = self.segments.iter().map(|segment| segment.length_bytes);
        lengths.fold(0, u64::saturating_add)
    }

    /// Fills `buffer` from `offset` of a segment. Fewer bytes than asked for only at its end; none for a
    /// segment that does not exist. Reading forward costs the bytes read, going back may cost more.
    ///
    /// # Errors
    /// What the system says, and [`ImageError::Damaged`] or [`ImageError::Shrank`] when the file is not
    /// what it was.
    pub fn read_at(
        &self,
        segment: usize,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<usize, ImageError> {
        let length_bytes = self.segments.get(segment).map_or(0, |one| one.length_bytes);
        let left = usize::try_from(length_bytes.saturating_sub(offset)).unwrap_or(usize::MAX);
        let count = left.min(buffer.len());
        match buffer.get_mut(..count) {
            Some(buffer) if count > 0 => self.store.fill(segment, offset, buffer)?,
            _ => {}
        }
        Ok(count)
    }

    /// Hands the bytes of a segment from `offset` on to `take`, at most 256 KiB at a time, until it
    /// breaks.
    ///
    /// # Errors
    /// As [`Self::read_at`].
    pub fn stream(
        &self,
        segment: usize,
        mut offset: u64,
        take: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ImageError> {
        let mut buffer = AlignedBuffer::new(STREAM_BUFFER_BYTES);
        let buffer = buffer.bytes_mut();
        loop {
            let count = self.read_at(segment, offset, buffer)?;
            let piece = buffer.get(..count).unwrap_or_default();
            if piece.is_empty() {
                return Ok(ControlFlow::Continue(()));
            }
            if take(piece).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            offset = offset.saturating_add(count as u64);
        }
    }

    /// One segment as a source of its own, for what reads sources: digests, another inspection.
    pub fn segment(&self, segment: usize) -> Option<SegmentSource<'_>> {
        let length_bytes = self.segments.get(segment)?.length_bytes;
        Some(SegmentSource {
            payload: self,
            segment,
            length_bytes,
        })
    }
}

impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Payload")
            .field("segments", &self.segments)
            .finish_non_exhaustive()
    }
}

/// The bytes of one segment.
#[derive(Debug)]
pub struct SegmentSource<'a> {
    payload: &'a Payload,
    segment: usize,
    length_bytes: u64,
}

impl Source for SegmentSource<'_> {
    fn len(&self) -> u64 {
        self.length_bytes
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.payload.read_at(self.segment, offset, buffer);
        read.map_err(|error| match error {
            ImageError::Unreadable { source, .. } => source,
            other => io::Error::new(io::ErrorKind::InvalidData, other),
        })
    }
}
