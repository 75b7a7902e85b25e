//! Devices, as the service tells them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{id::id, or_default, or_empty, texts};
use crate::json_value::{maybe_flag, maybe_integer, maybe_text};

/// A device of the account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Device {
    /// Its id.
    #[serde(deserialize_with = "id")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub name: String,
    /// Its description.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub description: String,
    /// The account.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub account_id: String,
    /// The name it registers under.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub endpoint_name: String,
    /// Its type.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub endpoint_type: String,
    /// Its serial number.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub serial_number: String,
    /// Its vendor: 32 hexadecimal digits without hyphens.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub vendor_id: String,
    /// Its class: 32 hexadecimal digits without hyphens.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub device_class: String,
    /// `unenrolled`, `cloud_enrolling`, `bootstrapped`, `registered`, `deregistered`; others may come.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub state: String,
    /// `enabled`, `blocked`; empty from older services.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub lifecycle_status: String,
    /// Whether the operator suspended it.
    #[serde(default, deserialize_with = "maybe_flag")]
    #[cfg_attr(feature = "specta", specta(type = Option<bool>))]
    pub operator_suspended: Option<bool>,
    /// Whether the service suspended it.
    #[serde(default, deserialize_with = "maybe_flag")]
    #[cfg_attr(feature = "specta", specta(type = Option<bool>))]
    pub system_suspended: Option<bool>,
    /// `development` or `production`.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub deployed_state: String,
    /// 0 unknown, 1 development, 5 production.
    #[serde(default, deserialize_with = "maybe_integer")]
    #[cfg_attr(feature = "specta", specta(type = Option<i32>))]
    pub device_execution_mode: Option<i32>,
    /// SHA-256 of the firmware it reported, hexadecimal.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub firmware_checksum: String,
    /// Its components with the version each reported.
    #[serde(default, deserialize_with = "texts")]
    #[cfg_attr(feature = "specta", specta(type = BTreeMap<String, String>))]
    pub component_attributes: BTreeMap<String, String>,
    /// Names with values that a user gave.
    #[serde(default, deserialize_with = "texts")]
    #[cfg_attr(feature = "specta", specta(type = BTreeMap<String, String>))]
    pub custom_attributes: BTreeMap<String, String>,
    /// Ids of its groups.
    #[serde(default, deserialize_with = "or_default")]
    #[cfg_attr(feature = "specta", specta(type = Vec<String>))]
    pub groups: Vec<String>,
    /// The manifest of its last update.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub manifest: String,
    /// The version in time of that manifest.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub manifest_timestamp: Option<String>,
    /// Its last deployment.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub deployment: String,
    /// Whether it updates by itself.
    #[serde(default, deserialize_with = "maybe_flag")]
    #[cfg_attr(feature = "specta", specta(type = Option<bool>))]
    pub auto_update: Option<bool>,
    /// How it is reached: `connector`, `direct`.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub mechanism: String,
    /// Where it is reached.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub mechanism_url: String,
    /// The network it belongs to.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub net_id: Option<String>,
    /// The gateway it hangs on.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub host_gateway: String,
    /// The certificate authority of its key.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub ca_id: String,
    /// Fingerprint of its certificate.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub device_key: String,
    /// Fingerprint of that certificate's issuer.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub issuer_fingerprint: Option<String>,
    /// When it was last bootstrapped.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub bootstrapped_timestamp: Option<String>,
    /// When its bootstrap certificate ends.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub bootstrap_expiration_date: Option<String>,
    /// When its certificate for the connector ends.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub connector_expiration_date: Option<String>,
    /// When it was claimed.
    #[serde(default, deserialize_with = "maybe_text")]
    #[cfg_attr(feature = "specta", specta(type = Option<String>))]
    pub enrolment_list_timestamp: Option<String>,
    /// When it was created.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub created_at: String,
    /// When it last changed.
    #[serde(default, deserialize_with = "or_empty")]
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub updated_at: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guides_own_device_can_be_read() {
        let json = r#"{"account_id":"a","auto_update":false,"bootstrap_expiration_date":null,
            "ca_id":"c","custom_attributes":{},"deployed_state":"development","deployment":"",
            "device_class":"cl","device_execution_mode":1,"device_key":"k","endpoint_name":"e",
            "endpoint_type":"default","enrolment_list_timestamp":null,"firmware_checksum":"f",
            "host_gateway":"","id":"d","manifest":"","mechanism":"connector","name":"n",
            "object":"device","serial_number":"s","state":"registered","vendor_id":"v"}"#;
        let device: Device = serde_json::from_str(json).unwrap();
        assert_eq!(
            (device.device_execution_mode, device.vendor_id.as_str()),
            (Some(1), "v")
        );
        assert_eq!(
            serde_json::from_str::<Device>(&serde_json::to_string(&device).unwrap()).unwrap(),
            device
        );
    }

    #[test]
    fn what_newer_services_add_and_what_they_leave_empty_can_be_read() {
        let json = r#"{"id":"d","component_attributes":{"MAIN":"1.2.3","n":4,"gone":null},
            "groups":null,"custom_attributes":null,"lifecycle_status":"blocked","net_id":"9"}"#;
        let device: Device = serde_json::from_str(json).unwrap();
        assert_eq!(device.component_attributes["MAIN"], "1.2.3");
        assert_eq!(device.component_attributes["n"], "4");
        assert_eq!(device.component_attributes.len(), 2);
        assert!(device.groups.is_empty() && device.custom_attributes.is_empty());
    }
}
