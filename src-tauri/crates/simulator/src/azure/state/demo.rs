//! Puts an inventory in place: the same at each start.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use firmdrop_core::Sha256;
use serde_json::{Map, json};

use super::{
    DeploymentRequest, Device, DeviceClass, Fleet, Inventory, Outcome, Store, Update, UpdateFile,
    UpdateId, update::written,
};

/// Size of the one file of an update, bytes.
const FILE_BYTES: u64 = 262_144;

fn properties(manufacturer: &str, model: &str) -> BTreeMap<String, String> {
    let pairs = [("manufacturer", manufacturer), ("model", model)];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    pairs.into()
}

fn id_of([provider, name, version]: [&String; 3]) -> UpdateId {
    UpdateId {
        provider: provider.clone(),
        name: name.clone(),
        version: version.clone(),
    }
}

impl Store {
    /// Puts the inventory in place, as at this moment.
    pub(super) fn populate(&mut self, inventory: &Inventory) {
        for [provider, name, version, model] in &inventory.updates {
            let id = id_of([provider, name, version]);
            let update = self.made_up(id, properties(provider, model));
            self.updates.insert(update.id.clone(), update);
        }
        for fleet in &inventory.fleets {
            self.add_fleet(fleet);
        }
        for [id, group, provider, name, version] in &inventory.deployments {
            let now = self.now();
            let request = DeploymentRequest {
                id: id.clone(),
                group: group.clone(),
                update: id_of([provider, name, version]),
                start_text: written(now),
                start: now,
                download_security: Some("https".to_owned()),
                rollback: None,
            };
            // An inventory whose deployment has no update or group begins without it.
            let _ = self.deploy(request);
        }
    }

    fn add_fleet(&mut self, fleet: &Fleet) {
        let now = self.now();
        let class = DeviceClass::new(properties(&fleet.manufacturer, &fleet.model));
        let class_id = class.id.clone();
        self.classes.entry(class_id.clone()).or_insert(class);
        self.groups.entry(fleet.group.clone()).or_insert(now);
        let installed = fleet.installed.as_ref();
        let installed = installed.map(|[provider, name, version]| id_of([provider, name, version]));
        let site = fleet.group.trim_start_matches('$');
        for number in 1..=fleet.devices {
            let mut outcomes = fleet.outcomes.iter().cycle();
            let outcome = outcomes.nth(number - 1).copied();
            let id = format!("{}-{site}-{number:03}", fleet.name);
            let device = Device {
                id: id.clone(),
                class: class_id.clone(),
                group: fleet.group.clone(),
                outcome: outcome.unwrap_or(Outcome::Succeeds),
                installed: installed.clone(),
                last_attempted: None,
                last_deployment: None,
                deployment_status: None,
                last_result: None,
                has_failed: false,
                seen: now,
            };
            self.devices.insert(id, device);
        }
    }

    fn made_up(&mut self, id: UpdateId, compatibility: BTreeMap<String, String>) -> Update {
        let now = self.now();
        let name = format!("{}-{}.swu", id.name.to_lowercase(), id.version);
        let file = UpdateFile {
            id: format!("f{}", self.next_guid().replace('-', "")),
            sha256: STANDARD.encode(Sha256::of(name.as_bytes()).as_bytes()),
            name: name.clone(),
            size_bytes: FILE_BYTES,
            properties: Map::new(),
            related: Vec::new(),
            download_handler: None,
            etag: self.next_etag(),
        };
        let step = json!({
            "type": "inline",
            "description": "Install",
            "handler": "microsoft/swupdate:2",
            "files": [name],
            "handlerProperties": { "installedCriteria": id.version },
        });
        Update {
            description: Some(format!("{} {}", id.name, id.version)),
            friendly_name: None,
            is_deployable: true,
            kind: None,
            installed_criteria: None,
            compatibility: vec![compatibility],
            steps: vec![step],
            references: Vec::new(),
            files: vec![file],
            manifest_version: "5.0".to_owned(),
            created: written(now),
            imported: now,
            etag: self.next_etag(),
            is_lost: false,
            id,
        }
    }
}
