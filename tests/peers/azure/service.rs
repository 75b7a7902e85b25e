//! `azure-iot-deviceupdate`, newest and oldest, and the simulated Device Update service.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use firmdrop_core::Sha256;
use firmdrop_simulator::{
    azure::{
        AzureOptions, AzureServer, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, Fleet, Inventory, Outcome,
        Pace,
    },
    blob::{BlobOptions, BlobServer},
};
use serde_json::{Value, json};

use crate::run;

const FILE: &[u8] = b"the firmware of kettles";
const HOUR: Duration = Duration::from_hours(1);
const GROUP: &str = "lab";

/// Six toasters, of which one fails once and one is silent; a group and a class without devices.
fn inventory() -> Inventory {
    let outcomes = [
        Outcome::Succeeds,
        Outcome::FailsOnce,
        Outcome::Succeeds,
        Outcome::Silent,
        Outcome::Succeeds,
        Outcome::Succeeds,
    ];
    let update = |version: &str| ["Contoso", "Toaster", version, "Toaster"].map(str::to_owned);
    let toasters = Fleet::new(GROUP, 6, "Contoso", "Toaster").running("Contoso", "Toaster", "1.0");
    Inventory {
        updates: vec![update("1.0"), update("1.1")],
        fleets: vec![
            toasters.with_outcomes(&outcomes),
            Fleet::new("$default", 2, "Contoso", "Lamp"),
            Fleet::new("empty", 0, "Contoso", "Nothing"),
        ],
        deployments: Vec::new(),
    }
}

fn sha256(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::of(bytes).as_bytes())
}

/// Stores the manifest and its file; an item of an import.
async fn staged(storage: &BlobServer, name: &str, manifest: &Value) -> Value {
    let text = manifest.to_string();
    storage.store("new", name, text.as_bytes()).await.unwrap();
    storage.store("new", "kettle.bin", FILE).await.unwrap();
    json!({
        "importManifest": {
            "url": storage.signed_url("new", name, "r", HOUR),
            "sizeInBytes": text.len(),
            "hashes": {"sha256": sha256(text.as_bytes())},
        },
        "friendlyName": "Kettle, first",
        "files": [{
            "filename": "kettle.bin",
            "url": storage.signed_url("new", "kettle.bin", "r", HOUR),
        }],
    })
}

fn file() -> Value {
    json!([{"filename": "kettle.bin", "sizeInBytes": FILE.len(), "hashes": {"sha256": sha256(FILE)}}])
}

fn manifest() -> Value {
    json!({
        "updateId": {"provider": "Contoso", "name": "Kettle", "version": "1.0"},
        "compatibility": [{"manufacturer": "Contoso", "model": "Kettle"}],
        "instructions": {"steps": [{"handler": "microsoft/swupdate:1", "files": ["kettle.bin"],
            "handlerProperties": {"installedCriteria": "1.0"}}]},
        "files": file(),
        "createdDateTime": "2026-01-19T06:23:52.6996916Z",
        "manifestVersion": "5.0",
    })
}

fn manifest_of_the_first_generation() -> Value {
    json!({
        "updateId": {"provider": "Contoso", "name": "Kettle", "version": "2.0"},
        "updateType": "microsoft/swupdate:1",
        "installedCriteria": "5",
        "compatibility": [{"deviceManufacturer": "Contoso", "deviceModel": "Kettle"}],
        "files": file(),
        "createdDateTime": "2020-10-08T03:32:52.477Z",
        "manifestVersion": "2.0",
    })
}

struct World {
    server: AzureServer,
    storage: BlobServer,
}

impl World {
    async fn start() -> Self {
        let server = AzureServer::start(AzureOptions {
            inventory: inventory(),
            page_items: 2,
            pace: Pace {
                device: Duration::from_millis(50),
                ..Pace::FAST
            },
            ..AzureOptions::default()
        });
        Self {
            server: server.await.unwrap(),
            storage: BlobServer::start(BlobOptions::default()).await.unwrap(),
        }
    }

    fn arguments(&self, more: &Value) -> Value {
        let classes = ["Toaster", "Nothing"].map(|model| {
            let text = format!("manufacturer=Contoso\nmodel={model}");
            Sha256::of(text.as_bytes()).to_string()[..40].to_owned()
        });
        let mut arguments = json!({
            "url": self.server.url(),
            "instance": self.server.instance(),
            "authority": self.server.authority(),
            "tenant": self.server.tenant(),
            "client": DEMO_CLIENT_ID,
            "secret": DEMO_CLIENT_SECRET,
            "group": GROUP,
            "class": classes[0],
            "empty class": classes[1],
        });
        let all = arguments.as_object_mut().unwrap();
        all.extend(more.as_object().unwrap().clone());
        arguments
    }
}

fn agrees(said: &Value, expected: &Value) {
    for (what, expected) in expected.as_object().unwrap() {
        assert_eq!(said[what], *expected, "{what} in {said:#}");
    }
    let unexpected: Vec<_> = said.as_object().unwrap().keys().collect();
    assert_eq!(unexpected.len(), expected.as_object().unwrap().len());
}

