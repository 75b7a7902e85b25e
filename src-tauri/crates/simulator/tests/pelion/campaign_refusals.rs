//! What a campaign can be refused for, and how its start fails.

use super::campaign_world::{ALL, AT_ONCE, HOUR, fleet, world_of};
use firmdrop_simulator::pelion::{Fleet, Inventory, Pace};

use super::*;

#[tokio::test]
async fn a_start_without_filter_manifest_or_devices_goes_back_to_draft_and_says_why() {
    let world = world_of(fleet(1), AT_ONCE).await;
    let manifest = world.manifest(|_| {}).await;
    let unknown = "0".repeat(32);
    for (body, reason) in [
        (json!({ "device_filter": ALL }), "no manifest"),
        (
            json!({ "device_filter": ALL, "root_manifest_id": unknown }),
            "manifest does not exist",
        ),
        (json!({ "root_manifest_id": manifest }), "no device filter"),
        (
            json!({ "root_manifest_id": manifest, "device_filter": unknown }),
            "cannot be used",
        ),
        (
            json!({ "root_manifest_id": manifest, "device_filter": "name=nobody" }),
            "No device",
        ),
    ] {
        let campaign = world.campaign(&body).await;
        world.go(&campaign, "start").await;
        let view = world.read(&campaign).await;
        assert_eq!(view["phase"], "draft");
        assert!(
            view["autostop_reason"].as_str().unwrap().contains(reason),
            "{view}"
        );
        let mended = json!({ "device_filter": ALL, "root_manifest_id": manifest });
        let changed = world.send(Method::PUT, &campaign, &mended).await;
        assert_eq!(changed.status(), StatusCode::OK);
        assert_eq!(
            world.delete(&campaign).await.status(),
            StatusCode::NO_CONTENT
        );
    }
}

#[tokio::test]
async fn each_act_is_refused_in_a_wrong_phase_with_409_and_no_fields() {
    let world = world_of(
        fleet(1),
        Pace {
            state: HOUR,
            stopping: HOUR,
            ..AT_ONCE
        },
    )
    .await;
    let manifest = world.manifest(|_| {}).await;
    let campaign = world.campaign_for_all("spring", &manifest).await;
    for act in ["stop", "archive"] {
        assert_refused(world.act(&campaign, act).await, 409, "conflict").await;
    }
    world.go(&campaign, "start").await;
    let view = world.read(&campaign).await;
    assert_eq!(
        (&view["phase"], &view["state"]),
        (&json!("starting"), &json!("scheduled"))
    );
    for act in ["start", "archive"] {
        assert_refused(world.act(&campaign, act).await, 409, "conflict").await;
    }
    let refused = assert_refused(world.delete(&campaign).await, 409, "conflict").await;
    let message = "Cannot delete the campaign while in the current phase.";
    assert_eq!(refused["message"], message);
    world.go(&campaign, "stop").await;
    assert_eq!(world.read(&campaign).await["phase"], "stopping");
    assert_refused(world.act(&campaign, "stop").await, 409, "conflict").await;
    assert_refused(world.delete(&campaign).await, 409, "conflict").await;
    let unknown = format!("{CAMPAIGNS}/{}", "0".repeat(32));
    assert_refused(world.act(&unknown, "start").await, 404, "not_found").await;
}

#[tokio::test]
async fn outside_a_draft_only_name_description_and_state_can_be_changed() {
    let world = world_of(
        fleet(1),
        Pace {
            state: HOUR,
            ..AT_ONCE
        },
    )
    .await;
    let manifest = world.manifest(|_| {}).await;
    let campaign = world.campaign_for_all("spring", &manifest).await;
    let every = json!({"name": "summer", "device_filter": "name=puck-0001", "autostop": false,
        "autostop_success_percent": 50.0, "when": "2030-01-01T00:00:00Z"});
    let changed = world.send(Method::PUT, &campaign, &every).await;
    assert_eq!(changed.status(), StatusCode::OK);
    let view = world.read(&campaign).await;
    assert_eq!(view["autostop_success_percent"], 50.0);
    assert_eq!(view["when"], "2030-01-01T00:00:00.000000Z");
    world.go(&campaign, "start").await;
    let names = json!({"name": "autumn", "description": "later", "state": "scheduled"});
    assert_eq!(
        world.send(Method::PUT, &campaign, &names).await.status(),
        200
    );
    for body in [
        json!({"device_filter": ALL}),
        json!({"root_manifest_id": manifest}),
        json!({"name": "winter", "autostop": true}),
    ] {
        let refused = world.send(Method::PUT, &campaign, &body).await;
        assert_refused(refused, 403, "forbidden").await;
    }
    assert_eq!(world.read(&campaign).await["name"], "autumn");
}

