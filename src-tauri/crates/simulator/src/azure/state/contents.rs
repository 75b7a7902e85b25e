//! What the instance holds, as it is saved.

use std::collections::BTreeMap;

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};

use super::{Deployment, Device, DeviceClass, Operation, Update, UpdateId, rows};

/// A collection of diagnostic logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogCollection {
    pub(crate) id: String,
    pub(crate) operation: String,
    pub(crate) description: Option<String>,
    /// Devices, each with its module if it is one.
    pub(crate) devices: Vec<(String, Option<String>)>,
    pub(crate) created: Moment,
    /// When it is done.
    pub(crate) done: Moment,
}

/// What is saved.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Contents {
    pub(crate) last_number: u64,
    #[serde(with = "rows")]
    pub(crate) updates: BTreeMap<UpdateId, Update>,
    pub(crate) operations: BTreeMap<String, Operation>,
    pub(crate) classes: BTreeMap<String, DeviceClass>,
    pub(crate) devices: BTreeMap<String, Device>,
    /// When each group was made.
    pub(crate) groups: BTreeMap<String, Moment>,
    #[serde(with = "rows")]
    pub(crate) deployments: BTreeMap<(String, String), Deployment>,
    pub(crate) logs: BTreeMap<String, LogCollection>,
}
