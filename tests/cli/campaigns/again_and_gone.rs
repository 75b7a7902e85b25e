//! Campaigns that are repeated for the devices that failed, and those that are deleted.

use firmdrop_simulator::pelion::{Behaviour, DEMO_PUCK_CLASS_ID};

use super::campaign_world::{World, text};

#[test]
fn a_campaign_is_repeated_for_the_devices_that_failed() {
    let world = World::new(3);
    let devices = world.devices();
    world
        .server
        .set_behaviour(&devices[1], Behaviour::Fails(303));
    let all = format!("device_class__eq={DEMO_PUCK_CLASS_ID}");
    let id = world.drafted("Spring", &all);
    world.pelion(&["campaigns", "start", &id, "--expect-devices", "3"]);
    world.until(&id, "stopped");
    let statistics = world.pelion(&["campaigns", "statistics", &id]);
    assert_eq!(
        (
            &statistics["counts"]["success"],
            &statistics["counts"]["failed"]
        ),
        (&2.into(), &1.into())
    );
    let cause = statistics["causes"][0].to_string();
    assert!(cause.contains("UPD4_FAIL_303"), "{cause}");

    let copy = [
        "campaigns",
        "copy",
        &id,
        "--name",
        "Spring again",
        "--failed",
    ];
    let again = world.pelion(&copy)["campaign"].clone();
    assert_eq!(again["phase"], "draft");
    assert_eq!(again["device_filter"], format!("id__in={}", devices[1]));
    let taken = world.refused(&copy);
    assert_eq!(taken["code"], "FD-412");
    assert!(text(&taken["why"]).contains("campaign"), "{taken}");

    world.server.set_behaviour(&devices[1], Behaviour::Installs);
    let second = text(&again["id"]);
    world.pelion(&["campaigns", "start", &second, "--expect-devices", "1"]);
    world.until(&second, "stopped");
    let nobody = ["campaigns", "copy", &second, "--name", "Third", "--failed"];
    let refusal = world.run(&nobody).exits(1).lines().pop().unwrap()["error"].clone();
    assert!(
        text(&refusal["what_happened"]).contains("No device"),
        "{refusal}"
    );
    world.pelion(&["campaigns", "delete", &second, "--yes"]);
    assert_eq!(
        world.refused(&["campaigns", "show", &second])["code"],
        "FD-450"
    );
}

#[test]
fn a_running_campaign_is_stopped_and_deleted_in_one_command() {
    let world = World::new(1);
    world
        .server
        .set_behaviour(&world.devices()[0], Behaviour::Silent);
    let id = world.drafted("Spring", "state__eq=registered");
    world.pelion(&["campaigns", "start", &id, "--expect-devices", "1"]);
    world.until(&id, "active");
    world.pelion(&["campaigns", "delete", &id, "--stop", "--yes"]);
    let listed = world.pelion(&["campaigns", "list", "--archived"]);
    assert_eq!(listed["data"], serde_json::json!([]));
}
