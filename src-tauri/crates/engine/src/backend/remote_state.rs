//! What the other side holds of a job, derived from facts.

use firmdrop_core::Detail;

/// What the other side holds of a job.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RemoteState {
    /// In one or two sentences. What is not known is said to be unknown.
    pub sentence: String,
    /// The names the other side gave: upload job, firmware image, campaign.
    pub names: Vec<Detail>,
    /// The one name that stands in the ledger.
    pub remote_id: Option<String>,
}

impl RemoteState {
    /// A state that is only a sentence.
    pub fn of(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            ..Self::default()
        }
    }
}
