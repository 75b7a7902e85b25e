//! Classes of devices: those that report the same properties.

use std::collections::BTreeMap;

use firmdrop_core::Sha256;
use serde::{Deserialize, Serialize};

/// A class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeviceClass {
    pub(crate) id: String,
    pub(crate) friendly_name: Option<String>,
    /// What its devices report.
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) model_id: String,
    pub(crate) model_name: String,
}

impl DeviceClass {
    /// The class of devices that report these properties. Its id has the 40 digits of a SHA-1.
    pub(crate) fn new(properties: BTreeMap<String, String>) -> Self {
        let text: Vec<_> = properties
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let hash = Sha256::of(text.join("\n").as_bytes()).to_string();
        Self {
            id: hash.chars().take(40).collect(),
            friendly_name: None,
            properties,
            model_id: "dtmi:azure:iot:deviceUpdateContractModel;2".to_owned(),
            model_name: "Device Update".to_owned(),
        }
    }
}
