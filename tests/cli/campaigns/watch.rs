//! `pelion campaigns watch`: what it outlasts, and what a script learns from its end.

use firmdrop_simulator::fault::{Effect, Rule};
use firmdrop_simulator::pelion::Behaviour;
use serde_json::Value;

use super::campaign_world::World;

/// A campaign over all devices, begun.
fn begun(world: &World, devices: usize) -> String {
    let id = world.drafted("Spring", "state__eq=registered");
    let devices = devices.to_string();
    world.pelion(&["campaigns", "start", &id, "--expect-devices", &devices]);
    id
}

/// What it printed last: how the campaign ended.
fn end(lines: &[Value]) -> &Value {
    let last = lines.last().unwrap();
    assert_eq!(last["event"], "end", "{last}");
    &last["result"]
}

#[test]
fn a_watch_outlasts_a_service_that_is_out_and_ends_with_0_when_every_device_is_updated() {
    let world = World::new(2);
    let id = begun(&world, 2);
    for effect in [Effect::ServerError { status: 503 }, Effect::LoseAnswer] {
        let rule = Rule::always(effect)
            .times(2)
            .on("GET", "/update-campaigns/");
        world.server.dial().add(rule);
    }
    let ran = world.run(&["campaigns", "watch", &id]).exits(0);
    let lines = ran.lines();
    let retry = |line: &&Value| line["event"] == "note" && line["note"]["kind"] == "retry";
    assert!(lines.iter().any(|line| retry(&line)), "{lines:?}");
    assert_eq!(end(&lines)["end"], "updated");
}

#[test]
fn a_campaign_of_which_devices_failed_ends_its_watch_with_3_and_one_that_reached_nobody_with_1() {
    let world = World::new(2);
    let devices = world.devices();
    world
        .server
        .set_behaviour(&devices[1], Behaviour::Fails(303));
    let id = begun(&world, 2);
    let ran = world.run(&["campaigns", "watch", &id]).exits(3);
    assert_eq!(end(&ran.lines())["end"], "partly");
    let text = ["pelion", "campaigns", "watch", &id, "-a", "bench"];
    let text = world.cli.run(&text).exits(3).out;
    assert!(
        text.contains("1 failed") && text.contains("UPD4_FAIL_303"),
        "{text}"
    );

    let world = World::new(1);
    let devices = world.devices();
    world
        .server
        .set_behaviour(&devices[0], Behaviour::Fails(303));
    let id = begun(&world, 1);
    let ran = world.run(&["campaigns", "watch", &id]).exits(1);
    assert_eq!(end(&ran.lines())["end"], "not_updated");
}

#[test]
fn devices_that_the_service_does_not_count_are_not_counted_as_none() {
    let world = World::new(2);
    let id = begun(&world, 2);
    let uncounted = Rule::always(Effect::ServerError { status: 404 });
    let rule = uncounted.on("GET", "/statistics");
    world.server.dial().add(rule);
    let watch = ["pelion", "campaigns", "watch", &id, "-a", "bench"];
    let ran = world.cli.run(&watch);
    assert!(ran.out.contains("does not count the devices"), "{ran:?}");
    assert!(!ran.out.contains("0 updated"), "{ran:?}");
    assert_ne!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn a_campaign_that_was_never_started_ends_its_watch_with_1() {
    let world = World::new(1);
    let id = world.drafted("Spring", "state__eq=registered");
    let ran = world.run(&["campaigns", "watch", &id]).exits(1);
    assert_eq!(end(&ran.lines())["end"], "not_started");
    let text = ["pelion", "campaigns", "watch", &id, "-a", "bench"];
    let text = world.cli.run(&text).exits(1).err;
    assert!(
        text.contains("FD-455") && !text.contains("job resume"),
        "{text}"
    );
}
