//! The body of a request that makes or changes a device.

use std::{collections::BTreeMap, sync::Arc};

use firmdrop_core::{Moment, Sha256};
use serde::Deserialize;

use crate::pelion::state::{
    Refusal, check_length,
    device::{Device, DeviceState, Map, date},
};

/// Most custom attributes, and the longest key and value, characters: vendor's API reference.
const MOST_ATTRIBUTES: usize = 5;
const LONGEST_ATTRIBUTE: usize = 128;

/// The body of a POST and of a PUT; what is missing or null stays as it is.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct DeviceBody {
    auto_update: Option<bool>,
    bootstrap_expiration_date: Option<String>,
    bootstrapped_timestamp: Option<Moment>,
    ca_id: Option<String>,
    component_attributes: Option<BTreeMap<String, String>>,
    connector_expiration_date: Option<String>,
    custom_attributes: Option<BTreeMap<String, String>>,
    deployment: Option<String>,
    description: Option<String>,
    device_class: Option<String>,
    device_execution_mode: Option<u64>,
    device_key: Option<String>,
    pub(crate) endpoint_name: Option<String>,
    endpoint_type: Option<String>,
    firmware_checksum: Option<String>,
    host_gateway: Option<String>,
    mechanism: Option<String>,
    mechanism_url: Option<String>,
    name: Option<String>,
    serial_number: Option<String>,
    state: Option<DeviceState>,
    vendor_id: Option<String>,
}

impl DeviceBody {
    /// The limits of the vendor's API reference, in characters.
    pub(crate) fn checked(self) -> Result<Self, Refusal> {
        for (field, text, most) in [
            ("ca_id", &self.ca_id, 500),
            ("description", &self.description, 2000),
            ("device_class", &self.device_class, 32),
            ("device_key", &self.device_key, 512),
            ("endpoint_name", &self.endpoint_name, 64),
            ("endpoint_type", &self.endpoint_type, 64),
            ("name", &self.name, 128),
            ("serial_number", &self.serial_number, 64),
            ("vendor_id", &self.vendor_id, 255),
        ] {
            check_length(field, text.as_deref(), most)?;
        }
        for (field, text) in [
            ("bootstrap_expiration_date", &self.bootstrap_expiration_date),
            ("connector_expiration_date", &self.connector_expiration_date),
        ] {
            if text.as_deref().is_some_and(|text| date(text).is_none()) {
                return Err(Refusal::invalid(field, "This is no date."));
            }
        }
        if let Some(attributes) = &self.custom_attributes {
            check_attributes(attributes, MOST_ATTRIBUTES)?;
        }
        if matches!(&self.mechanism, Some(text) if !matches!(&**text, "connector" | "direct")) {
            return Err(Refusal::invalid(
                "mechanism",
                "Neither connector nor direct.",
            ));
        }
        Ok(self)
    }

    /// Writes what a new device may have and a changed one may not.
    pub(crate) fn apply_first(&mut self, device: &mut Device) -> Result<(), Refusal> {
        if let Some(state) = self.state {
            device.state = state;
        }
        if let Some(class) = self.device_class.take() {
            device.class_id = Arc::from(class);
        }
        if let Some(vendor) = self.vendor_id.take() {
            device.vendor_id = Arc::from(vendor);
        }
        if let Some(components) = self.component_attributes.take() {
            device.components = Map::new(components);
        }
        if let Some(text) = self.firmware_checksum.take() {
            let checksum: Result<Sha256, _> = text.parse();
            let wrong = |_| Refusal::invalid("firmware_checksum", "This is no SHA-256.");
            device.firmware_checksum = Some(checksum.map_err(wrong)?);
        }
        device.bootstrapped_at = self.bootstrapped_timestamp;
        if let Some(mode) = self.device_execution_mode {
            device.details_mut().device_execution_mode = mode;
        }
        put(self.mechanism.take(), device, |device, text| {
            device.details_mut().mechanism = text;
        });
        put(self.mechanism_url.take(), device, |device, text| {
            device.details_mut().mechanism_url = text;
        });
        put(self.serial_number.take(), device, |device, text| {
            device.details_mut().serial_number = Some(text);
        });
        put(self.deployment.take(), device, |device, text| {
            device.details_mut().deployment = text;
        });
        put(
            self.bootstrap_expiration_date.take(),
            device,
            |device, text| {
                device.details_mut().bootstrap_expiration_date = Some(text);
            },
        );
        put(
            self.connector_expiration_date.take(),
            device,
            |device, text| {
                device.details_mut().connector_expiration_date = Some(text);
            },
        );
        Ok(())
    }

    /// Writes what may be changed at any time.
    pub(crate) fn apply(self, device: &mut Device) {
        if let Some(name) = self.name {
            device.name = name.into();
        }
        if let Some(attributes) = self.custom_attributes {
            device.custom_attributes = Map::new(attributes);
        }
        if let Some(auto_update) = self.auto_update {
            device.details_mut().auto_update = auto_update;
        }
        put(self.description, device, |device, text| {
            device.details_mut().description = text;
        });
        put(self.endpoint_name, device, |device, text| {
            device.details_mut().endpoint_name = Some(text);
        });
        put(self.endpoint_type, device, |device, text| {
            device.details_mut().endpoint_type = text;
        });
        put(self.host_gateway, device, |device, text| {
            device.details_mut().host_gateway = text;
        });
        put(self.ca_id, device, |device, text| {
            device.details_mut().ca_id = text;
        });
        put(self.device_key, device, |device, text| {
            device.details_mut().device_key = Some(text);
        });
    }
}

fn put(text: Option<String>, device: &mut Device, write: impl FnOnce(&mut Device, String)) {
    if let Some(text) = text {
        write(device, text);
    }
}

/// Custom attributes of a device or a group.
pub(crate) fn check_attributes(
    attributes: &BTreeMap<String, String>,
    most: usize,
) -> Result<(), Refusal> {
    let wrong = |message: String| Err(Refusal::invalid("custom_attributes", message));
    if attributes.len() > most {
        return wrong(format!("More than {most} pairs."));
    }
    for (key, value) in attributes {
        if !key.starts_with(|first: char| first.is_alphabetic()) {
            return wrong(format!("{key} does not begin with a letter."));
        }
        if key.chars().count().max(value.chars().count()) > LONGEST_ATTRIBUTE {
            return wrong(format!(
                "Key and value have at most {LONGEST_ATTRIBUTE} characters."
            ));
        }
    }
    Ok(())
}
