//! Facts of the one cloud there is, as the journal holds them.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::journal::Event;

/// What the other side calls something, and how far an act on it is known to have come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub(super) enum RemoteFact {
    /// The upload job is about to be created, or the image itself by a file in one request.
    CreatingUploadJob,
    /// The file in one request was refused as too large and is not with the service: it goes in
    /// chunks from here on.
    WholeFileRefused,
    /// The upload job has this id.
    UploadJob {
        /// Its id.
        id: String,
    },
    /// The upload job is about to be finished.
    Finishing,
    /// The firmware image has this id.
    FirmwareImage {
        /// Its id.
        id: String,
    },
}

/// The line of a fact.
pub(super) fn line(fact: &impl Serialize) -> Event {
    Event::Fact {
        scheme: "pelion".into(),
        body: serde_json::to_value(fact).unwrap_or_default(),
    }
}

/// The fact of a line, when it is one of this form.
pub(super) fn read<T: DeserializeOwned>(event: &Event) -> Option<T> {
    match event {
        Event::Fact { body, .. } => T::deserialize(body).ok(),
        _ => None,
    }
}
