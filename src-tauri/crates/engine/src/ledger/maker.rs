//! Who writes an entry: which computer, and which face of the program.

use firmdrop_core::Sha256;
use serde::{Deserialize, Serialize};

use super::clean::clean;

/// Longest name of a computer that is written down, characters.
const LONGEST_NAME: usize = 64;

/// Who wrote an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maker {
    /// The computer.
    pub station: Station,
    /// The face: `cli`, `window`.
    pub face: String,
}

impl Maker {
    /// This computer, and this face.
    pub(crate) fn here(face: &str) -> Self {
        Self {
            station: Station::here(),
            face: face.to_owned(),
        }
    }
}

/// A computer, so that ledgers of several can be told apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Station {
    /// Made from the system's own id and not turned back into it; absent where the system has none.
    pub id: Option<String>,
    /// Its host name; absent when it is not known.
    pub name: Option<String>,
}

impl Station {
    fn here() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).ok();
        let machine = read("/etc/machine-id").or_else(|| read("/var/lib/dbus/machine-id"));
        let variable = |name: &str| std::env::var(name).ok();
        let name = read("/proc/sys/kernel/hostname")
            .or_else(|| variable("COMPUTERNAME"))
            .or_else(|| variable("HOSTNAME"));
        let text = |text: Option<String>| {
            text.map(|text| clean(text.trim(), LONGEST_NAME))
                .filter(|text| !text.is_empty())
        };
        Self {
            id: text(machine).map(|id| station_id(&id)),
            name: text(name),
        }
    }
}

/// The id of a machine is confidential by its own documentation (`machine-id(5)`): it is hashed.
fn station_id(machine_id: &str) -> String {
    let id = Sha256::of(format!("firmdrop station\n{machine_id}").as_bytes()).to_string();
    id[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_computer_has_the_same_id_and_not_its_machines() {
        let machine = "0123456789abcdef0123456789abcdef";
        assert_eq!(station_id(machine), station_id(machine));
        assert!(!machine.contains(&station_id(machine)));
        assert_eq!(Station::here(), Station::here());
    }
}
