//! Cabinets: what firmware lies in them. Firmware of the Linux Vendor Firmware Service comes in one, with a
//! file that ends in `.metainfo.xml`.
//!
//! Folders are unpacked block by block; a file is held in memory while it is described, and no other.

mod directory;
mod folder;

use std::cmp::Reverse;

use firmdrop_core::grouped;

use crate::budget::Budget;
use crate::flaws::Flaws;
use crate::limits::{INNER_BYTES, PARTS};
use crate::{CheckResult, Format, ImageError, Inspection, Source};
use directory::{CONTINUED, Directory, File, read_directory};
use folder::{Outcome, unpack};

/// Names listed of one cabinet.
const NAMES: usize = 8;

/// Whether a file that begins with `head` is a cabinet.
pub(crate) fn recognises(head: &[u8]) -> bool {
    head.starts_with(b"MSCF\0\0\0\0")
}

/// Describes a cabinet.
pub(crate) fn inspect(source: &dyn Source, budget: &mut Budget) -> Result<Inspection, ImageError> {
    let mut inspection = Inspection::new(Format::Archive, source.len());
    let directory = match read_directory(source)? {
        Ok(directory) => directory,
        Err(why) => {
            "Cabinet archive".clone_into(&mut inspection.summary);
            inspection.check("Headers", CheckResult::Failed, why);
            return Ok(inspection);
        }
    };
    heading(&directory, &mut inspection);
    size(&directory, source, &mut inspection);
    if directory.is_one_of_several {
        let why = "it is one of several; what runs from one into the next was not looked at";
        inspection.check("Other cabinets", CheckResult::NotMade, why);
    }
    let mut found = Found::default();
    let mut files: Vec<&File> = directory.files.iter().collect();
    files.sort_by_key(|file| (file.folder, Reverse((file.offset, file.size_bytes))));
    let folders = directory.folders.len();
    for file in files
        .iter()
        .filter(|file| (folders..CONTINUED).contains(&file.folder))
    {
        found.flaws.add(|| {
            format!(
                "“{}” lies in folder {} of {folders}",
                file.name, file.folder
            )
        });
    }
    // Blocks of two folders are never the same, so that all of them fit into the file.
    let mut packed = source.len();
    for (number, folder) in directory.folders.iter().enumerate() {
        let mut files = Capture::new(&files, number);
        let outcome = unpack(source, folder, &mut packed, &mut |block| {
            files.take(block, budget, &mut inspection)
        })?;
        match outcome {
            Outcome::Stopped => found.stopped = true,
            Outcome::NotMade(why) => found.closed.add(|| format!("folder {number}: {why}")),
            Outcome::Damaged(why) => found.flaws.add(|| format!("folder {number}: {why}")),
            Outcome::Whole { summed } => {
                found.blocks += u64::from(folder.blocks);
                found.unsummed |= !summed;
                if let Some(why) = files.contradiction() {
                    found.flaws.add(|| why);
                }
            }
        }
        found.left_out += files.left_out;
    }
    found.say(&mut inspection);
    Ok(inspection)
}

/// The bytes of the file that is called so; none where there is none or two, or it cannot be unpacked.
pub(crate) fn content(source: &dyn Source, name: &str) -> Result<Option<Vec<u8>>, ImageError> {
    let Ok(directory) = read_directory(source)? else {
        return Ok(None);
    };
    let mut named = directory.files.iter().filter(|file| file.name == name);
    let (Some(file), None) = (named.next(), named.next()) else {
        return Ok(None);
    };
    let Some(folder) = directory.folders.get(file.folder) else {
        return Ok(None);
    };
    if file.size_bytes > INNER_BYTES {
        return Ok(None);
    }
    let (mut bytes, mut at) = (Vec::new(), 0);
    let outcome = unpack(source, folder, &mut source.len(), &mut |block| {
        bytes.extend_from_slice(stretch(file, at, block));
        at += block.len() as u64;
        at < file.offset + file.size_bytes
    })?;
    let whole = matches!(outcome, Outcome::Whole { .. } | Outcome::Stopped);
    Ok(Some(bytes).filter(|bytes| whole && bytes.len() as u64 == file.size_bytes))
}

/// The part of a block, which begins at `at` of the folder, that belongs to `file`.
fn stretch<'a>(file: &File, at: u64, block: &'a [u8]) -> &'a [u8] {
    let within = |place: u64| {
        usize::try_from(place.saturating_sub(at)).map_or(block.len(), |at| at.min(block.len()))
    };
    let (start, end) = (within(file.offset), within(file.offset + file.size_bytes));
    block.get(start..end).unwrap_or_default()
}

