//! The first phase of every delivery: is the file still what was planned?

use std::sync::Arc;

use firmdrop_core::{Code, Diagnosis, Remedy, grouped};
use firmdrop_image::Source as _;

use crate::{FileSource, ImageFile, sha256};

/// Key of the phase.
pub(crate) const CHECK_FILE: &str = "check_file";

/// Opens the image's file again. When its identity is not the planned one, its SHA-256 decides.
///
/// Blocks while it hashes; call it where that is allowed.
pub(crate) fn open_planned(image: &ImageFile) -> Result<Arc<FileSource>, Diagnosis> {
    let source = FileSource::open(&image.path)?;
    if source.len() != image.expected.size_bytes {
        return Err(changed(
            image,
            format!(
                "It has {} bytes now, {} when it was planned.",
                grouped(source.len()),
                grouped(image.expected.size_bytes)
            ),
        ));
    }
    if source.identity() != image.identity {
        let sha256 = sha256(&source)?;
        if sha256 != image.expected.sha256 {
            return Err(changed(
                image,
                format!(
                    "Its SHA-256 is {sha256} now, {} when it was planned.",
                    image.expected.sha256
                ),
            ));
        }
    }
    Ok(Arc::new(source))
}

fn changed(image: &ImageFile, why: String) -> Diagnosis {
    Diagnosis::new(
        Code::FileChanged,
        format!("{} is not the file that was planned.", image.path.display()),
        why,
    )
    .titled("The file is not the one that was planned")
    .state("Nothing further was sent.")
    .remedy(Remedy::InspectAgain)
    .remedy(Remedy::ChooseAnotherFile)
}
