//! What a manifest has to say to fit devices that are there already.

use firmdrop_manifest::SemanticVersion;

use super::{ManifestFacts, judge::version_of};
use crate::pelion::Device;

/// Fills in what these devices agree on, and the next version after their highest. What they do not
/// agree on stays open.
pub(super) fn completed(facts: &ManifestFacts, devices: &[Device]) -> ManifestFacts {
    let vendor = || same(devices.iter().map(|device| &*device.vendor_id));
    let class = || same(devices.iter().map(|device| &*device.device_class));
    let highest = devices
        .iter()
        .filter_map(|device| SemanticVersion::read(version_of(device, facts)?).ok())
        .max();
    ManifestFacts {
        vendor_id: facts.vendor_id.clone().or_else(vendor),
        class_id: facts.class_id.clone().or_else(class),
        version: (facts.version.clone())
            .or_else(|| highest?.next().map(|version| version.to_string())),
        ..facts.clone()
    }
}

/// The one word all of them say; silent ones do not count.
fn same<'a>(words: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut stated = words.filter(|word| !word.is_empty());
    let first = stated.next()?;
    stated
        .all(|word| word.eq_ignore_ascii_case(first))
        .then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(vendor: &str, class: &str, version: &str) -> Device {
        let json = serde_json::json!({
            "id": "d", "vendor_id": vendor, "device_class": class,
            "component_attributes": {"MAIN": version},
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn devices_that_agree_tell_vendor_class_and_the_next_version() {
        let devices = [
            device("aa", "BB", "1.9.9"),
            device("AA", "bb", "1.10.0"),
            device("", "", "nightly"),
        ];
        let facts = completed(&ManifestFacts::default(), &devices);
        assert_eq!(facts.vendor_id.as_deref(), Some("aa"));
        assert_eq!(facts.class_id.as_deref(), Some("BB"));
        assert_eq!(facts.version.as_deref(), Some("1.10.1"));
    }

    #[test]
    fn what_is_given_stays_and_what_they_disagree_on_stays_open() {
        let devices = [device("aa", "bb", "1.0.0"), device("aa", "cc", "1.0.0")];
        let given = ManifestFacts {
            version: Some("3.0.0".into()),
            ..ManifestFacts::default()
        };
        let facts = completed(&given, &devices);
        assert_eq!(
            (facts.class_id, facts.version.as_deref()),
            (None, Some("3.0.0"))
        );
    }
}
