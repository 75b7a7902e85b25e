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
        /// The hash the reader tells.
        theirs: String,
    },
    /// It did not come back after its restart.
    #[error("the reader was not seen for {seconds} s after its restart")]
    NotReturned {
        /// How long it was waited for.
        seconds: u64,
    },
    /// It came back with the image it had before.
    #[error("the reader came back with its old image")]
    NotActivated,
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
            Self::SlotDiffers { .. } => Diagnosis::new(
                Code::SlotDiffers,
                what,
                "Bytes were damaged on the way, or the reader's flash is failing.",
            )
            .state("The second slot holds a damaged image that was not marked for test. The reader still runs its old image.")
            .remedy(Remedy::PlanAgain),
            Self::NotReturned { .. } => Diagnosis::new(
                Code::NotReturned,
                what,
                "Probably it waits in its bootloader, or came back at another port.",
            )
            .state("The new image is stored and was marked for test. Whether it runs is not known.")
            .remedy(Remedy::Reconnect)
            .remedy(Remedy::Resume),
            Self::NotActivated => Diagnosis::new(
                Code::NotActivated,
                what,
                "Its bootloader refused the new image, often because of the signature or a lower version.",
            )
            .state("The reader runs its old image.")
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
            },
            LoadError::NotReturned { seconds: 120 },
            LoadError::NotActivated,
            LoadError::NotConfirmed,
            LoadError::Stopped { state: state() },
        ] {
            let diagnosis = error.diagnose();
            assert!(!diagnosis.state_now.is_empty(), "{error}");
            assert!(!diagnosis.remedies.is_empty(), "{error}");
        }
    }
}
