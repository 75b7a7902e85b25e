//! Devices that are there from the beginning: fleets, their groups, and saved queries.

use serde::{Deserialize, Serialize};

/// Domain the demo world's vendor id is made of: version 5 in the namespace of domain names.
pub const DEMO_VENDOR_DOMAIN: &str = "demo.firmdrop.example";
/// Vendor id of the demo world, 32 hexadecimal digits.
pub const DEMO_VENDOR_ID: &str = "77b14822a78e54c6bf1c31e553da7204";
/// Model name of the demo world's larger fleet.
pub const DEMO_PUCK_MODEL: &str = "puck";
/// Its class id: version 5 of the model name under the vendor id.
pub const DEMO_PUCK_CLASS_ID: &str = "192aa4a42a0d5f57b4ff9c941ce77583";
/// Model name of the demo world's smaller fleet.
pub const DEMO_GATE_MODEL: &str = "gate";
/// Its class id.
pub const DEMO_GATE_CLASS_ID: &str = "ae3fd412ad4e5ad9954a4458a298e16d";

/// What an account begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// Its fleets.
    pub fleets: Vec<Fleet>,
    /// Its saved queries: name and filter.
    pub queries: Vec<(String, String)>,
}

/// Devices of one kind. Percentages are exact for every hundred devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fleet {
    /// How many devices.
    pub devices: usize,
    /// What their names begin with; a number follows.
    pub name: String,
    /// Vendor id, 32 hexadecimal digits.
    pub vendor_id: String,
    /// Class id, 32 hexadecimal digits.
    pub class_id: String,
    /// Versions of the component `MAIN`, dealt in turn.
    pub versions: Vec<String>,
    /// Custom attributes: a key and its values, dealt in turn.
    pub attributes: Vec<(String, Vec<String>)>,
    /// Names of groups the devices are dealt to in turn.
    pub groups: Vec<String>,
    /// How many in a hundred are deregistered.
    pub deregistered_percent: usize,
    /// How many in a hundred are registered and do not answer.
    pub silent_percent: usize,
    /// How many in a hundred fail when they update.
    pub failing_percent: usize,
}

impl Fleet {
    /// Registered devices without attributes and groups that all update: version 1.0.0.
    pub fn new(devices: usize, name: &str, vendor_id: &str, class_id: &str) -> Self {
        Self {
            devices,
            name: name.to_owned(),
            vendor_id: vendor_id.to_owned(),
            class_id: class_id.to_owned(),
            versions: vec!["1.0.0".to_owned()],
            attributes: Vec::new(),
            groups: Vec::new(),
            deregistered_percent: 0,
            silent_percent: 0,
            failing_percent: 0,
        }
    }
}

impl Inventory {
    /// One fleet and nothing else.
    pub fn of(fleet: Fleet) -> Self {
        Self {
            fleets: vec![fleet],
            queries: Vec::new(),
        }
    }

    /// What the demo world shows: 120 devices of two classes on three sites.
    pub fn demo() -> Self {
        let gates = Fleet {
            versions: texts(&["2.0.0", "2.1.3"]),
            attributes: vec![sites()],
            groups: texts(&["Oulu laboratory", "Cambridge hall", "Austin yard"]),
            deregistered_percent: 5,
            silent_percent: 5,
            failing_percent: 5,
            ..Fleet::new(40, DEMO_GATE_MODEL, DEMO_VENDOR_ID, DEMO_GATE_CLASS_ID)
        };
        let bench = Fleet {
            versions: texts(&["0.9.0"]),
            attributes: vec![("stage".to_owned(), texts(&["bench"]))],
            groups: texts(&["Test bench"]),
            ..Fleet::new(10, "bench-puck", DEMO_VENDOR_ID, DEMO_PUCK_CLASS_ID)
        };
        let (puck, gate) = (class(DEMO_PUCK_CLASS_ID), class(DEMO_GATE_CLASS_ID));
        Self {
            fleets: vec![pucks(70), gates, bench],
            queries: vec![
                query(
                    "Pucks on the test bench",
                    format!("{puck}&custom_attributes__stage=bench"),
                ),
                query(
                    "Pucks in Oulu",
                    format!("{puck}&custom_attributes__site=Oulu"),
                ),
                query(
                    "Gates on 2.0.0",
                    format!("{gate}&component_attributes__MAIN=2.0.0"),
                ),
                query("Registered devices", "state__eq=registered".to_owned()),
            ],
        }
    }

    /// That many devices of the demo world's larger class and no others: to try large fleets with.
    pub fn pucks(devices: usize) -> Self {
        let puck = class(DEMO_PUCK_CLASS_ID);
        Self {
            fleets: vec![pucks(devices)],
            queries: vec![
                query("Pucks", puck.clone()),
                query(
                    "Pucks in Oulu",
                    format!("{puck}&custom_attributes__site=Oulu"),
                ),
            ],
        }
    }
}

fn pucks(devices: usize) -> Fleet {
    Fleet {
        versions: texts(&["1.0.0", "1.1.0", "1.2.0", "1.2.0"]),
        attributes: vec![sites(), ("ring".to_owned(), texts(&["early", "late"]))],
        groups: texts(&["Oulu laboratory", "Cambridge hall", "Austin yard"]),
        deregistered_percent: 6,
        silent_percent: 5,
        failing_percent: 7,
        ..Fleet::new(devices, DEMO_PUCK_MODEL, DEMO_VENDOR_ID, DEMO_PUCK_CLASS_ID)
    }
}

fn sites() -> (String, Vec<String>) {
    ("site".to_owned(), texts(&["Oulu", "Cambridge", "Austin"]))
}

/// The filter of a class of the demo world's vendor.
fn class(class_id: &str) -> String {
    format!("device_class__eq={class_id}&vendor_id__eq={DEMO_VENDOR_ID}")
}

fn query(name: &str, query: String) -> (String, String) {
    (name.to_owned(), query)
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

impl Inventory {
    /// How many devices there are in all.
    pub fn device_count(&self) -> usize {
        self.fleets.iter().map(|fleet| fleet.devices).sum()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_demo_ids_are_made_of_domain_and_model() {
        let vendor = Uuid::new_v5(&Uuid::NAMESPACE_DNS, DEMO_VENDOR_DOMAIN.as_bytes());
        assert_eq!(vendor.simple().to_string(), DEMO_VENDOR_ID);
        for (model, class) in [
            (DEMO_PUCK_MODEL, DEMO_PUCK_CLASS_ID),
            (DEMO_GATE_MODEL, DEMO_GATE_CLASS_ID),
        ] {
            let made = Uuid::new_v5(&vendor, model.as_bytes());
            assert_eq!(made.simple().to_string(), class);
        }
    }
}
