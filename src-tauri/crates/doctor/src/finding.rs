//! What was found, and what the caller knows that no file of the system says.

use std::path::PathBuf;

use firmdrop_core::{Diagnosis, Moment};
use serde::{Deserialize, Serialize};

use crate::Fix;

/// How a check ended, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum FindingState {
    /// Nothing stands in the way.
    Fine,
    /// It could not be found out; nothing is claimed.
    Unknown,
    /// It may stand in the way, or only in the way of some readers.
    Notice,
    /// It stands in the way now.
    Problem,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Finding {
    /// Which check, and of what: `clock`, `access-10c4-ea60`. The same in every run.
    pub id: String,
    /// How it ended.
    pub state: FindingState,
    /// What was found, one sentence.
    pub what: String,
    /// Why that is so or why it matters; empty when there is nothing to say.
    pub why: String,
    /// What a user can do, an imperative sentence each, the best first.
    pub advice: Vec<String>,
    /// What Firmdrop can change, the safest first.
    pub fixes: Vec<Fix>,
}

impl Finding {
    pub(crate) fn new(id: impl Into<String>, state: FindingState, what: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            state,
            what: what.into(),
            why: String::new(),
            advice: Vec::new(),
            fixes: Vec::new(),
        }
    }

    #[must_use]
    pub(crate) fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    #[must_use]
    pub(crate) fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice.push(advice.into());
        self
    }

    #[must_use]
    pub(crate) fn fixed_by(mut self, fix: Option<Fix>) -> Self {
        self.fixes.extend(fix);
        self
    }
}

/// What the caller knows.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Firmdrop's own folder.
    pub home: PathBuf,
    /// Why that folder could not be opened.
    pub home_refused: Option<Diagnosis>,
    /// The system's key store.
    pub key_store: KeyStoreState,
    /// The present moment by this computer's clock.
    pub now: Moment,
    /// When the newest job changed last, by the clock of then.
    pub newest_job: Option<Moment>,
    /// What hosts that this process asked said of the time.
    pub hosts: Vec<HostTime>,
    /// Variables of the environment that name a proxy, with their values.
    pub proxies: Vec<(String, String)>,
}

/// What the key store answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyStoreState {
    /// It works.
    There,
    /// There is none.
    Absent,
    /// It refuses, in its own words.
    Refuses(String),
    /// It did not answer in time, or was not asked.
    NotKnown,
}

/// What a host said of the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostTime {
    /// Its name.
    pub host: String,
    /// By its clock, full seconds (RFC 9110, 6.6.1).
    pub said: Moment,
    /// By this computer's clock, when the response had come.
    pub heard: Moment,
}
