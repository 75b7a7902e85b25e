//! Whether a device matches the filter of a campaign whose devices the service does not list yet.
//! An estimate: only the service's own answer counts.

use std::{borrow::Cow, cmp::Ordering};

use crate::pelion::{Device, Filter, FilterText, Operator};

/// Whether the device matches; `None` when a field is not known here.
pub(super) fn matches(filter: &FilterText, device: &Device) -> Option<bool> {
    let mut all = true;
    for condition in &filter.conditions {
        all &= holds(condition, device)?;
    }
    Some(all)
}

fn holds(condition: &Filter, device: &Device) -> Option<bool> {
    let has = value(device, &condition.field)?;
    let wanted = condition.value.as_str();
    let listed = || wanted.split(',').any(|one| one == has);
    Some(match condition.operator {
        Operator::Equal => has == wanted,
        Operator::NotEqual => has != wanted,
        Operator::In => listed(),
        Operator::NotIn => !listed(),
        // Moments in UTC stand in the order of their letters.
        Operator::AtMost => (*has).cmp(wanted) != Ordering::Greater,
        Operator::AtLeast => (*has).cmp(wanted) != Ordering::Less,
    })
}

fn value<'a>(device: &'a Device, field: &str) -> Option<Cow<'a, str>> {
    let keyed = |map: &'a std::collections::BTreeMap<String, String>, key: &str| {
        Cow::from(map.get(key).map_or("", String::as_str))
    };
    if let Some(key) = field.strip_prefix("custom_attributes__") {
        return Some(keyed(&device.custom_attributes, key));
    }
    if let Some(key) = field.strip_prefix("component_attributes__") {
        return Some(keyed(&device.component_attributes, key));
    }
    let text: &str = match field {
        "id" => &device.id,
        "name" => &device.name,
        "description" => &device.description,
        "endpoint_name" => &device.endpoint_name,
        "endpoint_type" => &device.endpoint_type,
        "serial_number" => &device.serial_number,
        "vendor_id" => &device.vendor_id,
        "device_class" => &device.device_class,
        "state" => &device.state,
        "lifecycle_status" => &device.lifecycle_status,
        "deployed_state" => &device.deployed_state,
        "firmware_checksum" => &device.firmware_checksum,
        "mechanism" => &device.mechanism,
        "mechanism_url" => &device.mechanism_url,
        "host_gateway" => &device.host_gateway,
        "account_id" => &device.account_id,
        "ca_id" => &device.ca_id,
        "device_key" => &device.device_key,
        "manifest" => &device.manifest,
        "deployment" => &device.deployment,
        "created_at" => &device.created_at,
        "updated_at" => &device.updated_at,
        "net_id" => device.net_id.as_deref().unwrap_or_default(),
        "device_execution_mode" => {
            let mode = device.device_execution_mode?;
            return Some(mode.to_string().into());
        }
        _ => return None,
    };
    Some(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pelion::Collection;

    #[test]
    fn a_device_is_held_against_every_condition() {
        let mut device = Device {
            id: "a".to_owned(),
            state: "registered".to_owned(),
            created_at: "2020-05-01T00:00:00Z".to_owned(),
            ..Device::default()
        };
        device
            .custom_attributes
            .insert("tag".to_owned(), "x".to_owned());
        let judged = |text: &str| {
            matches(
                &FilterText::parse(text, Collection::Devices).unwrap(),
                &device,
            )
        };
        assert_eq!(
            judged("id__in=b,a&state__eq=registered&custom_attributes__tag=x"),
            Some(true)
        );
        assert_eq!(judged("id__nin=b,a"), Some(false));
        assert_eq!(
            judged("created_at__gte=2020-01-01T00:00:00Z&created_at__lte=2020-12-31T00:00:00Z"),
            Some(true)
        );
        assert_eq!(judged("state__neq=registered"), Some(false));
        assert_eq!(judged("custom_attributes__other=x"), Some(false));
        assert_eq!(judged("colour__eq=red"), None);
    }
}
