//! The ways of ending that events of devices count for.

use serde::{Deserialize, Serialize};

/// Which way of ending an event counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum EventCategory {
    /// The device reached the desired state.
    Success,
    /// It had it already, or was left out.
    Skipped,
    /// Something else about it.
    Info,
    /// It did not reach it.
    Fail,
    /// Nobody knows.
    Unknown,
}
