//! What a window needs to know when it opens, and the demo world's dial.

use firmdrop_core::Diagnosis;
use firmdrop_engine::JobSummary;
use serde::{Deserialize, Serialize};

use crate::Settings;

/// The first answer to a window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Startup {
    /// Firmdrop's version.
    pub version: String,
    /// What the user has set.
    pub settings: Settings,
    /// The demo world, when it runs.
    pub demo: Option<DemoState>,
    /// Jobs an earlier process left unfinished, as they were found.
    pub interrupted: Vec<JobSummary>,
    /// What happened to a journal that was damaged, when this process restored it.
    pub journal_restored: Option<Diagnosis>,
}

/// The demo world as its panel shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DemoState {
    /// The simulated services.
    pub services: Vec<DemoServiceView>,
    /// Whether they belong to another Firmdrop on this home: they end with that one, and their
    /// faults are switched there.
    pub elsewhere: bool,
    /// Its faults and whether they are on.
    pub faults: Vec<DemoFault>,
    /// A firmware file to try with.
    pub sample_path: String,
}

/// One service of the demo world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DemoServiceView {
    /// Scheme of the destinations it serves.
    pub scheme: String,
    /// What users call it.
    pub title: String,
    /// Its address.
    pub host: String,
    /// Name of the account that leads to it.
    pub account: String,
}

/// One fault of the demo world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DemoFault {
    /// Names it: `pull_the_plug`.
    pub key: String,
    /// What its switch says: "Pull the plug".
    pub title: String,
    /// Whether it is on.
    pub on: bool,
}
