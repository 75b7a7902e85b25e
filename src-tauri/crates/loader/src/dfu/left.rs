//! What a reader is left with, in words. What it said after the failure is a part of the sentence; what was not
//! said is not known.

use firmdrop_core::grouped;
use firmdrop_link::LinkError;

use super::wire::{State, Status};
use super::words::phase;

pub(super) const UNTOUCHED: &str = "The reader was not touched.";
const BEFORE: &str = "This run wrote nothing; the reader was not touched by it. An earlier one wrote a part of the new image, or all of it: what the reader holds is not known.";

/// How far a load came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoadStage {
    /// Nothing was changed; an earlier run may have.
    Nothing { resumes: bool },
    /// It was asked to restart in its bootloader.
    Detaching { resumes: bool },
    /// It is in its bootloader, by our request; nothing was erased or written.
    Bootloader { resumes: bool },
    /// It was asked to erase, and confirmed so many of the requests.
    Erasing { confirmed: usize },
    /// So many bytes of so many were written.
    Writing { written: u64, total: u64 },
    /// Everything was sent.
    Sent,
    /// Everything was sent and the reader's memory was seen to hold it.
    Held,
}

impl LoadStage {
    fn sentence(self) -> String {
        match self {
            Self::Nothing { resumes: false } => UNTOUCHED.into(),
            Self::Nothing { resumes: true } => BEFORE.into(),
            Self::Detaching { resumes } | Self::Bootloader { resumes } => {
                let memory = if resumes {
                    "This run erased and wrote nothing; an earlier one wrote a part of the new image, or all of it."
                } else {
                    "Its memory was not touched."
                };
                let asked = if matches!(self, Self::Detaching { .. }) {
                    "It was asked to restart in its bootloader."
                } else {
                    "It restarted in its bootloader."
                };
                format!("{asked} {memory}")
            }
            Self::Erasing { confirmed: 0 } => {
                "It was asked to erase, and did not confirm it: whether a part of the old image is gone is not known. This run wrote nothing yet.".into()
            }
            Self::Erasing { confirmed } => format!(
                "Sectors of the old image were erased: the reader confirmed {confirmed} requests. This run wrote nothing yet."
            ),
            Self::Writing { written, total } => {
                let (written, total) = (grouped(written), grouped(total));
                format!(
                    "The reader confirmed {written} of {total} bytes of the new image, which replaces the old one."
                )
            }
            Self::Sent => "The reader took every byte of the new image.".into(),
            Self::Held => "The reader holds every byte of the new image.".into(),
        }
    }
}

/// What the reader said after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// Its status, after it was brought to rest where possible.
    Said(Status),
    /// It left the bus.
    Gone,
    /// It answered nothing.
    Silent,
    /// It was not asked.
    NotAsked,
}

impl After {
    /// From the failure of a question.
    pub(super) fn of(error: &LinkError) -> Self {
        match error {
            LinkError::Lost { .. } | LinkError::NotFound { .. } => Self::Gone,
            _ => Self::Silent,
        }
    }
}

/// The whole state.
pub(super) fn state(reached: LoadStage, after: After) -> String {
    let memory = reached.sentence();
    let is_untouched = matches!(reached, LoadStage::Nothing { .. });
    let rest = match after {
        After::NotAsked | After::Gone if is_untouched => return memory,
        After::NotAsked => "What it does now is not known.".into(),
        After::Gone => {
            "Then it left the bus: what it holds and what it runs now is not known.".into()
        }
        After::Silent => "It did not answer when it was asked for its state afterwards.".into(),
        After::Said(status) if status.state == State::Idle && !status.is_error() => {
            "It waits in its bootloader and takes an image: it said dfuIDLE afterwards.".into()
        }
        After::Said(status) if status.state.is_bootloader() => {
            format!(
                "It is in its bootloader: it said {} afterwards.",
                status.short()
            )
        }
        After::Said(status) => format!("It said {} afterwards.", status.short()),
    };
    format!("{memory} {rest}")
}

