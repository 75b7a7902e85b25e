//! What a reader is left with, in words, by what it is known to be.
//!
//! No sentence here says more than the reader said itself.

use firmdrop_core::{ImageHash, grouped};

use super::{
    mode::Mode,
    state::{ImageState, Images, in_words},
};

pub(super) const UNTOUCHED: &str = "The reader was not touched.";
pub(super) const ONLY_READ: &str = "The reader was only read, not changed.";

/// Before this run changed anything, an earlier one having sent bytes.
pub(super) const SENT_BEFORE: &str = "This run changed nothing. An earlier one sent bytes of the new image: an application runs its old image meanwhile, a bootloader's serial recovery replaces it.";
/// Before this run changed anything, an earlier one having asked for a restart.
pub(super) const RESTARTED_BEFORE: &str = "This run changed nothing. An earlier one may have restarted the reader into the new image; unless that is confirmed, a bootloader that swaps images returns to the old one at the restart after.";

pub(super) const MARKED: &str = "The reader runs its old image. The new one is stored and marked: it starts at the next restart, and a bootloader that swaps images leaves it again at the one after that unless it is confirmed.";
pub(super) const STILL_MARKED: &str = "The reader runs its old image. The new one is stored and marked to be started. Whether the reader restarted, and whether a later restart starts the new image, is not known.";
pub(super) const PERHAPS_MARKED: &str = "The reader runs its old image. The new one is stored; whether it is marked to be started is not known.";
pub(super) const PERHAPS_CONFIRMED: &str = "The reader ran the new image when it was last asked; whether it stays at the next restart is not known.";
pub(super) const ON_TRIAL: &str = "The reader runs the new image and does not list it as confirmed: a bootloader that swaps images returns to the old one at the next restart.";
pub(super) const NOT_SEEN: &str =
    "The new image is stored and was marked to be started. Whether it runs is not known.";
pub(super) const RESTARTING: &str = "The reader was asked to restart and to test the new image. Unless it is confirmed, a bootloader that swaps images returns to the old one at the restart after that.";
pub(super) const STARTING: &str = "The reader was in its bootloader's serial recovery, listed the new image in its first slot, and was asked to restart. Whether it runs is not known.";
pub(super) const NOTHING_TO_START: &str = "The reader waits in its bootloader's serial recovery. The image it had is overwritten, and it lists none that it would start: it stays there until it gets another image.";

/// It took every byte, and never listed an image: nothing shows which program answers.
pub(super) const NEVER_LISTED: &str = "The reader took every byte of the new image. It listed no image before and lists none since: whether it runs its old one, or waits in its bootloader, is not known. It was not restarted.";

/// Every byte was sent, and nothing was marked.
pub(super) fn stored(mode: Mode) -> &'static str {
    match mode {
        Mode::Application => {
            "The reader runs its old image. The new one is stored, but not marked to be started."
        }
        Mode::Recovery => {
            "The reader waits in its bootloader's serial recovery. It took every byte of the new image in place of the one it had."
        }
        Mode::Unclear => {
            "The reader took every byte of the new image. Whether it still runs its old one, or waits in its bootloader, is not known."
        }
    }
}

/// What a reader lists that was to be changed and was not: of the image with this number, which the one with this
/// hash replaces.
pub(super) fn by_list(mode: Mode, images: &Images, image: u32, hash: &ImageHash) -> String {
    if mode == Mode::Recovery {
        return stored(mode).into();
    }
    match images.state_of(image, hash) {
        ImageState::Confirmed => {
            "The reader lists the new image as the one that it runs and has confirmed.".into()
        }
        ImageState::Testing => ON_TRIAL.into(),
        ImageState::Pending => MARKED.into(),
        ImageState::Absent if images.lists_hashes(image) => {
            let runs = images.active(image).map_or_else(
                || "The reader lists no image that it runs.".into(),
                |slot| format!("The reader runs {}.", in_words(slot)),
            );
            format!("{runs} It does not list the new one.")
        }
        ImageState::Uploaded | ImageState::Absent => stored(mode).into(),
    }
}

/// A piece failed after this many bytes were confirmed; `listed` is the reader's list of afterwards.
pub(super) fn upload_failed(
    mode: Mode,
    listed: Option<&Images>,
    image: u32,
    confirmed: u64,
) -> String {
    if mode == Mode::Recovery {
        return "The reader was in its bootloader's serial recovery. The image it had is overwritten by a part of the new one, or erased.".into();
    }
    let runs = listed.and_then(|images| images.active(image));
    let runs = match (mode, listed, runs) {
        (Mode::Application, Some(_), Some(slot)) => {
            format!("The reader runs its old image, {}.", in_words(slot))
        }
        (_, Some(_), Some(slot)) => format!("The reader runs {}.", in_words(slot)),
        (_, Some(_), None) => "The reader lists no image that it runs.".into(),
        (Mode::Application, None, _) => {
            "The reader ran its old image when it was last asked.".into()
        }
        (_, None, _) => "Whether the reader runs its old image is not known.".to_owned(),
    };
    if confirmed == 0 && mode == Mode::Application {
        return format!("{runs} Its other slot may be erased.");
    }
    format!("{runs} How much of the new image it holds is not known.")
}

/// The upload stopped here.
pub(super) fn in_upload(mode: Mode, bytes: u64) -> String {
    match (mode, bytes) {
        (Mode::Recovery, _) => format!(
            "The reader waits in its bootloader's serial recovery. The image it had is overwritten by the first {} bytes of the new one, or erased.",
            grouped(bytes)
        ),
        (Mode::Application, 0) => {
            "The reader runs its old image. Its other slot may be erased.".into()
        }
        (Mode::Application, _) => format!(
            "The reader runs its old image. Its other slot holds at least {} bytes of the new one.",
            grouped(bytes)
        ),
        (Mode::Unclear, _) => format!(
            "The reader took the first {} bytes of the new image. Whether it still runs its old one, or waits in its bootloader and overwrote it, is not known.",
            grouped(bytes)
        ),
    }
}
