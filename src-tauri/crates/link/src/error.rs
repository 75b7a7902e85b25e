//! What can go wrong on the way to a reader.

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};

/// A failure of a link. Says nothing about the reader's state: the loader knows that.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Nothing is there.
    #[error("nothing is at {place}")]
    NotFound {
        /// Where it was looked for.
        place: String,
    },
    /// The system refuses to open it.
    #[error("{place} may not be opened: {why}")]
    Denied {
        /// The port.
        place: String,
        /// The system's reason.
        why: String,
    },
    /// Somebody else has it.
    #[error("{place} is held by another program")]
    Busy {
        /// The port.
        place: String,
    },
    /// It was there and is gone: unplugged, or the other end closed.
    #[error("{place} went away")]
    Lost {
        /// The port.
        place: String,
    },
    /// No answer within the time the protocol allows.
    #[error("{place} does not answer")]
    Timeout {
        /// The port.
        place: String,
    },
    /// Any other failure of the operating system.
    #[error("{place}: {source}")]
    Io {
        /// The port.
        place: String,
        /// The system's words.
        source: std::io::Error,
    },
}

impl Diagnose for LinkError {
    fn diagnose(&self) -> Diagnosis {
        let what = self.to_string();
        match self {
            Self::NotFound { .. } => Diagnosis::new(Code::LinkNotFound, what, "It is unplugged, switched off, or has another name now.")
                .remedy(Remedy::Reconnect),
            Self::Denied { why, .. } => Diagnosis::new(Code::LinkDenied, what, why.clone()).remedy(Remedy::Advice {
                text: "Add this account to the group that owns the port (often dialout), then sign in again.".into(),
            }),
            Self::Busy { .. } => Diagnosis::new(Code::LinkBusy, what, "A port can be used by one program at a time.")
                .remedy(Remedy::CloseOtherProgram),
            Self::Lost { .. } => Diagnosis::new(Code::LinkLost, what, "The port closed while it was in use.")
                .remedy(Remedy::Reconnect)
                .remedy(Remedy::Resume),
            Self::Timeout { .. } => Diagnosis::new(Code::LinkTimeout, what, "The reader is silent, or speaks another protocol or rate.")
                .remedy(Remedy::Reconnect),
            Self::Io { source, .. } => {
                Diagnosis::new(Code::LinkLost, what, source.to_string()).remedy(Remedy::Reconnect)
            }
        }
    }
}
