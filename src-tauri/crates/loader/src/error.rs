//! What can go wrong while a reader is loaded, and in what state it is left.

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};
use firmdrop_link::LinkError;

/// What the reader was left with, in a person's words. Its own type, so that nobody forgets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftState(pub String);

/// A load that did not end well.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The way to the reader failed.
    #[error("{source}")]
    Link {
        /// What failed.
        source: LinkError,
        /// What the reader was left with.
        state: LeftState,
    },
    /// The reader said something its protocol does not allow.
    #[error("the reader answered {said}")]
    Protocol {
        /// What it said.
        said: String,
        /// What the reader was left with.
        state: LeftState,
    },
    /// The reader refused, and said why.
    #[error("the reader refused: {why}")]
    Refused {
        /// Its reason, translated.
        why: String,
        /// What the reader was left with.
        state: LeftState,
    },
    /// The image cannot be loaded with this protocol.
    #[error("{why}")]
    DoesNotFit {
        /// What disagrees.
        why: String,
    },
    /// The file's bytes could not be read.
    #[error("the image could not be read: {source}")]
    Read {
        /// The system's words.
        source: std::io::Error,
        /// What the reader was left with.
        state: LeftState,
    },
    /// What the reader stored is not what was sent.
    #[error("the reader holds {theirs}, sent was {ours}")]
    SlotDiffers {
        /// The hash that was sent.
        ours: String,
        /// What the reader lists.
        theirs: String,
        /// What the reader was left with.
        state: LeftState,
    },
    /// Its bootloader does not accept the image it was sent.
    #[error(
        "the reader's bootloader stored the image and does not list it as one that it would start"
    )]
    Rejected {
        /// What the reader was left with.
        state: LeftState,
    },
    /// It waits in its bootloader and runs nothing.
    #[error("the reader waits in its bootloader instead of running the new image")]
    InBootloader {
        /// What the reader was left with.
        state: LeftState,
    },
    /// It did not come back after its restart.
    #[error("the reader was not seen for {seconds} s after its restart")]
    NotReturned {
        /// How long it was waited for.
        seconds: u64,
    },
    /// It runs another image than the new one after its restart.
    #[error("the reader came back with {}", if *old { "its old image" } else { "another image than the new one" })]
    NotActivated {
        /// Whether it is the one that ran before.
        old: bool,
        /// What it runs.
        state: LeftState,
    },
    /// It runs the new image but will not keep it.
    #[error("the reader runs the new image but did not keep it")]
    NotConfirmed,
    /// A person stopped it.
    #[error("stopped")]
    Stopped {
        /// What the reader was left with.
        state: LeftState,
    },
}

impl Diagnose for LoadError {
    fn diagnose(&self) -> Diagnosis {
        let what = self.to_string();
        match self {
            Self::Link { source, state } => source.diagnose().state(state.0.clone()),
            Self::Protocol { state, .. } => Diagnosis::new(
                Code::ProtocolFault,
                what,
                "The line is noisy, or the port belongs to another kind of device.",
            )
            .state(state.0.clone())
            .remedy(Remedy::Resume),
            Self::Refused { why, state } => Diagnosis::new(Code::ReaderRefused, what, why.clone())
                .state(state.0.clone())
                .remedy(Remedy::PlanAgain),
            Self::DoesNotFit { why } => Diagnosis::new(Code::DoesNotFit, "Nothing was written.", why.clone())
                .state("The reader was not touched.")
                .remedy(Remedy::ChooseAnotherFile),
            Self::Read { source, state } => Diagnosis::new(Code::ReadFailed, what, source.to_string())
                .state(state.0.clone())
                .remedy(Remedy::ChooseAnotherFile),
            Self::SlotDiffers { state, .. } => Diagnosis::new(
                Code::SlotDiffers,
                what,
                "Bytes were damaged on the way, or the reader's flash is failing.",
            )
            .state(state.0.clone())
            .remedy(Remedy::PlanAgain),
            Self::Rejected { state } => Diagnosis::new(
                Code::ReaderRefused,
                what,
                "Its signature is of another key, it is for another product or address, or bytes were damaged on the way.",
            )
            .titled("The reader's bootloader does not accept the image")
            .state(state.0.clone())
            .remedy(Remedy::ChooseAnotherFile)
            .remedy(Remedy::PlanAgain),
            Self::InBootloader { state } => Diagnosis::new(
                Code::NotActivated,
                what,
                "A button or a pin holds it there, or its bootloader accepts no image that it holds.",
            )
            .titled("The reader waits in its bootloader")
            .state(state.0.clone())
            .remedy(Remedy::Resume)
            .remedy(Remedy::PlanAgain),
            Self::NotReturned { .. } => Diagnosis::new(
                Code::NotReturned,
                what,
                "Probably it waits in its bootloader, or came back at another port.",
            )
            .state("The new image is stored and was marked for test. Whether it runs is not known.")
            .remedy(Remedy::Reconnect)
            .remedy(Remedy::Resume),
            Self::NotActivated { state, .. } => Diagnosis::new(
                Code::NotActivated,
                what,
                "Its bootloader did not start the new image (signature, lower version), or it restarted again before the image was confirmed, as after a loss of power or a crash.",
            )
            .state(state.0.clone())
            .remedy(Remedy::Resume)
            .remedy(Remedy::ChooseAnotherFile),
            Self::NotConfirmed => Diagnosis::new(
                Code::NotConfirmed,
                what,
                "The reader answered the wish to keep the image, but does not list it as kept.",
            )
            .state("The reader runs the new image and goes back to the old one at its next restart.")
            .remedy(Remedy::Resume),
            Self::Stopped { state } => Diagnosis::new(Code::WriteStopped, "The write was stopped.", "A person asked for it.")
                .state(state.0.clone())
                .remedy(Remedy::Resume),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_says_in_what_state_the_reader_was_left_and_what_helps() {
        let state = || LeftState("The reader runs its old image.".into());
        for error in [
            LoadError::Link {
                source: LinkError::Timeout { place: "p".into() },
                state: state(),
            },
            LoadError::Protocol {
                said: "nonsense".into(),
                state: state(),
            },
            LoadError::Refused {
                why: "it is busy".into(),
                state: state(),
            },
            LoadError::DoesNotFit { why: "no".into() },
            LoadError::Read {
                source: std::io::Error::other("x"),
                state: state(),
            },
            LoadError::SlotDiffers {
                ours: "a".into(),
                theirs: "b".into(),
                state: state(),
            },
            LoadError::Rejected { state: state() },
            LoadError::InBootloader { state: state() },
            LoadError::NotReturned { seconds: 120 },
            LoadError::NotActivated {
                old: true,
                state: state(),
            },
            LoadError::NotConfirmed,
            LoadError::Stopped { state: state() },
        ] {
            let diagnosis = error.diagnose();
            assert!(!diagnosis.state_now.is_empty(), "{error}");
            assert!(!diagnosis.remedies.is_empty(), "{error}");
        }
    }
}
