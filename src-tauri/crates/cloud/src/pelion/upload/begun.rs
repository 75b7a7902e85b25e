//! Where an upload stands before its chunks are sent.

use super::run::Stored;

/// Where an upload stands after it has found or made its upload job.
pub(super) enum Begun {
    /// The upload job takes chunks.
    Job { id: String, stored: Stored },
    /// The image is there already.
    Image(String),
}
