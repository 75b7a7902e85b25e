//! Operations that the service carries out in the background.

use serde::{Deserialize, Serialize};

use crate::state_word::FinalState;

use super::{ServiceError, UpdateId, UpdateInfo, maybe_text, or_default, service_error, text};

/// An import or a deletion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// Its id.
    #[serde(default, deserialize_with = "text")]
    pub operation_id: String,
    /// In the service's word; [`Operation::status`] reads it.
    #[serde(default, rename = "status", deserialize_with = "text")]
    pub status_word: String,
    /// The update, once its manifest was read.
    #[serde(default, deserialize_with = "or_default")]
    pub update: Option<UpdateInfo>,
    /// The same of the first generation.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Option::is_none"
    )]
    pub update_id: Option<UpdateId>,
    /// Where the update is, once it was imported.
    #[serde(default, deserialize_with = "maybe_text")]
    pub resource_location: Option<String>,
    /// Why it failed.
    #[serde(default, deserialize_with = "service_error::maybe")]
    pub error: Option<ServiceError>,
    /// What Microsoft's support asks for.
    #[serde(default, deserialize_with = "maybe_text")]
    pub trace_id: Option<String>,
    /// When it last changed.
    #[serde(default, deserialize_with = "text")]
    pub last_action_date_time: String,
    /// When it was made.
    #[serde(default, deserialize_with = "text")]
    pub created_date_time: String,
    /// Changes with it; with its quotes.
    #[serde(default, deserialize_with = "maybe_text")]
    pub etag: Option<String>,
}

/// How far an operation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationStatus {
    /// Accepted.
    NotStarted,
    /// Under way.
    Running,
    /// It ended well.
    Succeeded,
    /// It ended badly.
    Failed,
    /// A word that is not known: not over.
    Unknown,
}

impl OperationStatus {
    /// What the word means, in any case.
    pub fn of(word: &str) -> Self {
        let known = [
            ("NotStarted", Self::NotStarted),
            ("Running", Self::Running),
            ("Succeeded", Self::Succeeded),
            ("Failed", Self::Failed),
        ];
        let found = known
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(word.trim()));
        // Words that no document lists are taken for an end when they say so.
        found.map_or_else(
            || match FinalState::of(word) {
                Some(FinalState::Good) => Self::Succeeded,
                Some(FinalState::Bad) => Self::Failed,
                None => Self::Unknown,
            },
            |(_, status)| *status,
        )
    }

    /// Whether nothing more will happen. The list of words may grow, so an unknown one is not the end.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }
}

impl Operation {
    /// How far it is.
    pub fn status(&self) -> OperationStatus {
        OperationStatus::of(&self.status_word)
    }

    /// The update that it is about, once the service has read its manifest.
    pub fn subject(&self) -> Option<&UpdateId> {
        let update = self.update.as_ref().map(|update| &update.update_id);
        update.or(self.update_id.as_ref())
    }
}
