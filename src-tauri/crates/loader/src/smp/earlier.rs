//! What earlier runs of a load did to the reader, by the phases they began.

use super::{left, phase};

/// How far earlier runs of the same load are known to have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EarlierRun {
    /// There was none, or it changed nothing.
    None,
    /// It may have sent bytes of the image.
    Sent,
    /// It may have restarted the reader: the reader may be away for a while, and run the image on trial
    /// when it is back.
    Restarted,
}

impl EarlierRun {
    /// By the keys of the phases that began, in order, over all runs.
    pub(super) fn of<'a>(began: impl IntoIterator<Item = &'a str>) -> Self {
        began
            .into_iter()
            .fold(Self::None, |known, key| match (key, known) {
                (phase::RESTART | phase::FIND_AGAIN | phase::CONFIRM, _) => Self::Restarted,
                (phase::UPLOAD | phase::CHECK_HASH | phase::MARK_FOR_TEST, Self::None) => {
                    Self::Sent
                }
                (_, known) => known,
            })
    }

    /// The state of a reader that the present run has not changed.
    pub(super) fn as_found(self) -> &'static str {
        match self {
            Self::None => left::UNTOUCHED,
            Self::Sent => left::SENT_BEFORE,
            Self::Restarted => left::RESTARTED_BEFORE,
        }
    }

    /// What the reader is left with by these runs, as far as is known without asking it.
    pub(super) fn state_after(self) -> &'static str {
        match self {
            Self::None => "Nothing was sent to the reader.",
            Self::Sent => {
                "The reader may hold a part of the new image, or the whole. An application runs its old image meanwhile; a bootloader's serial recovery replaces it. Which of them answered is not written down."
            }
            Self::Restarted => {
                "The reader may have been restarted into the new image; whether it runs is not known. Unless it is confirmed, a bootloader that swaps images returns to the old one at the restart after."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_that_came_to_the_restart_is_not_called_untouched() {
        let earlier = |keys: &[&str]| EarlierRun::of(keys.iter().copied());
        assert_eq!(earlier(&["check_file", "connect"]), EarlierRun::None);
        assert_eq!(earlier(&["connect", "upload"]), EarlierRun::Sent);
        let restarted = [
            "upload",
            "mark_for_test",
            "restart",
            "check_file",
            "connect",
        ];
        assert_eq!(earlier(&restarted), EarlierRun::Restarted);
    }

    #[test]
    fn a_slot_that_recovery_overwrites_is_not_promised_to_run() {
        let state = EarlierRun::Sent.state_after();
        assert!(state.contains("serial recovery replaces it"), "{state}");
    }
}
