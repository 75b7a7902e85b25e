//! Segments whose bytes stand in the file as they are.

use std::sync::Arc;

use super::segments::{Payload, PayloadSegment, Store};
use crate::bytes::fill;
use crate::{ImageError, Source};

/// Where a segment begins in the file. Its length is the segment's.
pub(super) struct Extent {
    pub(super) offset: u64,
}

/// The file, and where each segment begins.
pub(super) struct Extents {
    source: Arc<dyn Source>,
    extents: Vec<Extent>,
}

impl Extents {
    /// The payload of these segments. Empty ones are left out.
    pub(super) fn payload(
        source: Arc<dyn Source>,
        segments: Vec<(PayloadSegment, Extent)>,
    ) -> Payload {
        let filled = segments
            .into_iter()
            .filter(|(segment, _)| segment.length_bytes > 0);
        let (segments, extents) = filled.unzip();
        Payload {
            segments,
            store: Box::new(Self { source, extents }),
        }
    }
}

impl Store for Extents {
    fn fill(&self, segment: usize, offset: u64, buffer: &mut [u8]) -> Result<(), ImageError> {
        let begin = self.extents.get(segment).map_or(0, |extent| extent.offset);
        fill(self.source.as_ref(), begin.saturating_add(offset), buffer)
    }
}
