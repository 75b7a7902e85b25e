//! A device as the service writes it.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::pelion::state::{ACCOUNT_ID, Directory, Id, device::Device};

type Map<'a> = &'a BTreeMap<String, String>;

/// Every field of the guide's example, and those that came later. Where the API reference does not
/// allow null, a text that is not known is empty and a moment is left out.
#[derive(Debug, Serialize)]
pub(crate) struct DeviceJson<'a> {
    account_id: &'static str,
    auto_update: bool,
    bootstrap_expiration_date: Option<&'a str>,
    bootstrapped_timestamp: Option<Written>,
    ca_id: &'a str,
    component_attributes: Map<'a>,
    connector_expiration_date: Option<&'a str>,
    created_at: Written,
    custom_attributes: Map<'a>,
    deployed_state: &'static str,
    deployment: &'a str,
    description: &'a str,
    device_class: &'a str,
    device_execution_mode: u64,
    device_key: String,
    endpoint_name: String,
    endpoint_type: &'a str,
    enrolment_list_timestamp: Option<Written>,
    etag: Written,
    firmware_checksum: String,
    groups: Vec<Id>,
    host_gateway: &'a str,
    id: Id,
    issuer_fingerprint: Option<&'a str>,
    last_operator_suspended_category: &'a str,
    last_operator_suspended_description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_operator_suspended_updated_at: Option<Written>,
    last_system_suspended_category: &'static str,
    last_system_suspended_description: &'static str,
    lifecycle_status: &'static str,
    manifest: String,
    manifest_timestamp: Option<Written>,
    mechanism: &'a str,
    mechanism_url: &'a str,
    name: &'a str,
    net_id: &'a str,
    object: &'static str,
    operator_suspended: bool,
    serial_number: String,
    state: &'static str,
    system_suspended: bool,
    updated_at: Written,
    vendor_id: &'a str,
}

/// A moment as answers write it: always six digits of a second.
#[derive(Debug)]
struct Written(firmdrop_core::Moment);

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'a> DeviceJson<'a> {
    pub(crate) fn new(directory: &Directory, id: Id, device: &'a Device) -> Self {
        let details = device.details();
        let suspension = details.suspension.as_ref();
        Self {
            account_id: ACCOUNT_ID,
            auto_update: details.auto_update,
            bootstrap_expiration_date: details.bootstrap_expiration_date.as_deref(),
            bootstrapped_timestamp: device.bootstrapped_at.map(Written),
            ca_id: &details.ca_id,
            component_attributes: &device.components,
            connector_expiration_date: details.connector_expiration_date.as_deref(),
            created_at: Written(device.created_at),
            custom_attributes: &device.custom_attributes,
            deployed_state: device.deployed_state(),
            deployment: &details.deployment,
            description: &details.description,
            device_class: &device.class_id,
            device_execution_mode: details.device_execution_mode,
            device_key: device.key(id),
            endpoint_name: device.endpoint_name(id),
            endpoint_type: &details.endpoint_type,
            enrolment_list_timestamp: None,
            etag: Written(device.updated_at),
            firmware_checksum: device
                .firmware_checksum
                .map_or_else(String::new, |checksum| checksum.to_string()),
            groups: directory.groups_of(id),
            host_gateway: &details.host_gateway,
            id,
            issuer_fingerprint: None,
            last_operator_suspended_category: suspension.map_or("", |s| s.category.as_str()),
            last_operator_suspended_description: suspension.map_or("", |s| s.description.as_str()),
            last_operator_suspended_updated_at: suspension.and_then(|s| s.at).map(Written),
            last_system_suspended_category: "",
            last_system_suspended_description: "",
            lifecycle_status: device.lifecycle_status(),
            manifest: device
                .manifest
                .map_or_else(String::new, |id| id.to_string()),
            manifest_timestamp: device.manifest_at.map(Written),
            mechanism: &details.mechanism,
            mechanism_url: &details.mechanism_url,
            name: &device.name,
            net_id: details.net_id.as_deref().unwrap_or_default(),
            object: "device",
            operator_suspended: device.is_blocked,
            serial_number: device.serial_number(id),
            state: device.state.text(),
            system_suspended: false,
            updated_at: Written(device.updated_at),
            vendor_id: &device.vendor_id,
        }
    }
}
