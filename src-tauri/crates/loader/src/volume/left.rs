//! What a reader is left with, in words. No sentence says more than the drive said itself.

use firmdrop_core::grouped;

use super::plan::phase;
use crate::LeftState;

pub(super) const UNTOUCHED: &str = "The drive was not touched.";
/// Before this run wrote anything, an earlier one having begun to.
const BEFORE: &str = "This run wrote nothing; the drive was not touched by it. An earlier one wrote a part of the new image, or all of it: what the reader holds is not known.";
/// All bytes were handed over.
pub(super) const WRITTEN: &str =
    "The drive took every byte of the new image. Whether the reader runs it is not known.";
/// The drive left in the copy.
pub(super) const IN_COPY: &str = "A part of the new image was written. Bootloaders write to the flash while they take a file: the image that the reader had may be gone, and what it holds is not known.";

/// Behind what a drive shows that has no id of its own and is at no USB port that this computer knows.
pub(super) const ANOTHER: &str = " A drive of this kind has no id of its own: if another reader of its kind was plugged in meanwhile, these are the bytes of that one.";

/// The state of a probe.
pub(super) fn only_read() -> LeftState {
    LeftState("The drive was only read; it was not touched.".into())
}

/// The drive as this run found it.
pub(super) fn as_found(resumes: bool) -> &'static str {
    if resumes { BEFORE } else { UNTOUCHED }
}

/// Whether earlier runs began to write.
pub(super) fn is_touched<'a>(mut began: impl Iterator<Item = &'a str>) -> bool {
    began.any(|key| key != phase::CHECK)
}

/// By the phases that runs began.
pub(super) fn after(began: &[&str]) -> &'static str {
    let has = |key| began.contains(&key);
    if has(phase::WAIT) || has(phase::READ_BACK) {
        WRITTEN
    } else if has(phase::COPY) {
        "A part of the new image was written, or all of it. What the reader holds is not known."
    } else {
        UNTOUCHED
    }
}

/// The copy ended early and the file on the drive was removed, or was not.
pub(super) fn partial(written_bytes: u64, is_removed: bool) -> String {
    let file = if is_removed {
        "The partial file was removed from the drive."
    } else {
        "The partial file could not be removed from the drive."
    };
    format!(
        "{written_bytes} bytes of the new image were written. {file} Bootloaders write to the flash while they take a file: the image that the reader had may be gone, and what it holds is not known.",
        written_bytes = grouped(written_bytes)
    )
}
