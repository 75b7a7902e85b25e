//! What devices can be filtered by: vendor's API reference, and the table of filters of its SDK.

use firmdrop_core::Moment;

use super::{Device, Id};
use crate::pelion::state::{
    ACCOUNT_ID,
    filter::{Cell, Field, Item, moment},
};

/// The fields; `groups` is not among them.
pub(crate) static FIELDS: [Field; 34] = [
    Field::text("id"),
    Field::text("name"),
    Field::text("account_id"),
    Field::flag("auto_update"),
    Field::moment("bootstrap_expiration_date"),
    Field::moment("bootstrapped_timestamp"),
    Field::text("ca_id"),
    Field::moment("connector_expiration_date"),
    Field::moment("created_at"),
    Field::text("deployed_state"),
    Field::text("deployment"),
    Field::text("description"),
    Field::text("device_class"),
    Field::number("device_execution_mode", false),
    Field::text("device_key"),
    Field::text("endpoint_name"),
    Field::text("endpoint_type"),
    Field::moment("enrolment_list_timestamp"),
    Field::moment("etag"),
    Field::text("firmware_checksum"),
    Field::text("host_gateway"),
    Field::text("lifecycle_status"),
    Field::text("manifest"),
    Field::moment("manifest_timestamp"),
    Field::text("mechanism"),
    Field::text("mechanism_url"),
    Field::text("net_id"),
    Field::flag("operator_suspended"),
    Field::text("serial_number"),
    Field::text("state"),
    Field::moment("updated_at"),
    Field::text("vendor_id"),
    Field::map("custom_attributes"),
    Field::map("component_attributes"),
];

impl Item for Device {
    fn cell(&self, id: Id, field: &'static str) -> Cell<'_> {
        match field {
            "id" => Cell::Id(id),
            "name" => self.name.as_ref().into(),
            "vendor_id" => self.vendor_id.as_ref().into(),
            "device_class" => self.class_id.as_ref().into(),
            "state" => self.state.text().into(),
            "lifecycle_status" => self.lifecycle_status().into(),
            "operator_suspended" => Cell::Flag(self.is_blocked),
            "created_at" => Cell::Moment(self.created_at),
            "updated_at" | "etag" => Cell::Moment(self.updated_at),
            "bootstrapped_timestamp" => self.bootstrapped_at.into(),
            "manifest_timestamp" => self.manifest_at.into(),
            "firmware_checksum" => match self.firmware_checksum {
                Some(checksum) => checksum.to_string().into(),
                None => Cell::Nothing,
            },
            "manifest" => self
                .manifest
                .map_or(Cell::Nothing, |manifest| manifest.to_string().into()),
            "endpoint_name" => self.endpoint_name(id).into(),
            "serial_number" => self.serial_number(id).into(),
            "device_key" => self.key(id).into(),
            "account_id" => ACCOUNT_ID.into(),
            "deployed_state" => self.deployed_state().into(),
            _ => self.rare_cell(field),
        }
    }

    fn entry(&self, field: &'static str, key: &str) -> Option<&str> {
        let map = match field {
            "custom_attributes" => &self.custom_attributes,
            "component_attributes" => &self.components,
            _ => return None,
        };
        map.get(key).map(String::as_str)
    }
}

impl Device {
    fn rare_cell(&self, field: &'static str) -> Cell<'_> {
        let details = self.details();
        let date = |text: &Option<String>| text.as_deref().and_then(date);
        match field {
            "auto_update" => Cell::Flag(details.auto_update),
            "bootstrap_expiration_date" => date(&details.bootstrap_expiration_date).into(),
            "connector_expiration_date" => date(&details.connector_expiration_date).into(),
            "ca_id" => details.ca_id.as_str().into(),
            "deployment" => details.deployment.as_str().into(),
            "description" => details.description.as_str().into(),
            "device_execution_mode" => Cell::Number(details.device_execution_mode),
            "endpoint_type" => details.endpoint_type.as_str().into(),
            "host_gateway" => details.host_gateway.as_str().into(),
            "mechanism" => details.mechanism.as_str().into(),
            "mechanism_url" => details.mechanism_url.as_str().into(),
            "net_id" => details.net_id.as_deref().map_or(Cell::Nothing, Cell::from),
            _ => Cell::Nothing,
        }
    }

    pub(crate) const fn lifecycle_status(&self) -> &'static str {
        if self.is_blocked {
            "blocked"
        } else {
            "enabled"
        }
    }

    /// Execution mode 5 is a device made for production: vendor's API reference.
    pub(crate) fn deployed_state(&self) -> &'static str {
        match self.details().device_execution_mode {
            5 => "production",
            _ => "development",
        }
    }
}

/// Reads a date with or without a time.
pub(crate) fn date(text: &str) -> Option<Moment> {
    moment(text).or_else(|| moment(&format!("{text}T00:00:00Z")))
}
