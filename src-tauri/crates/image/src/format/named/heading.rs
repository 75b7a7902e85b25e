//! The beginning of a description: format and heading.

use crate::{Format, Inspection, Source};

/// A description with its heading.
pub(super) fn named(format: Format, source: &dyn Source, summary: impl Into<String>) -> Inspection {
    let mut inspection = Inspection::new(format, source.len());
    inspection.summary = summary.into();
    inspection
}