/// Whether earlier runs began to write.
pub(super) fn is_touched<'a>(mut began: impl Iterator<Item = &'a str>) -> bool {
    began.any(|key| ![phase::CHECK, phase::DETACH, phase::SAVE].contains(&key))
}

/// By the phases that runs began: what the last run did, which begins with the check of the device.
pub(super) fn after(began: &[&str]) -> String {
    let last = began.iter().rposition(|key| *key == phase::CHECK);
    let (earlier, run) = began.split_at(last.unwrap_or(0));
    let has = |key| run.contains(&key);
    if has(phase::LEAVE) && !has(phase::WRITE) {
        "The reader held every byte of the new image before. What it runs is not known.".into()
    } else if has(phase::MANIFEST) || has(phase::READ_BACK) || has(phase::LEAVE) {
        "The reader took every byte of the new image. What it runs is not known.".into()
    } else if has(phase::WRITE) {
        "A part of the new image was written over the old one, or all of it. What the reader holds is not known.".into()
    } else if has(phase::ERASE) {
        "Sectors of the old image were erased, or were about to be. What the reader holds is not known.".into()
    } else if is_touched(earlier.iter().copied()) {
        let asked = if has(phase::DETACH) {
            "The reader was asked to restart in its bootloader. "
        } else {
            ""
        };
        format!(
            "{asked}The last run erased and wrote nothing. An earlier one wrote a part of the new image, or all of it: what the reader holds is not known."
        )
    } else if has(phase::DETACH) {
        "The reader was asked to restart in its bootloader; nothing was written.".into()
    } else {
        UNTOUCHED.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(bytes: [u8; 6]) -> After {
        After::Said(Status::read(&bytes).unwrap())
    }

    #[test]
    fn what_it_does_now_is_what_it_said_afterwards() {
        let writing = LoadStage::Writing {
            written: 10,
            total: 20,
        };
        let idle = state(writing, status([0, 0, 0, 0, 2, 0]));
        assert!(
            idle.contains("10 of 20 bytes") && idle.contains("said dfuIDLE"),
            "{idle}"
        );
        let error = state(writing, status([3, 0, 0, 0, 10, 0]));
        assert!(error.contains("dfuERROR (errWRITE)"), "{error}");
        assert!(state(writing, After::Gone).contains("not known"));
        assert!(state(writing, After::Silent).contains("did not answer"));
    }

    #[test]
    fn a_reader_that_left_before_anything_was_written_is_said_to_be_untouched() {
        let nothing = LoadStage::Nothing { resumes: false };
        assert_eq!(state(nothing, After::Gone), UNTOUCHED);
        let resumed = state(LoadStage::Nothing { resumes: true }, After::NotAsked);
        assert!(resumed.contains("not known"), "{resumed}");
        assert!(
            state(LoadStage::Bootloader { resumes: false }, After::Gone).contains("not touched")
        );
    }

    #[test]
    fn the_phases_that_began_say_what_may_have_been_changed() {
        assert_eq!(after(&[phase::CHECK]), UNTOUCHED);
        assert!(after(&[phase::CHECK, phase::DETACH]).contains("nothing was written"));
        assert!(after(&[phase::CHECK, phase::ERASE]).contains("erased"));
        assert!(after(&[phase::CHECK, phase::ERASE, phase::WRITE]).contains("A part"));
        assert!(after(&[phase::CHECK, phase::WRITE, phase::MANIFEST]).contains("every byte"));
        let held = after(&[phase::CHECK, phase::LEAVE]);
        assert!(held.contains("before"), "{held}");
        let again = [phase::CHECK, phase::WRITE, phase::CHECK, phase::DETACH];
        let again = after(&again);
        assert!(
            again.contains("asked to restart") && again.contains("not known"),
            "{again}"
        );
    }
}
