//! Files of which no more is known here than their header: the list is `registry/headers.txt`.

use super::heading::named;
use crate::bytes::shown;
use crate::registry::{self, Class};
use crate::{Format, ImageError, Inspection, Source};

/// Names a file by its header.
#[expect(
    clippy::unnecessary_wraps,
    reason = "other formats of the list read more of the file"
)]
pub(super) fn describe(head: &[u8], source: &dyn Source) -> Result<Option<Inspection>, ImageError> {
    if head.starts_with(b"070701") || head.starts_with(b"070702") {
        return Ok(Some(cpio(head, source)));
    }
    Ok(registry::header(head).map(|(class, name)| {
        let format = match class {
            Class::File => return named(Format::Named, source, name),
            Class::Compressed => Format::Compressed,
            Class::Archive => Format::Archive,
        };
        let mut inspection = named(format, source, name);
        not_opened(&mut inspection);
        inspection
    }))
}

/// `cpio` in the new form; `SWUpdate`'s images begin with a file `sw-description`.
fn cpio(head: &[u8], source: &dyn Source) -> Inspection {
    let name = head
        .get(110..)
        .and_then(|rest| rest.split(|byte| *byte == 0).next());
    let name = shown(name.unwrap_or_default());
    let kind = if name == "sw-description" {
        "SWUpdate image (cpio archive)"
    } else {
        "cpio archive"
    };
    let mut inspection = named(Format::Archive, source, kind);
    inspection.fact("First file", name);
    not_opened(&mut inspection);
    inspection
}

fn not_opened(inspection: &mut Inspection) {
    inspection.fact(
        "Content",
        "not opened here: unpack the file and inspect what is in it",
    );
}
