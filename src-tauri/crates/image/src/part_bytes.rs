//! The bytes of something that lies inside of a file, in memory: an image in a HEX file, an entry of an
//! archive, what a compressed file holds.
//!
//! It names nothing and judges nothing; which parts there are says the inspection.

use std::sync::Arc;

use crate::archive::unpack;
use crate::archive_directory::read_directory;
use crate::bytes::{read, shown};
use crate::format::{cabinet, compressed};
use crate::limits::INNER_BYTES;
use crate::payload::payload;
use crate::{Format, ImageError, Inspection, Part, Source};

/// The bytes of the part of this number of an inspected file.
///
/// They are at most 64 MiB, all in memory. Bytes that stand in the file as they are, are read there; those
/// of records and blocks are put together, those of an archive unpacked and compared with its checksums.
///
/// # Errors
/// [`ImageError::NotPlaced`] when there is no such part or its bytes cannot be taken out,
/// [`ImageError::TooLarge`], and what reading a damaged or changed file says.
pub fn part_bytes(
    source: &Arc<dyn Source>,
    inspection: &Inspection,
    number: usize,
) -> Result<Vec<u8>, ImageError> {
    let no = |why: &str| ImageError::NotPlaced {
        why: why.to_owned(),
    };
    let part = inspection.parts.get(number);
    let part = part.ok_or_else(|| no("There is no such part in the file."))?;
    let length_bytes = part.inspection.size_bytes;
    if length_bytes > INNER_BYTES {
        return Err(ImageError::TooLarge {
            what: "part",
            unit: "bytes",
            limit: INNER_BYTES,
            found: length_bytes,
        });
    }
    let bytes = if let Some(offset) = part.offset {
        let length = usize::try_from(length_bytes).unwrap_or(usize::MAX);
        Some(read(source.as_ref(), offset, length)?)
    } else if let Some(address) = part.address {
        // Of two families with one address, the second part is that of the second.
        let before = inspection.parts.iter().take(number);
        let same = before.filter(|other| other.address == part.address).count();
        from_memory(source, inspection, (address, length_bytes), same)?
    } else if inspection.format == Format::Compressed {
        compressed::content(source.as_ref())?
    } else if cabinet::recognises(&read(source.as_ref(), 0, 8)?) {
        cabinet::content(source.as_ref(), &part.name)?
    } else {
        entry(source.as_ref(), part)?
    };
    bytes
        .filter(|bytes| bytes.len() as u64 == length_bytes)
        .ok_or_else(|| no("Its bytes cannot be taken out of the file."))
}

/// Bytes that the file writes to this stretch of the target's memory, in the segment of this number among
/// those that have it.
fn from_memory(
    source: &Arc<dyn Source>,
    inspection: &Inspection,
    (address, length_bytes): (u64, u64),
    number: usize,
) -> Result<Option<Vec<u8>>, ImageError> {
    let payload = payload(Arc::clone(source), inspection, None)?;
    let holds = |start: Option<u64>, length: u64| {
        start.is_some_and(|start| start <= address && address + length_bytes <= start + length)
    };
    let segments = payload.segments().iter().enumerate();
    let found = segments
        .filter(|(_, segment)| holds(segment.address, segment.length_bytes))
        .nth(number);
    let Some((segment, start)) = found.and_then(|(at, found)| Some((at, found.address?))) else {
        return Ok(None);
    };
    let mut bytes = vec![0; usize::try_from(length_bytes).unwrap_or_default()];
    let mut done = 0;
    while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
        let count = payload.read_at(segment, address - start + done as u64, rest)?;
        if count == 0 {
            return Ok(None);
        }
        done += count;
    }
    Ok(Some(bytes))
}

/// The entry of a zip archive that is called like the part, or lies in a folder under that name.
fn entry(source: &dyn Source, part: &Part) -> Result<Option<Vec<u8>>, ImageError> {
    let Some(entries) = read_directory(source)? else {
        return Ok(None);
    };
    let is_it = |name: &str| {
        let name = shown(name.trim_start_matches("./").as_bytes());
        name == part.name
            || name
                .strip_suffix(&part.name)
                .is_some_and(|folder| folder.ends_with('/'))
    };
    let mut found = entries.iter().filter(|entry| is_it(&entry.name));
    let (Some(entry), None) = (found.next(), found.next()) else {
        return Ok(None);
    };
    if entry.usable().is_err() || entry.size_bytes > INNER_BYTES {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let outcome = unpack(source, entry, &mut |piece| bytes.extend_from_slice(piece))?;
    Ok(outcome.is_ok().then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::tests::zipped;
    use crate::format::dfu::tests::with_suffix;
    use crate::format::intel_hex::tests::record;
    use crate::format::mcuboot::tests::Build;
    use crate::{MemorySource, inspect};
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write as _;
    use zip::CompressionMethod;

    fn first_part(bytes: Vec<u8>) -> Vec<u8> {
        let source: Arc<dyn Source> = Arc::new(MemorySource::new(bytes));
        let inspection = inspect(source.as_ref()).unwrap();
        part_bytes(&source, &inspection, 0).unwrap()
    }

    #[test]
    fn an_image_comes_out_of_every_format_that_can_hold_it_as_it_went_in() {
        let image = Build::default().bytes();
        let rows = image.chunks(16).zip(0_u16..);
        let hex: String = rows
            .map(|(row, i)| record(0, 0xC000 + i * 16, row))
            .collect();
        let zip = |method| zipped(&[("dir/readme.txt", b"x"), ("dir/app.bin", &image)], method);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&image).unwrap();
        for file in [
            (hex + ":00000001FF\n").into_bytes(),
            with_suffix(image.clone(), 0x0100, [1, 2, 3]),
            zip(CompressionMethod::Stored),
            zip(CompressionMethod::Deflated),
            gzip.finish().unwrap(),
        ] {
            assert_eq!(first_part(file), image);
        }
    }

    #[test]
    fn a_part_that_is_not_there_is_refused() {
        let source: Arc<dyn Source> = Arc::new(MemorySource::new(Build::default().bytes()));
        let inspection = inspect(source.as_ref()).unwrap();
        let refused = part_bytes(&source, &inspection, 0);
        assert!(matches!(refused, Err(ImageError::NotPlaced { .. })));
    }
}