fn heading(directory: &Directory, inspection: &mut Inspection) {
    let files = &directory.files;
    let is_lvfs = files
        .iter()
        .any(|file| file.name.ends_with(".metainfo.xml"));
    let kind = if is_lvfs {
        "LVFS cabinet"
    } else {
        "Cabinet archive"
    };
    let plural = if files.len() == 1 { "file" } else { "files" };
    inspection.summary = format!("{kind}, {} {plural}", grouped(files.len() as u64));
    let names: Vec<&str> = files
        .iter()
        .take(NAMES)
        .map(|file| file.name.as_str())
        .collect();
    if !names.is_empty() {
        inspection.fact("Files", names.join(", "));
    }
}

/// Whether the file is as long as the header says.
fn size(directory: &Directory, source: &dyn Source, inspection: &mut Inspection) {
    let (said, there) = (directory.size_bytes, source.len());
    if said > there {
        let why = format!(
            "the header says {} bytes, {} are there: it was cut off",
            grouped(said),
            grouped(there)
        );
        inspection.check("Size in the header", CheckResult::Failed, why);
    } else if said < there {
        // A signature of the cabinet stands there, when it has one.
        let text = format!("{} bytes", grouped(there - said));
        inspection.fact("Behind the cabinet", text);
    }
}

/// The files of one folder, taken out of its blocks one behind the other.
struct Capture<'a> {
    /// Those that are waited for, the next one last.
    waiting: Vec<&'a File>,
    bytes: Vec<u8>,
    /// Whether the next one is taken; decided where it begins.
    takes: Option<bool>,
    at: u64,
    left_out: u64,
}

impl<'a> Capture<'a> {
    /// Of `files`, sorted by their folder and backward in it.
    fn new(files: &[&'a File], folder: usize) -> Self {
        let start = files.partition_point(|file| file.folder < folder);
        let end = files.partition_point(|file| file.folder <= folder);
        Self {
            waiting: files.get(start..end).unwrap_or_default().to_vec(),
            bytes: Vec::new(),
            takes: None,
            at: 0,
            left_out: 0,
        }
    }

    /// Takes a block; false when no more may be unpacked.
    fn take(&mut self, block: &[u8], budget: &mut Budget, inspection: &mut Inspection) -> bool {
        if !budget.takes(block.len() as u64) {
            self.left_out += self.waiting.len() as u64;
            return false;
        }
        let end = self.at + block.len() as u64;
        while let Some(file) = self
            .waiting
            .last()
            .copied()
            .filter(|file| file.offset < end)
        {
            let takes = *self.takes.get_or_insert(
                inspection.parts.len() < PARTS
                    && file.size_bytes <= INNER_BYTES
                    && file.offset >= self.at,
            );
            if takes {
                self.bytes.extend_from_slice(stretch(file, self.at, block));
            }
            if file.offset + file.size_bytes > end {
                break;
            }
            let bytes = std::mem::take(&mut self.bytes);
            if takes {
                budget.describe(bytes, &file.name, None, inspection);
            } else {
                self.left_out += 1;
            }
            self.takes = None;
            self.waiting.pop();
        }
        self.at = end;
        true
    }

    /// A file that ends behind the folder, when there is one.
    fn contradiction(&self) -> Option<String> {
        let file = self.waiting.iter().rev().find(|file| file.size_bytes > 0)?;
        Some(format!(
            "“{}” ends at byte {} of its folder, which holds {}",
            file.name,
            grouped(file.offset + file.size_bytes),
            grouped(self.at)
        ))
    }
}

/// What was found in all folders.
#[derive(Default)]
struct Found {
    blocks: u64,
    flaws: Flaws,
    closed: Flaws,
    unsummed: bool,
    stopped: bool,
    left_out: u64,
}

impl Found {
    fn say(&self, inspection: &mut Inspection) {
        if self.blocks > 0 || !self.flaws.is_empty() {
            let blocks = grouped(self.blocks);
            match self
                .flaws
                .verdict(format!("{blocks} unpacked, each with its checksum"))
            {
                Ok(_) if self.unsummed => {
                    let why = format!("{blocks} unpacked; the cabinet was made without checksums");
                    inspection.check("Blocks", CheckResult::NotMade, why);
                }
                verdict => inspection.verdict("Blocks", verdict),
            }
        }
        if let Err(why) = self.closed.verdict("") {
            inspection.check("Content not opened", CheckResult::NotMade, why);
        }
        if self.stopped {
            let why = "it unpacks to more than is unpacked here";
            inspection.check("Content", CheckResult::NotMade, why);
        }
        if self.left_out > 0 {
            let text = format!(
                "{}: too large, one above the other, or more than are opened",
                grouped(self.left_out)
            );
            inspection.fact("Files not opened", text);
        }
    }
}

#[cfg(test)]
mod tests;
