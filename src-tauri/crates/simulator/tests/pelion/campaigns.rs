//! Update campaigns over the wire, from the start to the end of each.

use std::time::Duration;

use firmdrop_core::Sha256;
use firmdrop_simulator::fault::{Effect, Rule};
use firmdrop_simulator::pelion::{DEMO_PUCK_CLASS_ID, DEMO_VENDOR_ID, Fleet, Pace};

use super::campaign_world::{ALL, AT_ONCE, HOUR, after, fleet, id, world_of};
use super::*;

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