#[tokio::test]
async fn a_name_is_taken_once_and_nonsense_is_refused_by_field() {
    let world = world_of(fleet(1), AT_ONCE).await;
    let manifest = world.manifest(|_| {}).await;
    world.campaign_for_all("spring", &manifest).await;
    let taken = json!({"name": "spring", "device_filter": ALL});
    assert_refused(
        world.send(Method::POST, CAMPAIGNS, &taken).await,
        409,
        "conflict",
    )
    .await;
    for (field, value) in [
        ("device_filter", json!("the devices in Oulu")),
        ("device_filter", json!("phase=active")),
        ("root_manifest_id", json!("spring")),
        ("name", json!("n".repeat(129))),
        ("autostop_success_percent", json!(101.0)),
    ] {
        let mut body = json!({});
        body[field] = value;
        let refused = world.send(Method::POST, CAMPAIGNS, &body).await;
        let refused = assert_refused(refused, 400, "validation_error").await;
        assert_eq!(refused["fields"][0]["name"], field);
    }
    let scheduled = json!({"name": "old way", "device_filter": ALL, "root_manifest_id": manifest,
        "state": "scheduled"});
    let response = world.send(Method::POST, CAMPAIGNS, &scheduled).await;
    let campaign: Value = response.json().await.unwrap();
    assert_eq!(campaign["phase"], "starting");
}

#[tokio::test]
async fn a_one_shot_campaign_conflicts_with_a_running_one_and_a_continuous_one_takes_over() {
    let world = world_of(
        Fleet {
            silent_percent: 100,
            ..fleet(2)
        },
        AT_ONCE,
    )
    .await;
    let manifest = world.manifest(|_| {}).await;
    let first = world.campaign_for_all("first", &manifest).await;
    world.go(&first, "start").await;
    let second = world.campaign_for_all("second", &manifest).await;
    world.go(&second, "start").await;
    let view = world.read(&second).await;
    assert_eq!(
        (&view["phase"], &view["state"]),
        (&json!("stopped"), &json!("conflict"))
    );
    assert!(
        view["autostop_reason"]
            .as_str()
            .unwrap()
            .starts_with("2 of the devices")
    );
    assert_eq!(world.read(&first).await["phase"], "active");

    let third = json!({"name": "third", "device_filter": "name=puck-0001",
        "root_manifest_id": manifest, "campaign_strategy": "continuous"});
    let third = world.campaign(&third).await;
    world.go(&third, "start").await;
    assert_eq!(world.read(&third).await["phase"], "active");
    let members = world
        .read(&format!("{first}/campaign-device-metadata"))
        .await;
    let states = members["data"].as_array().unwrap().iter();
    let states: Vec<_> = states
        .map(|item| item["deployment_state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["manifestremoved", "pending"]);
}

#[tokio::test]
async fn a_campaign_for_more_devices_than_the_quota_allows_does_not_start() {
    let world = World::with(PelionOptions {
        inventory: Inventory::of(fleet(3)),
        pace: AT_ONCE,
        quota_devices: Some(2),
        ..PelionOptions::new(KEY)
    })
    .await;
    let manifest = world.manifest(|_| {}).await;
    let campaign = world.campaign_for_all("spring", &manifest).await;
    world.go(&campaign, "start").await;
    let view = world.read(&campaign).await;
    assert_eq!(view["phase"], "stopped");
    assert_eq!(view["state"], "quotaallocationfailed");
    assert!(
        view["autostop_reason"]
            .as_str()
            .unwrap()
            .contains("3 devices")
    );
    assert_eq!(world.counts(&campaign).await, [0, 0, 0, 0]);
}
