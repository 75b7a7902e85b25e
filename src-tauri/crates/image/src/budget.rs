//! How much of what lies inside of a file is opened: how deep, and how many bytes.
//!
//! It knows no format: whoever opens the file says how files are recognised.

use crate::limits::{DEPTH, UNPACKED_BYTES};
use crate::{Format, ImageError, Inspection, MemorySource, Part, Source};

/// How much of what lies inside of a file is opened.
pub(crate) struct Budget {
    depth: usize,
    left: u64,
    recognise: Recognise,
}

/// Describes a file, with what lies inside as far as the budget has room.
type Recognise = fn(&dyn Source, &mut Budget) -> Result<Inspection, ImageError>;

impl Budget {
    /// The budget of one file.
    pub(crate) fn new(recognise: Recognise) -> Self {
        Self {
            recognise,
            depth: DEPTH,
            left: UNPACKED_BYTES,
        }
    }

    /// The budget of whoever unpacks and looks at nothing.
    pub(crate) fn unpacking() -> Self {
        Self::new(|source, _| Ok(Inspection::new(Format::Raw, source.len())))
    }

    /// Whether so many bytes may still be unpacked. They count as unpacked then.
    pub(crate) fn takes(&mut self, bytes: u64) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }

    /// Describes something that lies inside of a file; none where it is nothing known, cannot be
    /// described, or lies too deep.
    pub(crate) fn inspect(&mut self, source: &dyn Source) -> Option<Inspection> {
        // A page beside others is what somebody reads about them.
        self.look_at_the_only(source)
            .filter(|found| found.format != Format::Page)
    }

    /// The same of the only thing that lies inside of a file: a page in its place is described as well.
    pub(crate) fn look_at_the_only(&mut self, source: &dyn Source) -> Option<Inspection> {
        self.depth = self.depth.checked_sub(1)?;
        let found = (self.recognise)(source, self);
        self.depth += 1;
        // What cannot be described inside of an archive is one of its files, and no more.
        found
            .ok()
            .filter(|found| found.format != Format::Raw || has_likeness(found))
    }

    /// Adds one of several files of an archive to its parts, when it is a format that is known.
    pub(crate) fn describe(
        &mut self,
        bytes: Vec<u8>,
        name: &str,
        offset: Option<u64>,
        inspection: &mut Inspection,
    ) {
        if let Some(found) = self.inspect(&MemorySource::new(bytes)) {
            inspection.part(Part::new(name, None, offset, found), false);
        }
    }
}

/// Whether raw bytes look like code.
fn has_likeness(found: &Inspection) -> bool {
    found
        .facts
        .iter()
        .any(|fact| fact.label == "Looks like" && fact.value.contains("Cortex-M"))
}
