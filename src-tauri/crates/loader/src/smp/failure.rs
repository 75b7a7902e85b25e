//! What went wrong in a session, before it is known in what state that left the reader.

use firmdrop_link::LinkError;

use super::refusal::{NO_IMAGE_MANAGEMENT, Refusal};
use crate::{LeftState, LoadError};

/// A request that did not end well.
#[derive(Debug)]
pub(super) enum Failure {
    /// The way failed.
    Link(LinkError),
    /// The reader refused.
    Refused(Refusal),
    /// It answers the protocol and does not know the list of images.
    NoImageManagement(Refusal),
    /// The answer was one that the protocol does not allow.
    Protocol(String),
    /// Another reader or program answers than before; who, in a sentence.
    Another(String),
}

impl Failure {
    /// The error of a load that left the reader in this state.
    pub(super) fn leaving(self, state: impl Into<String>) -> LoadError {
        let state = LeftState(state.into());
        match self {
            Self::Another(found) => LoadError::AnotherAnswers {
                found,
                state: LeftState(format!(
                    "What answers there now was asked, and nothing of the image was stored there. Of the reader of before, when it answered last: {}",
                    state.0
                )),
            },
            Self::Link(source) => LoadError::Link { source, state },
            Self::Protocol(said) => LoadError::Protocol { said, state },
            Self::NoImageManagement(refusal) => LoadError::Refused {
                why: format!(
                    "it speaks SMP, and it refuses its list of images, as a program without image management does: {refusal}"
                ),
                advice: Some(NO_IMAGE_MANAGEMENT),
                state,
            },
            Self::Refused(refusal) => LoadError::Refused {
                why: refusal.to_string(),
                advice: refusal.advice(),
                state,
            },
        }
    }
}

impl From<LinkError> for Failure {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}
