//! The bytes of the image by blocks, read ahead in pieces so that no block waits for the disk.

use std::sync::Arc;

use firmdrop_image::Payload;

use super::layout::{Range, Run};
use super::load::{Ended, image};

/// Bytes that are read at once.
const PIECE_BYTES: u64 = 64 * 1024;
/// What flash holds where nothing was written.
const ERASED: u8 = 0xFF;

/// A window over the image that moves forward.
#[derive(Debug)]
pub(super) struct Window<'a> {
    payload: &'a Arc<Payload>,
    runs: &'a [Run],
    begin: u64,
    bytes: Vec<u8>,
}

impl<'a> Window<'a> {
    /// Over the runs of one part, in the order of their addresses.
    pub(super) fn new(payload: &'a Arc<Payload>, runs: &'a [Run]) -> Self {
        Self {
            payload,
            runs,
            begin: 0,
            bytes: Vec::new(),
        }
    }

    /// The bytes of a range, with empty flash between the runs.
    pub(super) async fn bytes(&mut self, range: Range) -> Result<&[u8], Ended> {
        let end = self.begin + self.bytes.len() as u64;
        if range.begin < self.begin || range.end > end {
            let last = self.runs.last().map_or(range.end, |run| run.end);
            let until = (range.begin + PIECE_BYTES).min(last).max(range.end);
            self.fill(range.begin, until).await?;
        }
        let from = usize::try_from(range.begin - self.begin).unwrap_or(usize::MAX);
        let length = usize::try_from(range.end - range.begin).unwrap_or(usize::MAX);
        let bytes = self.bytes.get(from..from.saturating_add(length));
        Ok(bytes.unwrap_or_default())
    }

    async fn fill(&mut self, begin: u64, end: u64) -> Result<(), Ended> {
        let length = usize::try_from(end - begin).unwrap_or(0);
        let mut bytes = vec![ERASED; length];
        for run in self
            .runs
            .iter()
            .filter(|run| run.begin < end && run.end > begin)
        {
            let (from, to) = (run.begin.max(begin), run.end.min(end));
            let count = usize::try_from(to - from).unwrap_or(0);
            let piece = image(self.payload, run.segment, from - run.begin, count).await?;
            let at = usize::try_from(from - begin).unwrap_or(usize::MAX);
            if let Some(into) = bytes.get_mut(at..at.saturating_add(count)) {
                into.copy_from_slice(&piece);
            }
        }
        self.begin = begin;
        self.bytes = bytes;
        Ok(())
    }
}

/// A whole image without addresses as one run from 0.
pub(super) fn whole(length_bytes: u64) -> Run {
    Run {
        segment: 0,
        begin: 0,
        end: length_bytes,
    }
}
