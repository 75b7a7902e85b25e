//! Update campaigns and what their devices do, over the wire. Campaigns without any pace do all
//! that is due before the next answer; those with an hour per step stand still.

use std::time::Duration;

use firmdrop_core::Sha256;
use firmdrop_simulator::{
    fault::{Effect, Rule},
    pelion::{
        Behaviour, DEMO_GATE_CLASS_ID, DEMO_PUCK_CLASS_ID, DEMO_VENDOR_ID, Estate, Fleet, Pace,
        PelionOptions,
    },
};
use reqwest::multipart::{Form, Part};

use super::{manifest_file::ManifestFile, *};

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
        estate: Estate::of(fleet),
        pace,
        ..PelionOptions::new(KEY)
    })
    .await
}

fn id(value: &Value) -> &str {
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

#[tokio::test]
async fn a_campaign_updates_its_devices_and_stops_by_itself() {
    let world = world_of(fleet(3), AT_ONCE).await;
    let manifest = world.manifest(|_| {}).await;
    let campaign = world.campaign_for_all("spring", &manifest).await;
    assert_refused(
        world.get(&format!("{campaign}/statistics")).await,
        404,
        "not_found",
    )
    .await;
    assert_refused(
        world.get(&format!("{campaign}/metrics")).await,
        404,
        "not_found",
    )
    .await;
    world.go(&campaign, "start").await;

    let view = world.read(&campaign).await;
    assert_eq!(view["phase"], "stopped");
    assert_eq!(view["state"], "autostopped");
    assert!(
        view["autostop_reason"]
            .as_str()
            .unwrap()
            .contains("100.0 %")
    );
    for moment in [
        "started_at",
        "starting_at",
        "active_at",
        "stopping_at",
        "stopped_at",
        "finished",
    ] {
        assert!(view[moment].is_string(), "{moment}");
    }
    assert_eq!(world.counts(&campaign).await, [0, 0, 0, 3]);
    let metrics = world.read(&format!("{campaign}/metrics")).await;
    assert_eq!(metrics["success_count"], 3);
    assert_eq!(metrics["total_count"], 3);

    let members = world
        .read(&format!("{campaign}/campaign-device-metadata/?limit=2"))
        .await;
    assert_eq!(members["has_more"], true);
    let member = &members["data"][0];
    assert_eq!(member["deployment_state"], "deployed");
    let path = format!("{campaign}/campaign-device-metadata/{}", id(member));
    assert_eq!(&world.read(&path).await, member);
    let device = member["device_id"].as_str().unwrap();
    let view = world.read(&format!("{DEVICES}/{device}")).await;
    assert_eq!(view["firmware_checksum"], json!(Sha256::of(b"firmware")));
    assert_eq!(view["component_attributes"]["MAIN"], "2.0.0");
    assert_eq!(view["manifest"], *manifest);
    let events = world
        .read(&format!("{EVENTS}?filter=device_id%3D{device}"))
        .await;
    assert_eq!(events["data"][0]["event_type"], "UPD4_OK_100");
    assert_eq!(events["data"][0]["state_change"], true);
    let event = format!("{EVENTS}/{}", id(&events["data"][0]));
    assert_eq!(world.read(&event).await, events["data"][0]);
}

#[tokio::test]
async fn devices_refuse_what_is_not_for_them_with_the_code_of_the_reason() {
    type Change = fn(&mut ManifestFile);
    let cases: [(Change, &str); 7] = [
        (|file| file.vendor_id = "1".repeat(32), "UPD4_FAIL_215"),
        (
            |file| file.class_id = DEMO_GATE_CLASS_ID.into(),
            "UPD4_FAIL_216",
        ),
        (|file| file.version = "1.0.0".into(), "UPD4_FAIL_221"),
        (|file| file.uri.push('0'), "UPD4_FAIL_307"),
        (|file| file.size_bytes = 9, "UPD4_FAIL_309"),
        (|file| file.digest = Sha256::of(b"other"), "UPD4_FAIL_309"),
        (|_| {}, "UPD4_OK_100"),
    ];
    for (change, code) in cases {
        let world = world_of(fleet(1), AT_ONCE).await;
        let manifest = world.manifest(change).await;
        assert_eq!(world.code_of_one(&manifest).await, code);
    }
}

#[tokio::test]
async fn a_device_that_has_it_is_skipped_and_one_that_fails_says_how() {
    let world = world_of(fleet(1), AT_ONCE).await;
    let manifest = world.manifest(|_| {}).await;
    assert_eq!(world.code_of_one(&manifest).await, "UPD4_OK_100");
    let again = world.campaign_for_all("again", &manifest).await;
    world.go(&again, "start").await;
    assert_eq!(world.counts(&again).await, [0, 0, 1, 0]);
    let newer = world.manifest(|file| file.version = "3.0.0".into()).await;
    let devices = world.read(DEVICES).await;
    assert!(
        world
            .server
            .set_behaviour(id(&devices["data"][0]), Behaviour::Fails(303))
    );
    assert_eq!(world.code_of_one(&newer).await, "UPD4_FAIL_303");
    let campaigns = world
        .read(&format!("{CAMPAIGNS}?state__eq=autostopped&order=DESC"))
        .await;
    let last = &campaigns["data"][0];
    assert!(
        last["autostop_reason"]
            .as_str()
            .unwrap()
            .contains("1 failed")
    );
    let members = world
        .read(&format!(
            "{CAMPAIGNS}/{}/campaign-device-metadata",
            id(last)
        ))
        .await;
    let state = &members["data"][0]["deployment_state"];
    assert_eq!(state, "failed_connector_channel_update");
}

#[tokio::test]
async fn a_stopped_campaign_can_be_archived_and_deleted() {
    let world = world_of(
        Fleet {
            silent_percent: 100,
            ..fleet(1)
        },
        AT_ONCE,
    )
    .await;
    let manifest = world.manifest(|_| {}).await;
    let campaign = world.campaign_for_all("spring", &manifest).await;
    world.go(&campaign, "start").await;
    let view = world.read(&campaign).await;
    assert_eq!(
        (&view["phase"], &view["state"]),
        (&json!("active"), &json!("deploying"))
    );
    assert_eq!(world.counts(&campaign).await, [0, 1, 0, 0]);
    world.go(&campaign, "stop").await;
    let view = world.read(&campaign).await;
    assert_eq!(
        (&view["phase"], &view["state"]),
        (&json!("stopped"), &json!("userstopped"))
    );
    let members = world
        .read(&format!("{campaign}/campaign-device-metadata"))
        .await;
    assert_eq!(members["data"][0]["deployment_state"], "manifestremoved");
    world.go(&campaign, "archive").await;
    let view = world.read(&campaign).await;
    assert_eq!(view["phase"], "archived");
    assert!(view["archived_at"].is_string());
    assert_refused(world.act(&campaign, "archive").await, 409, "conflict").await;
    assert_eq!(
        world.delete(&campaign).await.status(),
        StatusCode::NO_CONTENT
    );
    assert_refused(world.get(&campaign).await, 404, "not_found").await;
}

#[tokio::test]
async fn a_continuous_campaign_stays_open_for_devices_that_come_later() {
    let world = world_of(fleet(1), AT_ONCE).await;
    let manifest = world.manifest(|_| {}).await;
    let query =
        json!({"name": "all pucks", "query": format!("device_class__eq={DEMO_PUCK_CLASS_ID}")});
    let query: Value = world
        .send(Method::POST, QUERIES, &query)
        .await
        .json()
        .await
        .unwrap();
    let campaign = json!({"name": "open", "device_filter": id(&query),
        "root_manifest_id": manifest, "campaign_strategy": "continuous"});
    let campaign = world.campaign(&campaign).await;
    world.go(&campaign, "start").await;
    assert_eq!(world.counts(&campaign).await, [0, 0, 0, 1]);
    let device = json!({"name": "late", "state": "registered", "vendor_id": DEMO_VENDOR_ID,
        "device_class": DEMO_PUCK_CLASS_ID});
    assert_eq!(
        world.send(Method::POST, DEVICES, &device).await.status(),
        201
    );
    assert_eq!(world.counts(&campaign).await, [0, 0, 0, 2]);
    assert_eq!(world.read(&campaign).await["phase"], "active");
}

#[tokio::test]
async fn a_campaign_stops_at_its_percentage_and_devices_under_way_are_not_called_back() {
    let half = Pace {
        installation: HOUR,
        ..AT_ONCE
    };
    let world = world_of(
        Fleet {
            silent_percent: 50,
            ..fleet(100)
        },
        half,
    )
    .await;
    let manifest = world.manifest(|_| {}).await;
    let body = json!({"name": "half", "device_filter": ALL, "root_manifest_id": manifest,
        "autostop_success_percent": 40.0});
    let campaign = world.campaign(&body).await;
    world.go(&campaign, "start").await;
    assert_eq!(world.counts(&campaign).await, [0, 100, 0, 0]);
    after(HOUR).await;
    let served = world.counts(&campaign).await[3];
    assert!((1..40).contains(&served), "{served}");
    assert_eq!(world.read(&campaign).await["phase"], "active");
    after(HOUR).await;
    let view = world.read(&campaign).await;
    assert_eq!(view["state"], "autostopped");
    assert!(
        view["autostop_reason"]
            .as_str()
            .unwrap()
            .starts_with("40.0 %")
    );
    assert_eq!(world.counts(&campaign).await, [0, 50, 0, 50]);
}

/// Moves the clock of the simulated world on.
async fn after(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_device_deleted_under_way_is_deregistered_in_its_campaign() {
    let world = world_of(
        fleet(2),
        Pace {
            installation: HOUR,
            ..AT_ONCE
        },
    )
    .await;
    let manifest = world.manifest(|_| {}).await;
    let campaign = world.campaign_for_all("spring", &manifest).await;
    world.go(&campaign, "start").await;
    let path = format!("{campaign}/campaign-device-metadata");
    let members = world.read(&path).await;
    assert_eq!(
        members["data"][0]["deployment_state"],
        "updated_connector_channel"
    );
    let device = members["data"][0]["device_id"].as_str().unwrap();
    world.delete(&format!("{DEVICES}/{device}")).await;
    let members = world.read(&path).await;
    assert_eq!(members["data"][0]["deployment_state"], "deregistered");
}

#[tokio::test]
async fn the_dial_tells_of_phases_and_event_codes_nobody_knows() {
    let world = world_of(fleet(1), AT_ONCE).await;
    let manifest = world.manifest(|_| {}).await;
    let campaign = world.campaign_for_all("spring", &manifest).await;
    world.go(&campaign, "start").await;
    world.server.dial().add(Rule::always(Effect::UnknownPhase));
    world
        .server
        .dial()
        .add(Rule::always(Effect::UnknownEventCode));
    assert_eq!(world.read(&campaign).await["phase"], "hibernating");
    assert_eq!(
        world.read(CAMPAIGNS).await["data"][0]["state"],
        "hibernating"
    );
    assert_eq!(
        world.read(EVENTS).await["data"][0]["event_type"],
        "UPD9_FAIL_999"
    );
    world.server.dial().clear();
    assert_eq!(world.read(&campaign).await["phase"], "stopped");
}

#[tokio::test]
async fn the_states_of_a_campaign_follow_each_other_by_the_clock() {
    let hourly = Pace {
        state: HOUR,
        delivery: Duration::ZERO,
        installation: 9 * HOUR,
        stopping: HOUR,
    };
    let world = world_of(fleet(1), hourly).await;
    let manifest = world.manifest(|_| {}).await;
    let campaign = world.campaign_for_all("spring", &manifest).await;
    world.go(&campaign, "start").await;
    let mut seen: Vec<String> = Vec::new();
    while seen.last().is_none_or(|last| !last.starts_with("stopped")) {
        let view = world.read(&campaign).await;
        let word = |field: &str| view[field].as_str().unwrap().to_owned();
        seen.push(format!("{} {}", word("phase"), word("state")));
        after(HOUR).await;
    }
    seen.dedup();
    assert_eq!(
        seen,
        [
            "starting scheduled",
            "starting allocatingquota",
            "starting allocatedquota",
            "starting checkingmanifest",
            "starting checkedmanifest",
            "starting devicefetch",
            "starting devicecopy",
            "starting devicecheck",
            "active publishing",
            "active deploying",
            "stopping stopping",
            "stopped autostopped",
        ]
    );
}

#[tokio::test]
async fn a_start_whose_answer_is_lost_was_carried_out() {
    let world = world_of(fleet(1), AT_ONCE).await;
    let manifest = world.manifest(|_| {}).await;
    let campaign = world.campaign_for_all("spring", &manifest).await;
    let lost = Rule::once(Effect::LoseAnswer).on("POST", "/start");
    world.server.dial().add(lost);
    let start = world.request(Method::POST, &format!("{campaign}/start"));
    assert!(start.send().await.is_err());
    assert_eq!(world.read(&campaign).await["phase"], "stopped");
    assert_refused(world.act(&campaign, "start").await, 409, "conflict").await;
}

#[tokio::test]
async fn a_campaign_that_needs_approval_waits_for_somebody_who_cannot_come() {
    let world = world_of(fleet(1), AT_ONCE).await;
    let manifest = world.manifest(|_| {}).await;
    let body = json!({"name": "careful", "device_filter": ALL, "root_manifest_id": manifest,
        "approval_required": true});
    let campaign = world.campaign(&body).await;
    world.go(&campaign, "start").await;
    assert_eq!(world.read(&campaign).await["phase"], "awaiting_approval");
    assert_eq!(
        world.delete(&campaign).await.status(),
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn a_hundred_thousand_devices_that_are_all_due_act_at_the_first_look() {
    const DEVICES: usize = 100_000;
    let world = world_of(fleet(DEVICES), AT_ONCE).await;
    let manifest = world.manifest(|_| {}).await;
    let campaign = world.campaign_for_all("all", &manifest).await;
    world.go(&campaign, "start").await;
    let begun = std::time::Instant::now();
    assert_eq!(world.read(&campaign).await["phase"], "stopped");
    println!("{DEVICES} devices acted in {:?}", begun.elapsed());
    assert_eq!(world.counts(&campaign).await, [0, 0, 0, DEVICES as u64]);

    let devices = format!("{campaign}/campaign-device-metadata?limit=100&order=DESC");
    let devices = world.read(&devices).await;
    let ids = devices["data"].as_array().unwrap().iter();
    let ids: Vec<_> = ids.map(|row| row["device_id"].as_str().unwrap()).collect();
    let begun = std::time::Instant::now();
    let path = format!(
        "{EVENTS}?limit=1000&include=total_count&order=DESC&device_id__in={}",
        ids.join(",")
    );
    let events = world.read(&path).await;
    println!(
        "events of {} devices came in {:?}",
        ids.len(),
        begun.elapsed()
    );
    assert_eq!(events["total_count"], ids.len());
    let told = events["data"].as_array().unwrap().iter();
    assert!(
        told.clone()
            .all(|event| ids.contains(&event["device_id"].as_str().unwrap()))
    );
    assert!(told.map(id).is_sorted_by(|a, b| a > b));
}
