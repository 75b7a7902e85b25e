//! A saved query.

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};

/// A filter for devices that has a name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SavedQuery {
    pub(crate) name: String,
    pub(crate) query: String,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}
