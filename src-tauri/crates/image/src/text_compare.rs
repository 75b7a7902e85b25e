//! Records that write addresses more than once: the same bytes, other ones, or addresses of words.
//!
//! It reads the file again, which is done only where something is written twice.

use std::ops::ControlFlow;

use firmdrop_core::grouped;

use crate::memory::Memory;
use crate::overlaps::{Difference, Overlaps};
use crate::segment_map::SegmentMap;
use crate::text_records::{Decoder, each_piece};
use crate::{CheckResult, ImageError, Source};

/// Compares what is written twice, with a second look at the file.
pub(crate) fn compare<D: Decoder>(
    source: &dyn Source,
    memory: &Memory,
) -> Result<Outcome, ImageError> {
    let groups = memory.groups();
    let mut twice: Vec<_> = groups
        .iter()
        .map(|group| (group.id, Overlaps::new(&group.map)))
        .collect();
    let mut second = None;
    let mut steps = Steps::default();
    each_piece::<D>(source, &mut |number, group, at, data| {
        steps.take(at, data.len());
        let known = twice.iter_mut().find(|(id, _)| *id == group);
        if let Some(difference) = known.and_then(|(_, twice)| twice.take(at, data)) {
            second.get_or_insert((number, group, difference));
        }
        ControlFlow::Continue(())
    })?;
    let Some((line, group, difference)) = second else {
        let places: Vec<_> = twice
            .iter()
            .filter(|(_, twice)| !twice.is_empty())
            .map(|(_, twice)| twice.places())
            .collect();
        return Ok(if twice.iter().all(|(_, twice)| twice.is_whole()) {
            Outcome::Same(places.join(", "))
        } else {
            Outcome::NotCompared(places.join(", "))
        });
    };
    if steps.are_words()
        && let Some(words) = word_map::<D>(source)?
    {
        return Ok(Outcome::Words(words));
    }
    let mut first = None;
    each_piece::<D>(source, &mut |number, id, at, data| {
        let end = at.saturating_add(data.len() as u64);
        if id == group && (at..end).contains(&difference.address) {
            first = Some(number);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    let different = twice.iter().map(|(_, twice)| twice.different()).sum();
    Ok(Outcome::Different {
        lines: (first.unwrap_or(line), line),
        difference,
        different,
    })
}

/// How addresses advance from record to record.
#[derive(Default)]
struct Steps {
    before: Option<(u64, u64)>,
    by_bytes: u64,
    by_words: u64,
}

impl Steps {
    fn take(&mut self, at: u64, length: usize) {
        let length = length as u64;
        if let Some((begin, bytes)) = self.before.filter(|(_, bytes)| *bytes > 1) {
            self.by_bytes += u64::from(at == begin + bytes);
            self.by_words += u64::from(bytes % 2 == 0 && at == begin + bytes / 2);
        }
        self.before = Some((at, length));
    }

    /// Every record that follows another one does so by half of its bytes, and more than one does.
    fn are_words(&self) -> bool {
        self.by_words > 1 && self.by_bytes == 0
    }
}

/// The addresses as those of 16-bit words; none when they overlap then too.
fn word_map<D: Decoder>(source: &dyn Source) -> Result<Option<SegmentMap>, ImageError> {
    let mut map = SegmentMap::default();
    let mut failure = None;
    let mut fits = true;
    each_piece::<D>(source, &mut |_, _, at, data| {
        let end = at + (data.len() as u64).div_ceil(2);
        match map.add(D::WHAT, at, end) {
            Ok(twice) => fits = twice.is_none() && data.len().is_multiple_of(2),
            Err(error) => failure = Some(error),
        }
        if fits && failure.is_none() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })?;
    failure.map_or(Ok(fits.then_some(map)), Err)
}

/// What the comparison of bytes that are written twice says.
pub(crate) enum Outcome {
    /// Nothing is.
    Once,
    /// The same values every time; where.
    Same(String),
    /// More than can be compared; where.
    NotCompared(String),
    /// Addresses count words of 16 bits, and nothing is.
    Words(SegmentMap),
    /// One address with two values.
    Different {
        /// The lines that write it.
        lines: (u64, u64),
        difference: Difference,
        /// Bytes with another value.
        different: u64,
    },
}

impl Outcome {
    pub(crate) fn words(&self) -> (CheckResult, String) {
        match self {
            Self::Once => {
                let why = "no two records write the same address";
                (CheckResult::Passed, why.to_owned())
            }
            Self::Same(places) => {
                let why = format!("{places} are written twice, with the same values");
                (CheckResult::Warning, why)
            }
            Self::NotCompared(places) => {
                let why = format!("{places} are written twice; that is more than is compared here");
                (CheckResult::NotMade, why)
            }
            Self::Words(_) => {
                let why = "the addresses count words of 16 bits: each record advances by half of its bytes. As byte addresses they would contradict each other";
                (CheckResult::Warning, why.to_owned())
            }
            Self::Different {
                lines: (first, second),
                difference,
                different,
            } => {
                let more = match different {
                    1 => String::new(),
                    count => format!("; {} bytes in all", grouped(*count)),
                };
                let both = if first == second {
                    format!("line {first} writes")
                } else {
                    format!("line {first} and line {second} write")
                };
                let why = format!("{both} different values to {}{more}", difference.words());
                (CheckResult::Failed, why)
            }
        }
    }
}
