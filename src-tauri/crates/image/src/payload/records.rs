//! Segments that are written by records in any order: an index of runs, each parsed again when its
//! bytes are wanted.
//!
//! A run is a sequence of records that follow each other in the file and in memory. Only where it
//! begins is stored, so that the index of a file that writes forward has one entry for 64 KiB.

use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use super::segments::{Payload, PayloadSegment, Store};
use crate::limits::{PAYLOAD_RUN_BYTES, PAYLOAD_RUNS};
use crate::{ImageError, Source};

/// One record.
pub(super) struct Record<'a, M> {
    /// What tells apart records that do not belong to one memory: UF2's family.
    pub(super) group: Option<u32>,
    pub(super) address: u64,
    pub(super) data: &'a [u8],
    /// From here it can be parsed again.
    pub(super) mark: M,
}

/// What becomes of each record.
pub(super) type Take<'a, M> = &'a mut dyn FnMut(Record<'_, M>) -> ControlFlow<()>;

/// A format of records.
pub(super) trait Records {
    /// The format's name in messages.
    const WHAT: &'static str;
    /// The name of its segments.
    const SEGMENT: &'static str;
    /// Where to parse again, with everything needed for it.
    type Mark: Clone + Send + Sync;

    /// Hands every record from `from`, or from the beginning, to `take` until it breaks. A record that
    /// is not valid is an error: the inspection has reported it.
    fn each(
        source: &dyn Source,
        from: Option<&Self::Mark>,
        take: Take<'_, Self::Mark>,
    ) -> Result<(), ImageError>;
}

struct Run<M> {
    group: Option<u32>,
    address: u64,
    length_bytes: u64,
    /// Bytes at its mark that an earlier run has too.
    skip_bytes: u64,
    mark: M,
}

impl<M> Run<M> {
    fn end(&self) -> u64 {
        self.address.saturating_add(self.length_bytes)
    }
}

/// The index of a file.
pub(super) struct Indexed<R: Records> {
    source: Arc<dyn Source>,
    /// In the order of groups and addresses.
    runs: Vec<Run<R::Mark>>,
    /// The first run of each segment.
    begins: Vec<usize>,
    /// The run that was read last: most readers come again for what follows.
    last: Mutex<Option<(usize, Vec<u8>)>>,
    format: PhantomData<fn() -> R>,
}

impl<R: Records + 'static> Indexed<R> {
    /// The payload of a file.
    pub(super) fn payload(source: Arc<dyn Source>) -> Result<Payload, ImageError> {
        let mut runs = index::<R>(source.as_ref())?;
        // Of runs that begin at one place the longest comes first: the others are in it.
        runs.sort_by_key(|run| (run.group, run.address, std::cmp::Reverse(run.length_bytes)));
        trim(&mut runs);
        let (mut segments, mut begins) = (Vec::<PayloadSegment>::new(), Vec::new());
        let mut before: Option<(Option<u32>, u64)> = None;
        for (number, run) in runs.iter().enumerate() {
            match (before, segments.last_mut()) {
                (Some((group, end)), Some(segment)) if group == run.group && run.address <= end => {
                    segment.length_bytes = segment.length_bytes.saturating_add(run.length_bytes);
                }
                _ => {
                    let mut segment =
                        PayloadSegment::new(R::SEGMENT, Some(run.address), run.length_bytes);
                    segment.family = run.group;
                    segments.push(segment);
                    begins.push(number);
                }
            }
            before = Some((run.group, run.end()));
        }
        let store = Self {
            source,
            runs,
            begins,
            last: Mutex::default(),
            format: PhantomData,
        };
        Ok(Payload {
            segments,
            store: Box::new(store),
        })
    }

    /// The bytes of a run, parsed again.
    fn load(&self, run: &Run<R::Mark>) -> Result<Vec<u8>, ImageError> {
        let skip = usize::try_from(run.skip_bytes).unwrap_or(usize::MAX);
        let wanted = usize::try_from(run.length_bytes)
            .unwrap_or(usize::MAX)
            .saturating_add(skip);
        let begin = run.address.saturating_sub(run.skip_bytes);
        let mut bytes = Vec::with_capacity(wanted.min(PAYLOAD_RUN_BYTES));
        let mut same = true;
        R::each(self.source.as_ref(), Some(&run.mark), &mut |record| {
            let here = begin.saturating_add(bytes.len() as u64);
            same = record.group == run.group && record.address == here;
            if same {
                bytes.extend_from_slice(record.data);
            }
            if same && bytes.len() < wanted {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        if same && bytes.len() >= wanted {
            bytes.truncate(wanted);
            bytes.drain(..skip.min(bytes.len()));
            Ok(bytes)
        } else {
            Err(damaged::<R>(
                "It is not the file that was inspected.".to_owned(),
            ))
        }
    }

    fn copy(&self, number: usize, offset: u64, buffer: &mut [u8]) -> Result<usize, ImageError> {
        let Some(run) = self.runs.get(number) else {
            return Ok(0);
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_none_or(|(known, _)| *known != number) {
            *last = Some((number, self.load(run)?));
        }
        let bytes = last.as_ref().map_or(&[][..], |(_, bytes)| bytes);
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|offset| bytes.get(offset..))
            .unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }
}

/// Cuts from each run what an earlier one writes too. The inspection compared the bytes: they are the
/// same.
fn trim<M>(runs: &mut Vec<Run<M>>) {
    let mut before: Option<(Option<u32>, u64)> = None;
    runs.retain_mut(|run| {
        let end = match before {
            Some((group, end)) if group == run.group => end,
            _ => 0,
        };
        let twice = end.saturating_sub(run.address).min(run.length_bytes);
        run.address += twice;
        run.skip_bytes += twice;
        run.length_bytes -= twice;
        before = Some((run.group, end.max(run.end())));
        run.length_bytes > 0
    });
}

fn damaged<R: Records>(why: String) -> ImageError {
    ImageError::Damaged { what: R::WHAT, why }
}

fn index<R: Records>(source: &dyn Source) -> Result<Vec<Run<R::Mark>>, ImageError> {
    let mut runs: Vec<Run<R::Mark>> = Vec::new();
    let mut too_many = false;
    R::each(source, None, &mut |record| {
        let length_bytes = record.data.len() as u64;
        if length_bytes == 0 {
            return ControlFlow::Continue(());
        }
        if let Some(run) = runs.last_mut()
            && run.group == record.group
            && run.end() == record.address
            && run.length_bytes + length_bytes <= PAYLOAD_RUN_BYTES as u64
        {
            run.length_bytes += length_bytes;
            return ControlFlow::Continue(());
        }
        too_many = runs.len() >= PAYLOAD_RUNS;
        if too_many {
            return ControlFlow::Break(());
        }
        runs.push(Run {
            group: record.group,
            address: record.address,
            length_bytes,
            skip_bytes: 0,
            mark: record.mark,
        });
        ControlFlow::Continue(())
    })?;
    if too_many {
        return Err(ImageError::TooLarge {
            what: R::WHAT,
            unit: "separate runs of records",
            limit: PAYLOAD_RUNS as u64,
            found: PAYLOAD_RUNS as u64 + 1,
        });
    }
    Ok(runs)
}

impl<R: Records + 'static> Store for Indexed<R> {
    fn fill(&self, segment: usize, offset: u64, buffer: &mut [u8]) -> Result<(), ImageError> {
        let first = self.begins.get(segment).copied().unwrap_or(self.runs.len());
        let base = self.runs.get(first).map_or(0, |run| run.address);
        let end = self
            .begins
            .get(segment + 1)
            .copied()
            .unwrap_or(self.runs.len());
        let mut at = base.saturating_add(offset);
        let runs = self.runs.get(first..end).unwrap_or_default();
        let mut number = first + runs.partition_point(|run| run.end() <= at);
        let mut rest = buffer;
        while !rest.is_empty() {
            let begin = self.runs.get(number).map_or(at, |run| run.address);
            let count = self.copy(number, at.saturating_sub(begin), rest)?;
            if count == 0 {
                return Err(ImageError::Shrank {
                    offset: at,
                    size_bytes: self.source.len(),
                });
            }
            at = at.saturating_add(count as u64);
            rest = rest.get_mut(count..).unwrap_or_default();
            number += 1;
        }
        Ok(())
    }
}
