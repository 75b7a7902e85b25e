//! A file that another program changed while it was being sent.

use firmdrop_core::{Diagnosis, Remedy};

/// Why such a file is no longer the one that was planned.
pub(crate) const WHY_CHANGED: &str = "Its size, its content or the time of its last change is another. Probably another program wrote it in the meantime.";

/// What to do about it. It may be put back: then what was sent before is the beginning of it.
pub(crate) fn with_remedies(changed: Diagnosis, is_resumable: bool) -> Diagnosis {
    let changed = changed.remedy(Remedy::InspectAgain);
    if is_resumable {
        changed
            .remedy(Remedy::advice("If it has the same content again, resume."))
            .remedy(Remedy::Resume)
    } else {
        changed
    }
}
