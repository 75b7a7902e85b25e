//! Bytes of two payloads, region by region.
//!
//! A region is a run of addresses that at least one of the files writes, or the content of something that
//! has no address.

use super::comparison::{Comparison, Region};
use crate::limits::PAYLOAD_PIECE_BYTES;
use crate::{Format, ImageError, Inspection, Payload, PayloadSegment};
use firmdrop_core::grouped;

/// Regions that are listed.
const REGIONS: usize = 256;

/// A stretch of one payload: a segment of it, from an offset on.
#[derive(Clone)]
struct Span {
    /// What belongs together: file of a package, alternate setting, family.
    group: String,
    name: String,
    /// Where it begins, and whether that is an address.
    start: u64,
    placed: bool,
    length_bytes: u64,
    segment: usize,
    offset: u64,
}

impl Span {
    fn end(&self) -> u64 {
        self.start.saturating_add(self.length_bytes)
    }
}

/// Compares the bytes.
pub(super) fn compare(
    both: [(&Payload, &Inspection); 2],
    comparison: &mut Comparison,
) -> Result<(), ImageError> {
    let [before, after] = both.map(|(payload, inspection)| stretches(payload, inspection));
    let [before, after] = alike(before, after);
    if let (Some(one), Some(other)) = (before.first(), after.first())
        && one.placed != other.placed
    {
        let why = "The bytes: one file says at which addresses they belong, the other does not";
        comparison.not_compared.push(why.to_owned());
        return Ok(());
    }
    let mut groups: Vec<&str> = Vec::new();
    for stretch in before.iter().chain(&after) {
        if !groups.contains(&stretch.group.as_str()) {
            groups.push(&stretch.group);
        }
    }
    let payloads = both.map(|(payload, _)| payload);
    let mut left_out = 0_u64;
    for group in groups {
        let of = |list: &[Span]| -> Vec<Span> {
            let mut list: Vec<_> = list.iter().filter(|s| s.group == group).cloned().collect();
            list.sort_by_key(|stretch| stretch.start);
            list
        };
        let lists = [of(&before), of(&after)];
        for (start, end) in runs(&lists) {
            match region(payloads, &lists, (start, end))? {
                None => comparison.same_regions = comparison.same_regions.saturating_add(1),
                Some(region) if comparison.regions.len() < REGIONS => {
                    comparison.regions.push(region);
                }
                Some(_) => left_out += 1,
            }
        }
    }
    if left_out > 0 {
        let why = format!(
            "{} further regions differ and are not listed",
            grouped(left_out)
        );
        comparison.not_compared.push(why);
    }
    Ok(())
}

/// The segments of a payload. Those of an `MCUboot` image are its header, its code and what follows.
fn stretches(payload: &Payload, inspection: &Inspection) -> Vec<Span> {
    let segments = payload.segments();
    if let (Format::Mcuboot, [whole]) = (inspection.format, segments) {
        return mcuboot(whole, inspection);
    }
    segments
        .iter()
        .enumerate()
        .map(|(number, segment)| {
            let group = match (
                segment.address,
                &segment.file,
                segment.alternate,
                segment.family,
            ) {
                (None, file, ..) => {
                    let of_name = segments.iter().filter(|other| other.name == segment.name);
                    let is_only = of_name.count() == 1;
                    let file = file.as_deref().filter(|_| !is_only).unwrap_or_default();
                    format!("{} {file}", segment.name)
                }
                (Some(_), _, alternate, family) => format!("{alternate:?} {family:?}"),
            };
            Span {
                group,
                name: segment.name.clone(),
                start: segment.address.unwrap_or_default(),
                placed: segment.address.is_some(),
                length_bytes: segment.length_bytes,
                segment: number,
                offset: 0,
            }
        })
        .collect()
}

fn mcuboot(whole: &PayloadSegment, inspection: &Inspection) -> Vec<Span> {
    let mut at = 0;
    let lengths = inspection
        .segments
        .iter()
        .map(|s| (s.name.as_str(), s.length_bytes));
    let rest = ("entries behind the code", u64::MAX);
    lengths
        .chain([rest])
        .map(|(name, length)| {
            let offset = at;
            let length_bytes = length.min(whole.length_bytes - at);
            at += length_bytes;
            Span {
                group: name.to_owned(),
                name: name.to_owned(),
                start: 0,
                placed: false,
                length_bytes,
                segment: 0,
                offset,
            }
        })
        .filter(|stretch| stretch.length_bytes > 0)
        .collect()
}

