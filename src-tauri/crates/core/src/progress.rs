//! How far a step is. Progress may be lost on its way to a person; states and notes may not.

use serde::{Deserialize, Serialize};

/// How far the running step is, counted by what the other side has confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Progress {
    /// Bytes the other side has confirmed. Never more than `total_bytes`, never smaller than before.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub confirmed_bytes: u64,
    /// Bytes of the piece in flight that were handed to the line; they are not confirmed yet.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub in_flight_bytes: u64,
    /// Bytes the step will confirm in all; zero for a step that is not counted in bytes.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub total_bytes: u64,
}

/// Takes progress without ever making its sender wait.
pub trait ProgressSink: Send + Sync {
    /// The step has come this far. May be dropped by the receiver.
    fn progress(&self, progress: Progress);
}
