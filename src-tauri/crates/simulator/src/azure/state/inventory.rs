//! What an instance begins with: updates, and devices in groups.

use super::Outcome;

/// Devices of one kind in one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fleet {
    /// The group they are in.
    pub group: String,
    /// The beginning of their names.
    pub name: String,
    /// How many there are.
    pub devices: usize,
    /// What they report as `manufacturer`.
    pub manufacturer: String,
    /// What they report as `model`.
    pub model: String,
    /// Provider, name and version of the update they run, if any.
    pub installed: Option<[String; 3]>,
    /// What becomes of updates on them: each device takes the next, over and over.
    pub outcomes: Vec<Outcome>,
}

/// What an instance begins with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Updates: provider, name, version, and the model that they are for.
    pub updates: Vec<[String; 4]>,
    /// The devices.
    pub fleets: Vec<Fleet>,
    /// Deployments that run from the beginning: id, group, and provider, name and version.
    pub deployments: Vec<[String; 5]>,
}

impl Fleet {
    /// Devices on which every update succeeds.
    pub fn new(group: &str, devices: usize, manufacturer: &str, model: &str) -> Self {
        Self {
            group: group.to_owned(),
            name: model.to_lowercase(),
            devices,
            manufacturer: manufacturer.to_owned(),
            model: model.to_owned(),
            installed: None,
            outcomes: vec![Outcome::Succeeds],
        }
    }

    /// Devices that run this update.
    #[must_use]
    pub fn running(mut self, provider: &str, name: &str, version: &str) -> Self {
        self.installed = Some([provider, name, version].map(str::to_owned));
        self
    }

    /// Devices on which updates come out like this in turn.
    #[must_use]
    pub fn with_outcomes(mut self, outcomes: &[Outcome]) -> Self {
        self.outcomes = outcomes.to_vec();
        self
    }
}

impl Inventory {
    /// What the demo world shows: two providers, three models on three sites, and a deployment that
    /// runs.
    pub fn demo() -> Self {
        let update = |[name, version]: [&str; 2]| {
            let provider = if name == "Gateway" {
                "Fabrikam"
            } else {
                "Contoso"
            };
            [provider, name, version, name].map(str::to_owned)
        };
        let mixed = [
            Outcome::Succeeds,
            Outcome::Succeeds,
            Outcome::FailsOnce,
            Outcome::Succeeds,
            Outcome::Silent,
        ];
        let toaster = |group, devices| {
            Fleet::new(group, devices, "Contoso", "Toaster").running("Contoso", "Toaster", "1.0")
        };
        let thermostat = |group, devices, version| {
            Fleet::new(group, devices, "Contoso", "Thermostat").running(
                "Contoso",
                "Thermostat",
                version,
            )
        };
        let gateway = |group, devices| {
            Fleet::new(group, devices, "Fabrikam", "Gateway").running("Fabrikam", "Gateway", "2.0")
        };
        let deployment = [
            "thermostat-1.2-oulu",
            "oulu-lab",
            "Contoso",
            "Thermostat",
            "1.2",
        ];
        Self {
            updates: vec![
                update(["Toaster", "1.0"]),
                update(["Toaster", "1.1"]),
                update(["Thermostat", "1.0"]),
                update(["Thermostat", "1.2"]),
                update(["Gateway", "2.0"]),
                update(["Gateway", "2.1.3"]),
            ],
            fleets: vec![
                Fleet::new("$default", 3, "Contoso", "Toaster"),
                thermostat("oulu-lab", 12, "1.0").with_outcomes(&mixed),
                toaster("oulu-lab", 6),
                gateway("oulu-lab", 2),
                toaster("cambridge-hall", 8).with_outcomes(&mixed),
                thermostat("cambridge-hall", 4, "1.2"),
                gateway("austin-yard", 5).with_outcomes(&[Outcome::Succeeds, Outcome::Fails]),
            ],
            deployments: vec![deployment.map(str::to_owned)],
        }
    }
}