fn expected() -> Value {
    let mut expected = expected_of_devices();
    let more = json!({
        "update": ["Kettle, first", true, "5.0", "Success"],
        "not modified": [304, null],
        "no update": [404, null],
        "again": ["UpdateAlreadyExists", null],
        "broken": ["CannotProcessImportManifest", "CannotParse"],
        "searched": ["Kettle"],
        "deployable": 3,
        "providers": ["Contoso"],
        "names": ["Kettle", "Toaster"],
        "versions": ["1.0", "1.1"],
        "file": [1, "kettle.bin", FILE.len()],
        "jobs": 3,
        "jobs that run": [],
        "job": "Succeeded",
        "deleted": [404, null],
        "old token": [401, null],
        "never called": [],
    });
    let all = expected.as_object_mut().unwrap();
    all.extend(more.as_object().unwrap().clone());
    expected
}

fn expected_of_devices() -> Value {
    json!({
        "classes": 3,
        "class": ["Hot-things", "1.1"],
        "by name": 1,
        "installable": ["1.0", "1.1"],
        "class with devices": [409, "DeviceClassNotEmpty"],
        "devices": 6,
        "device": "1.0",
        "module": [404, null],
        "device job": "Succeeded",
        "groups": ["$default", "empty", "lab"],
        "largest group": "lab",
        "group": 6,
        "subgroups": 1,
        "subgroups of": 1,
        "subgroup": 6,
        "subgroup with devices": [409, "SubgroupNotEmpty"],
        "compliance": [[8, 2, 6, 0], [6, 0, 6, 0], [6, 0, 6, 0]],
        "best": [["1.1", 6]],
        "best of subgroup": 6,
        "deployment": [true, false, false],
        "no such update": [400, "DeploymentCannotBeCreated"],
        "bad id": [400, "InvalidDeploymentId"],
        "after a while": [4, 1, 0, 1],
        "states": ["Failed", "InProgress", "Succeeded", "Succeeded", "Succeeded", "Succeeded"],
        "result": [0, -2_144_334_063, 1],
        "retried": true,
        "after another": [5, 0, 0, 1],
        "canceled": true,
        "at last": [5, 0, 1, 0],
        "group status": "Canceled",
        "deployments": ["toast"],
        "deployments of subgroup": 1,
        "same": true,
        "gone": [404, null],
        "logs": [{"deviceId": "toaster-lab-001"}],
        "logs again": [409, "LogCollectionAlreadyExists"],
        "collections": ["logs-1"],
        "collection": "Why?",
        "detailed": 1,
        "unhealthy": ["toaster-lab-004"],
    })
}

async fn works_with_newest(version: Option<&str>) {
    let world = World::start().await;
    let mut broken = manifest();
    broken["updateId"]["version"] = json!("1");
    let arguments = world.arguments(&json!({
        "version": version,
        "item": staged(&world.storage, "good.json", &manifest()).await,
        "broken": staged(&world.storage, "broken.json", &broken).await,
    }));
    let said = run(".venv-azure", "service.py", &arguments).await;
    agrees(&said, &expected());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn microsofts_newest_client_uses_every_operation() {
    works_with_newest(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn microsofts_newest_client_uses_every_operation_of_the_version_before() {
    works_with_newest(Some("2022-10-01")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn microsofts_oldest_client_uses_every_operation() {
    let world = World::start().await;
    let manifest = manifest_of_the_first_generation();
    let arguments = world.arguments(&json!({
        "item": staged(&world.storage, "good.json", &manifest).await,
    }));
    let said = run(".venv-azure-legacy", "legacy.py", &arguments).await;
    let expected = json!({
        "locations": [true, ["", "deviceupdate", "demo", "updates", "operations"], "api-version=2"],
        "job": ["Succeeded", "Kettle",
            "/deviceupdate/demo/v2/updates/providers/Contoso/names/Kettle/versions/2.0"],
        "jobs": [true],
        "jobs that run": 0,
        "update": ["microsoft/swupdate:1", "5", "2.0"],
        "makers": [["Contoso", "Kettle"]],
        "not modified": true,
        "providers": ["Contoso"],
        "names": ["Kettle", "Toaster"],
        "versions": ["1.0", "1.1"],
        "file": "kettle.bin",
        "no update": [404, null],
        "classes": 3,
        "class": "1.1",
        "ids": 6,
        "installable": ["1.0", "1.1"],
        "devices": 6,
        "device": "Toaster",
        "compliance": 8,
        "tags": 3,
        "tag": 6,
        "groups": 3,
        "group": 6,
        "new group": 0,
        "compliance of group": 6,
        "best": [["1.1", 6]],
        "deployment": false,
        "status": ["Active", 4, 1, 1],
        "failed": 1,
        "retried": true,
        "canceled": true,
        "completed": true,
        "deployments": ["toast"],
        "gone": [404, null],
        "never called": [],
    });
    agrees(&said, &expected);
}
