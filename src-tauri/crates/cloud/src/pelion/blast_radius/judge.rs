//! What one device and the manifest's facts say together.

use std::cmp::Ordering;

use super::{BlastRadius, DeviceSample, ManifestFacts};
use crate::pelion::Device;

/// The component that is meant when a manifest names none. Source: the vendor's manifest tool.
pub const MAIN_COMPONENT: &str = "MAIN";

/// How a device stands to a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Fits,
    WrongVendor,
    WrongClass,
    UpToDate,
    Newer,
    CannotTell,
}

/// Counts the device under everything that is true of it. Returns it in short.
pub(super) fn judge(
    radius: &mut BlastRadius,
    device: &Device,
    facts: &ManifestFacts,
) -> DeviceSample {
    let version = version_of(device, facts);
    let sample = DeviceSample {
        id: device.id.clone(),
        name: name_of(device).to_owned(),
        state: device.state.clone(),
        version: version.map(str::to_owned),
    };
    let order = version.and_then(|has| compared(has, facts.version.as_deref()?));
    radius.matching.add(&sample);
    match verdict(device, facts, order) {
        Verdict::Fits => radius.fits.add(&sample),
        Verdict::WrongVendor => radius.wrong_vendor.add(&sample),
        Verdict::WrongClass => radius.wrong_class.add(&sample),
        Verdict::UpToDate => radius.up_to_date.add(&sample),
        Verdict::Newer => radius.newer.add(&sample),
        Verdict::CannotTell => radius.cannot_tell.add(&sample),
    }
    if facts.version.is_some() && order.is_none() {
        radius.version_unknown.add(&sample);
    }
    if device.state != "registered" {
        radius.not_registered.add(&sample);
    }
    let suspended = [device.operator_suspended, device.system_suspended].contains(&Some(true));
    if suspended || device.lifecycle_status == "blocked" {
        radius.blocked.add(&sample);
    }
    if device.bootstrapped_timestamp.is_none() {
        radius.last_seen_unknown.add(&sample);
    }
    sample
}

fn verdict(device: &Device, facts: &ManifestFacts, version: Option<Ordering>) -> Verdict {
    let vendor = same_id(&device.vendor_id, facts.vendor_id.as_deref());
    let class = same_id(&device.device_class, facts.class_id.as_deref());
    let checksum = same_id(&device.firmware_checksum, facts.image_sha256.as_deref());
    match (vendor, class, version) {
        (Some(false), _, _) => Verdict::WrongVendor,
        (_, Some(false), _) => Verdict::WrongClass,
        (_, _, Some(Ordering::Equal)) => Verdict::UpToDate,
        (_, _, Some(Ordering::Greater)) => Verdict::Newer,
        (_, _, None) if checksum == Some(true) => Verdict::UpToDate,
        (Some(true), Some(true), _) => Verdict::Fits,
        _ => Verdict::CannotTell,
    }
}

pub(super) fn version_of<'a>(device: &'a Device, facts: &ManifestFacts) -> Option<&'a str> {
    let component = facts.component.as_deref().unwrap_or(MAIN_COMPONENT);
    device
        .component_attributes
        .get(component)
        .map(String::as_str)
}

fn name_of(device: &Device) -> &str {
    let names = [&device.name, &device.endpoint_name, &device.id];
    names
        .into_iter()
        .find(|name| !name.is_empty())
        .map_or("", String::as_str)
}

/// Whether two ids are the same; `None` when one is not stated. A manifest writes hyphens, a device
/// record none.
fn same_id(has: &str, wanted: Option<&str>) -> Option<bool> {
    let digits = |id: &str| -> String {
        let letters = id.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|letter| letter.to_ascii_lowercase()).collect()
    };
    let (has, wanted) = (digits(has), digits(wanted?));
    (!has.is_empty() && !wanted.is_empty()).then(|| has == wanted)
}