/// Where one file has addresses and the other none, and each has one run of bytes, positions in it are
/// compared: a signed image as HEX and as plain bytes.
fn alike(before: Vec<Span>, after: Vec<Span>) -> [Vec<Span>; 2] {
    let is_placed = |list: &[Span]| list.iter().any(|stretch| stretch.placed);
    let both = [before, after];
    if is_placed(&both[0]) == is_placed(&both[1])
        || both.iter().any(|list| is_placed(list) && list.len() != 1)
    {
        return both;
    }
    both.map(|list| {
        let mut at = 0;
        list.into_iter()
            .map(|stretch| {
                let start = at;
                at += stretch.length_bytes;
                Span {
                    group: "content".to_owned(),
                    name: "content".to_owned(),
                    start,
                    placed: false,
                    ..stretch
                }
            })
            .collect()
    })
}

/// Runs of addresses that at least one of the lists has.
fn runs(lists: &[Vec<Span>; 2]) -> Vec<(u64, u64)> {
    let mut all: Vec<_> = lists.iter().flatten().map(|s| (s.start, s.end())).collect();
    all.sort_unstable();
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for (start, end) in all {
        match runs.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => runs.push((start, end)),
        }
    }
    runs
}

/// One run; none where both have the same bytes in it.
fn region(
    payloads: [&Payload; 2],
    lists: &[Vec<Span>; 2],
    (start, end): (u64, u64),
) -> Result<Option<Region>, ImageError> {
    // Each list is in the order of its starts, and no stretch reaches into a run from before it.
    let inside = |list: &[Span]| -> Vec<Span> {
        let first = list.partition_point(|stretch| stretch.start < start);
        let rest = list.get(first..).unwrap_or_default().iter();
        rest.take_while(|stretch| stretch.start < end)
            .cloned()
            .collect()
    };
    let [before, after] = [inside(&lists[0]), inside(&lists[1])];
    let named = before.first().or(after.first());
    let mut found = Region {
        name: named.map_or_else(String::new, |stretch| stretch.name.clone()),
        address: named.and_then(|stretch| stretch.placed.then_some(start)),
        before_bytes: 0,
        after_bytes: 0,
        changed_bytes: 0,
        first_difference: start,
    };
    let mut first = None;
    let mut places: Vec<u64> = before
        .iter()
        .chain(&after)
        .flat_map(|s| [s.start, s.end()])
        .collect();
    places.sort_unstable();
    places.dedup();
    for pair in places.windows(2) {
        let [at, until] = *pair else { continue };
        let covers = |list: &[Span]| {
            let stretch = list.iter().find(|s| s.start <= at && until <= s.end())?;
            Some((stretch.segment, stretch.offset + (at - stretch.start)))
        };
        let (one, other) = (covers(&before), covers(&after));
        let length = until - at;
        found.before_bytes += one.map_or(0, |_| length);
        found.after_bytes += other.map_or(0, |_| length);
        if let (Some(one), Some(other)) = (one, other) {
            let difference = differences(payloads, [one, other], length)?;
            found.changed_bytes += difference.map_or(0, |(count, _)| count);
            first = first.or(difference.map(|(_, offset)| at + offset));
        } else {
            first = first.or(Some(at));
        }
    }
    Ok(first.map(|first_difference| Region {
        first_difference,
        ..found
    }))
}

/// How many bytes differ, and the first of them.
fn differences(
    payloads: [&Payload; 2],
    places: [(usize, u64); 2],
    length: u64,
) -> Result<Option<(u64, u64)>, ImageError> {
    let (mut count, mut first, mut done) = (0_u64, None, 0);
    let mut buffers = [vec![0; PAYLOAD_PIECE_BYTES], vec![0; PAYLOAD_PIECE_BYTES]];
    while done < length {
        let piece = usize::try_from(length - done)
            .unwrap_or(usize::MAX)
            .min(PAYLOAD_PIECE_BYTES);
        let mut read = piece;
        for ((buffer, payload), (segment, offset)) in buffers.iter_mut().zip(payloads).zip(places) {
            let buffer = buffer.get_mut(..piece).unwrap_or_default();
            read = read.min(payload.read_at(segment, offset + done, buffer)?);
        }
        if read == 0 {
            break;
        }
        let [one, other] = &buffers;
        let pairs = one.iter().zip(other).take(read).enumerate();
        for (at, _) in pairs.filter(|(_, (one, other))| one != other) {
            count += 1;
            first = first.or(Some(done + at as u64));
        }
        done += read as u64;
    }
    Ok(first.map(|first| (count, first)))
}
