//! Campaigns without any pace do all that is due before the next answer; those with an hour per
//! step stand still.

use std::time::Duration;

use firmdrop_core::Sha256;
use firmdrop_simulator::pelion::{
    DEMO_PUCK_CLASS_ID, DEMO_VENDOR_ID, Fleet, Inventory, Pace, PelionOptions,
};
use reqwest::multipart::{Form, Part};

use super::manifest_file::ManifestFile;
use super::*;

pub(crate) const AT_ONCE: Pace = Pace {
    state: Duration::ZERO,
    delivery: Duration::ZERO,
    installation: Duration::ZERO,
    stopping: Duration::ZERO,
};

pub(crate) const HOUR: Duration = Duration::from_hours(1);

pub(crate) const ALL: &str = "state__eq=registered";

pub(crate) fn fleet(devices: usize) -> Fleet {
    Fleet::new(devices, "puck", DEMO_VENDOR_ID, DEMO_PUCK_CLASS_ID)
}

pub(crate) async fn world_of(fleet: Fleet, pace: Pace) -> World {
    World::with(PelionOptions {
        inventory: Inventory::of(fleet),
        pace,
        ..PelionOptions::new(KEY)
    })
    .await
}

pub(crate) fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

impl World {
    pub(crate) async fn posted(&self, path: &str, form: Form) -> Value {
        let request = self.request(Method::POST, path).multipart(form);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::CREATED);
        response.json().await.unwrap()
    }

    /// Uploads an image and a manifest for it; returns the manifest's id.
    pub(crate) async fn manifest(&self, change: impl FnOnce(&mut ManifestFile)) -> String {
        let firmware = Part::bytes(b"firmware".as_slice()).file_name("f.bin");
        let image = self
            .posted(IMAGES, Form::new().part("datafile", firmware))
            .await;
        let mut file = ManifestFile {
            vendor_id: DEMO_VENDOR_ID.into(),
            class_id: DEMO_PUCK_CLASS_ID.into(),
            version: "2.0.0".into(),
            digest: Sha256::of(b"firmware"),
            size_bytes: 8,
            uri: image["datafile"].as_str().unwrap().to_owned(),
            patch: None,
        };
        change(&mut file);
        let form = Form::new().text("name", "manifest");
        let part = Part::bytes(file.bytes()).file_name("m.bin");
        let manifest = self.posted(MANIFESTS, form.part("datafile", part)).await;
        id(&manifest).to_owned()
    }

    /// Makes a campaign and returns its path.
    pub(crate) async fn campaign(&self, body: &Value) -> String {
        let response = self.send(Method::POST, CAMPAIGNS, body).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        let campaign: Value = response.json().await.unwrap();
        assert_eq!(campaign["phase"], "draft");
        format!("{CAMPAIGNS}/{}", id(&campaign))
    }

    /// Makes a campaign for all registered devices.
    pub(crate) async fn campaign_for_all(&self, name: &str, manifest: &str) -> String {
        let body = json!({"name": name, "device_filter": ALL, "root_manifest_id": manifest});
        self.campaign(&body).await
    }

    pub(crate) async fn act(&self, campaign: &str, act: &str) -> Response {
        let path = format!("{campaign}/{act}");
        self.request(Method::POST, &path).send().await.unwrap()
    }

    /// An act that must be accepted.
    pub(crate) async fn go(&self, campaign: &str, act: &str) {
        let response = self.act(campaign, act).await;
        assert_eq!(response.status(), StatusCode::ACCEPTED, "{act}");
        assert!(response.bytes().await.unwrap().is_empty());
    }

    /// Counts of fail, info, skipped, success.
    pub(crate) async fn counts(&self, campaign: &str) -> Vec<u64> {
        let list = self.read(&format!("{campaign}/statistics")).await;
        let data = list["data"].as_array().unwrap();
        let ids: Vec<_> = data.iter().map(id).collect();
        assert_eq!(ids, ["fail", "info", "skipped", "success"]);
        data.iter()
            .map(|item| item["count"].as_u64().unwrap())
            .collect()
    }

    /// Runs a campaign of this manifest on a single puck and returns the code it ends with.
    pub(crate) async fn code_of_one(&self, manifest: &str) -> String {
        let campaign = self.campaign_for_all(manifest, manifest).await;
        self.go(&campaign, "start").await;
        assert_eq!(self.read(&campaign).await["phase"], "stopped");
        let events = self.read(EVENTS).await;
        let event = events["data"].as_array().unwrap().last().unwrap().clone();
        let summary = event["event_type_description"]
            .as_str()
            .unwrap()
            .to_lowercase();
        let types = self
            .read(&format!("{campaign}/statistics/{summary}/event_types"))
            .await;
        assert_eq!(types["data"][0]["event_type"], event["event_type"]);
        let path = format!(
            "{campaign}/statistics/{summary}/event_types/{}",
            id(&types["data"][0])
        );
        assert_eq!(self.read(&path).await, types["data"][0]);
        assert_eq!(
            event["data"]["campaign_id"],
            campaign.rsplit('/').next().unwrap()
        );
        event["event_type"].as_str().unwrap().to_owned()
    }
}

/// Moves the clock of the simulated world on.
pub(crate) async fn after(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}
