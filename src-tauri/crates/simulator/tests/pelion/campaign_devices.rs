//! What the devices of a campaign do, and what is reported about them.

use firmdrop_core::Sha256;
use firmdrop_simulator::fault::{Effect, Rule};
use firmdrop_simulator::pelion::{Behaviour, DEMO_GATE_CLASS_ID, Pace};

use super::campaign_world::{AT_ONCE, HOUR, fleet, id, world_of};
use super::manifest_file::ManifestFile;
use super::*;

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
    let reported = events["data"].as_array().unwrap().iter();
    assert!(
        reported
            .clone()
            .all(|event| ids.contains(&event["device_id"].as_str().unwrap()))
    );
    assert!(reported.map(id).is_sorted_by(|a, b| a > b));
}
