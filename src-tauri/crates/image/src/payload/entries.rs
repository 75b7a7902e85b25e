//! The files of a firmware package, read from the archive without unpacking them anywhere.
//!
//! A stored entry is read in place. A packed one is unpacked from its beginning on, and reading goes on
//! where it stopped: whoever reads forward unpacks every byte once.

use std::sync::{Arc, Mutex, PoisonError};

use flate2::{Decompress, FlushDecompress, Status};
use serde_json::Value;

use super::segments::{Payload, PayloadSegment, Store};
use crate::archive;
use crate::archive_directory::{DEFLATED, Entry};
use crate::bytes::{fill, shown};
use crate::format::{nordic_package, package};
use crate::limits::PAYLOAD_PIECE_BYTES;
use crate::{ImageError, Source};

const WHAT: &str = "firmware package";

/// The entries that a package delivers.
struct Entries {
    source: Arc<dyn Source>,
    places: Vec<Place>,
    /// The packed entry that is being read.
    unpacking: Mutex<Option<Unpacking>>,
}

/// Where an entry's bytes are.
struct Place {
    offset: u64,
    packed_bytes: u64,
    packed: bool,
}

/// The payload of a package: the files its manifest lists, in the order in which they are delivered.
pub(super) fn payload(source: Arc<dyn Source>) -> Result<Payload, ImageError> {
    let Some(package) = package::open(source.as_ref())? else {
        return Err(damaged("It has no manifest.".to_owned()));
    };
    let manifest = package
        .manifest
        .map_err(|why| damaged(format!("Its manifest: {why}.")))?;
    let (mut segments, mut places) = (Vec::new(), Vec::new());
    for (name, file) in listed(&manifest) {
        let entry = package.archive.entry(&file);
        let entry = entry.map_err(|why| damaged(format!("In it, {why}.")))?;
        let mut segment = PayloadSegment::new(&name, None, entry.size_bytes);
        segment.file = Some(file);
        segments.push(segment);
        places.push(place(source.as_ref(), entry)?);
    }
    let store = Entries {
        source,
        places,
        unpacking: Mutex::default(),
    };
    Ok(Payload {
        segments,
        store: Box::new(store),
    })
}

/// The name of each part and its file, each file once.
fn listed(manifest: &Value) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    let mut add = |name: String, file: &str| {
        if files.iter().all(|(_, known)| known != file) {
            files.push((name, file.to_owned()));
        }
    };
    if let Some(parts) = manifest.get("manifest").and_then(Value::as_object) {
        for (key, title) in nordic_package::PARTS {
            let file = |kind| parts.get(key)?.get(kind)?.as_str();
            // The packet first: a bootloader takes it before the firmware.
            if let (Some(dat), Some(bin)) = (file("dat_file"), file("bin_file")) {
                add(format!("init packet of the {title}"), dat);
                add(title.to_owned(), bin);
            }
        }
    }
    let images = manifest.get("files").and_then(Value::as_array);
    for image in images.into_iter().flatten() {
        if let Some(file) = image.get("file").and_then(Value::as_str) {
            add(shown(file.as_bytes()), file);
        }
    }
    files
}

fn place(source: &dyn Source, entry: &Entry) -> Result<Place, ImageError> {
    let offset = archive::place(source, entry)?;
    Ok(Place {
        offset: offset.map_err(|why| damaged(format!("In it, {why}.")))?,
        packed_bytes: entry.packed_bytes,
        packed: entry.method == DEFLATED,
    })
}

fn damaged(why: String) -> ImageError {
    ImageError::Damaged { what: WHAT, why }
}

impl Store for Entries {
    fn fill(&self, segment: usize, offset: u64, buffer: &mut [u8]) -> Result<(), ImageError> {
        let Some(place) = self.places.get(segment) else {
            return Ok(());
        };
        let source = self.source.as_ref();
        if !place.packed {
            return fill(source, place.offset.saturating_add(offset), buffer);
        }
        let mut slot = self
            .unpacking
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut unpacking = match slot.take() {
            Some(known) if known.segment == segment && known.unpacked_bytes <= offset => known,
            _ => Unpacking::new(segment),
        };
        let mut skipped = vec![0; PAYLOAD_PIECE_BYTES];
        while unpacking.unpacked_bytes < offset {
            let left = offset - unpacking.unpacked_bytes;
            let count = usize::try_from(left)
                .unwrap_or(usize::MAX)
                .min(skipped.len());
            unpacking.next(source, place, skipped.get_mut(..count).unwrap_or_default())?;
        }
        unpacking.next(source, place, buffer)?;
        *slot = Some(unpacking);
        Ok(())
    }
}

/// An entry unpacked as far as it was read.
struct Unpacking {
    segment: usize,
    inflate: Decompress,
    /// Packed bytes read from the file.
    read_bytes: u64,
    unpacked_bytes: u64,
    /// Packed bytes that were read and not used yet.
    input: Vec<u8>,
    used: usize,
}

impl Unpacking {
    fn new(segment: usize) -> Self {
        Self {
            segment,
            // A zip archive has no zlib header.
            inflate: Decompress::new(false),
            read_bytes: 0,
            unpacked_bytes: 0,
            input: Vec::new(),
            used: 0,
        }
    }

    /// Fills `buffer` with the bytes that follow.
    fn next(
        &mut self,
        source: &dyn Source,
        place: &Place,
        buffer: &mut [u8],
    ) -> Result<(), ImageError> {
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            if self.used >= self.input.len() {
                let left = place.packed_bytes - self.read_bytes;
                let count = usize::try_from(left).unwrap_or(usize::MAX);
                let count = count.min(PAYLOAD_PIECE_BYTES);
                self.input.resize(count, 0);
                fill(
                    source,
                    place.offset.saturating_add(self.read_bytes),
                    &mut self.input,
                )?;
                self.read_bytes += count as u64;
                self.used = 0;
            }
            let input = self.input.get(self.used..).unwrap_or_default();
            let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(input, rest, FlushDecompress::None);
            let status = status.map_err(|error| damaged(format!("An entry: {error}.")))?;
            let taken = usize::try_from(self.inflate.total_in() - before_in).unwrap_or(0);
            let given = usize::try_from(self.inflate.total_out() - before_out).unwrap_or(0);
            self.used += taken;
            self.unpacked_bytes += given as u64;
            done += given;
            let stuck =
                taken == 0 && given == 0 && (status == Status::StreamEnd || input.is_empty());
            if stuck || (status == Status::StreamEnd && done < buffer.len()) {
                return Err(damaged(
                    "An entry ends before its announced size.".to_owned(),
                ));
            }
        }
        Ok(())
    }
}