/// How a device's version stands to another one; `None` when they cannot be compared.
fn compared(has: &str, wanted: &str) -> Option<Ordering> {
    if has == wanted {
        return Some(Ordering::Equal);
    }
    let numbers = |text: &str| -> Option<Vec<u64>> {
        let mut numbers: Vec<u64> = text
            .trim()
            .split('.')
            .map(|part| part.parse().ok())
            .collect::<Option<_>>()?;
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        Some(numbers)
    };
    Some(numbers(has)?.cmp(&numbers(wanted)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> ManifestFacts {
        ManifestFacts {
            vendor_id: Some("cfbff0d1-9375-5685-968c-48ce8b15ae17".to_owned()),
            class_id: Some("C9E5E8A4-DD02-584F-BCAD-02E9CD816D21".to_owned()),
            version: Some("1.42.0".to_owned()),
            ..ManifestFacts::default()
        }
    }

    fn device(version: Option<&str>) -> Device {
        let mut device = Device {
            id: "a".to_owned(),
            vendor_id: "cfbff0d193755685968c48ce8b15ae17".to_owned(),
            device_class: "c9e5e8a4dd02584fbcad02e9cd816d21".to_owned(),
            state: "registered".to_owned(),
            bootstrapped_timestamp: Some("t".to_owned()),
            ..Device::default()
        };
        if let Some(version) = version {
            device
                .component_attributes
                .insert("MAIN".to_owned(), version.to_owned());
        }
        device
    }

    fn of(device: &Device, facts: &ManifestFacts) -> Verdict {
        let order =
            version_of(device, facts).and_then(|has| compared(has, facts.version.as_deref()?));
        verdict(device, facts, order)
    }

    #[test]
    fn ids_are_compared_without_hyphens_and_case_and_versions_as_numbers() {
        for (version, expected) in [
            (Some("1.41.9"), Verdict::Fits),
            (Some("1.9.0"), Verdict::Fits),
            (Some("1.42"), Verdict::UpToDate),
            (Some("1.100.0"), Verdict::Newer),
            (Some("nightly"), Verdict::Fits),
            (None, Verdict::Fits),
        ] {
            assert_eq!(of(&device(version), &facts()), expected, "{version:?}");
        }
        let mut other = device(None);
        other.device_class = "00".to_owned();
        assert_eq!(of(&other, &facts()), Verdict::WrongClass);
        other.vendor_id = "00".to_owned();
        assert_eq!(of(&other, &facts()), Verdict::WrongVendor);
        assert_eq!(of(&Device::default(), &facts()), Verdict::CannotTell);
        assert_eq!(
            of(&device(None), &ManifestFacts::default()),
            Verdict::CannotTell
        );
    }

    #[test]
    fn a_device_that_tells_the_image_itself_is_up_to_date() {
        let mut has = device(None);
        has.firmware_checksum = "AB12".to_owned();
        let facts = ManifestFacts {
            image_sha256: Some("ab12".to_owned()),
            version: None,
            ..facts()
        };
        assert_eq!(of(&has, &facts), Verdict::UpToDate);
    }

    #[test]
    fn a_device_is_counted_under_everything_that_is_true_of_it() {
        let mut radius = BlastRadius::default();
        judge(&mut radius, &device(Some("1.0.0")), &facts());
        let mut lost = device(None);
        lost.state = "deregistered".to_owned();
        lost.lifecycle_status = "blocked".to_owned();
        lost.bootstrapped_timestamp = None;
        judge(&mut radius, &lost, &facts());
        assert_eq!((radius.matching.count, radius.fits.count), (2, 2));
        assert_eq!((radius.not_registered.count, radius.blocked.count), (1, 1));
        assert_eq!(
            (radius.version_unknown.count, radius.last_seen_unknown.count),
            (1, 1)
        );
    }

    #[test]
    fn samples_stay_few_however_many_there_are() {
        let mut radius = BlastRadius::default();
        for _ in 0..1000 {
            judge(&mut radius, &device(None), &facts());
        }
        assert_eq!((radius.fits.count, radius.fits.sample.len()), (1000, 20));
    }
}
