//! Which program of a reader answers: its application, or its bootloader's serial recovery.
//!
//! Both speak the same protocol, and they do different things with the same requests.

/// The program that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The application: an upload goes to the slot that does not run.
    Application,
    /// `MCUboot`'s serial recovery: it runs no image, and an upload replaces the one it would start.
    Recovery,
    /// It lists an active image like both, and answers neither's own question. Probably an application,
    /// which is never taken for granted before the reader was seen to restart.
    Unclear,
}

impl Mode {
    /// Its name in a [`crate::Target`].
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Application => Some("application"),
            Self::Recovery => Some("recovery"),
            Self::Unclear => None,
        }
    }
}
