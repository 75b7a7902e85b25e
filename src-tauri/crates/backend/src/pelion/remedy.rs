//! Remedies of this kind: a job whose name the service held already continues with what holds it, a
//! firmware image with the same bytes or an unfinished upload job with the beginning of them.
//!
//! Both are compared with the file before they are used.

use firmdrop_core::{Note, NoteKind, Remedy};
use firmdrop_engine::Applied;

use super::facts::UploadFact;

pub(super) fn apply(remedy: &Remedy) -> Option<Applied> {
    let (fact, note, id) = match remedy {
        Remedy::UseExistingImage { image_id: id } => (
            UploadFact::FirmwareImage { id: id.clone() },
            "Uses the existing firmware image",
            id,
        ),
        Remedy::AdoptUploadJob { upload_job_id: id } => (
            UploadFact::UploadJob { id: id.clone() },
            "Adopts the existing upload job",
            id,
        ),
        _ => return None,
    };
    Some(Applied {
        fact: serde_json::to_value(fact).ok()?,
        note: Note::new(NoteKind::Kept, note).detail(id.clone()),
    })
}
