//! A command line with an account at a simulated service, a fleet, a signing key and a firmware.

use firmdrop_simulator::pelion::{
    DEMO_PUCK_CLASS_ID, DEMO_VENDOR_ID, Fleet, Inventory, PelionOptions, PelionServer,
};
use serde_json::Value;

use super::cli_world::{Cli, Ran, bytes, poll};

pub(crate) const KEY: &str = "ak_marker_that_must_never_be_shown";

/// A home with the account `bench` and the key `front`, and a service with quick devices.
pub(crate) struct World {
    pub(crate) cli: Cli,
    pub(crate) server: PelionServer,
    pub(crate) firmware: String,
    _runtime: tokio::runtime::Runtime,
}

impl World {
    pub(crate) fn new(devices: usize) -> Self {
        let cli = Cli::new();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let fleet = Fleet::new(devices, "puck", DEMO_VENDOR_ID, DEMO_PUCK_CLASS_ID);
        let options = PelionOptions {
            inventory: Inventory::of(fleet),
            ..PelionOptions::new(KEY)
        };
        let server = runtime.block_on(PelionServer::start(options)).unwrap();
        let key = cli.file("key", KEY.as_bytes());
        let url = server.url();
        let add = [
            "account",
            "add",
            "bench",
            "--host",
            &url,
            "--key-file",
            &key,
        ];
        cli.run(&add).exits(0);
        cli.run(&["manifest", "key", "new", "front"]).exits(0);
        let firmware = cli.file("puck.bin", &bytes(40_000, 1));
        Self {
            cli,
            server,
            firmware,
            _runtime: runtime,
        }
    }

    /// `pelion …` with JSON.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let mut all = vec!["pelion"];
        all.extend(arguments);
        all.extend(["--account", "bench", "--json"]);
        let ran = self.cli.run(&all);
        assert!(!ran.out.contains(KEY) && !ran.err.contains(KEY));
        ran
    }

    pub(crate) fn pelion(&self, arguments: &[&str]) -> Value {
        self.run(arguments).exits(0).json()
    }

    /// The diagnosis of a refusal, complete.
    pub(crate) fn refused(&self, arguments: &[&str]) -> Value {
        complete(&self.run(arguments).exits(1))
    }

    pub(crate) fn devices(&self) -> Vec<String> {
        let page = self.pelion(&["devices", "list"]);
        let devices = page["data"].as_array().unwrap().iter();
        devices.map(|device| text(&device["id"])).collect()
    }

    /// Waits until a campaign is in this phase.
    pub(crate) fn until(&self, id: &str, phase: &str) -> Value {
        poll(phase, || {
            let shown = self.pelion(&["campaigns", "show", id]);
            (shown["campaign"]["phase"] == phase).then_some(shown)
        })
    }

    /// Image, manifest and campaign for this filter; answers the campaign's id.
    pub(crate) fn drafted(&self, name: &str, filter: &str) -> String {
        let image = self.pelion(&["images", "create", &self.firmware, "--name", name]);
        let file = self.cli.path(name).display().to_string();
        let datafile = text(&image["datafile"]);
        let create = [
            "manifest",
            "create",
            &self.firmware,
            "--url",
            &datafile,
            "--output",
            &file,
            "--fw-version",
            "1.1.0",
            "--vendor-id",
            DEMO_VENDOR_ID,
            "--class-id",
            DEMO_PUCK_CLASS_ID,
            "--key",
            "front",
        ];
        self.cli.run(&create).exits(0);
        let manifest = self.pelion(&["manifests", "create", &file, "--name", name]);
        assert_eq!(manifest["delivered_payload_url"], image["datafile"]);
        let manifest = text(&manifest["id"]);
        let campaign = self.pelion(&[
            "campaigns",
            "create",
            "--name",
            name,
            "--filter",
            filter,
            "--manifest",
            &manifest,
        ]);
        assert_eq!(campaign["campaign"]["root_manifest_id"], manifest);
        text(&campaign["campaign"]["id"])
    }

    /// `deliver` of the firmware as a campaign.
    pub(crate) fn deliver(&self, more: &[&str]) -> Ran {
        let mut all = vec!["deliver", &self.firmware, "--to", "pelion:bench"];
        all.extend(more);
        self.cli.run(&all)
    }

    /// Requests that were anything but a question.
    pub(crate) fn changes(&self) -> usize {
        let record = self.server.record();
        let all = record.requests.iter();
        all.filter(|request| request.method != "GET").count()
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Asserts that a failure tells everything a person needs, and answers it.
#[track_caller]
pub(crate) fn complete(ran: &Ran) -> Value {
    let error = ran.lines().pop().unwrap()["error"].clone();
    for part in ["code", "title", "what_happened", "why", "state_now"] {
        assert!(!text(&error[part]).is_empty(), "{part}: {error}");
    }
    assert!(!error["remedies"].as_array().unwrap().is_empty(), "{error}");
    error
}
