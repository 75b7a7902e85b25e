//! A group of devices.

use std::collections::{BTreeMap, BTreeSet};

use firmdrop_core::Moment;
use serde::{Deserialize, Serialize};

use super::id::Id;

/// A group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) custom_attributes: BTreeMap<String, String>,
    pub(crate) devices: BTreeSet<Id>,
    pub(crate) created_at: Moment,
    pub(crate) updated_at: Moment,
}

impl Group {
    pub(crate) const fn new(name: String, now: Moment) -> Self {
        Self {
            name,
            description: String::new(),
            custom_attributes: BTreeMap::new(),
            devices: BTreeSet::new(),
            created_at: now,
            updated_at: now,
        }
    }
}
