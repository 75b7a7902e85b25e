//! The guide "Update campaigns using the APIs", one command for each of its lines.

use firmdrop_simulator::pelion::Behaviour;

use super::campaign_world::World;

#[test]
fn every_line_of_the_guide_has_its_command() {
    let world = World::new(3);
    let device = world.devices().remove(0);
    let filter = format!("id={device}");

    // Selecting devices to target, and testing the filter.
    let listed = world.pelion(&["devices", "list", "--filter", &filter]);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    assert_eq!(listed["data"][0]["id"], device);
    assert_eq!(
        world.pelion(&["devices", "count", "--filter", &filter])["devices"],
        1
    );

    // Image, manifest, campaign.
    let id = world.drafted("Demo campaign", &filter);
    let draft = world.pelion(&["campaigns", "show", &id]);
    assert_eq!(draft["campaign"]["phase"], "draft");
    assert_eq!(draft["campaign"]["autostop_success_percent"], 100.0);
    assert_eq!(
        draft["standing"]["allowed"],
        serde_json::json!(["edit", "start", "delete"])
    );

    // Starting it: only for the number of devices that is typed.
    let start = ["campaigns", "start", &id, "--expect-devices"];
    let refusal = world.refused(&[&start[..], &["2"]].concat());
    assert_eq!(refusal["code"], "FD-456");
    assert_eq!(
        refusal["what_happened"],
        "2 devices were expected; 1 matches the filter now."
    );
    assert_eq!(
        world.pelion(&["campaigns", "show", &id])["campaign"]["phase"],
        "draft"
    );
    let silent = world.server.set_behaviour(&device, Behaviour::Silent);
    assert!(silent, "so that it stays active until it is stopped");
    world.pelion(&[&start[..], &["1"]].concat());

    // Its phase, and how far its devices are.
    let active = world.until(&id, "active");
    assert_eq!(active["standing"]["title"], "Active");
    let counts = world.pelion(&["campaigns", "statistics", &id])["counts"].clone();
    assert_eq!(
        (&counts["total"], &counts["pending"]),
        (&1.into(), &1.into())
    );
    let csv = world
        .run(&["campaigns", "devices", &id, "--csv"])
        .exits(0)
        .out;
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 2, "{csv}");
    assert!(
        rows[1].contains(&format!("\"{device}\",\"puck-0001\"")),
        "{csv}"
    );

    refuses_what_its_phase_does_not_allow(&world, &id);

    is_stopped_and_archived(&world, &id);
}

fn refuses_what_its_phase_does_not_allow(world: &World, id: &str) {
    for act in ["archive", "delete"] {
        let mut asked = vec!["campaigns", act, id];
        asked.extend((act == "delete").then_some("--yes"));
        let refusal = world.refused(&asked);
        assert_eq!(refusal["code"], "FD-451", "{act}");
        assert!(
            refusal["remedies"]
                .to_string()
                .to_lowercase()
                .contains("stop"),
            "{refusal}"
        );
        assert!(
            refusal["details"].to_string().contains("Request id"),
            "{refusal}"
        );
    }
    assert_eq!(
        world.refused(&["campaigns", "start", id, "--expect-devices", "1"])["code"],
        "FD-451",
        "it was started already"
    );
}

fn is_stopped_and_archived(world: &World, id: &str) {
    let unconfirmed = world.run(&["campaigns", "stop", id]).exits(2);
    assert_eq!(unconfirmed.failure(), "FD-818", "nobody confirmed it");
    world.pelion(&["campaigns", "stop", id, "--yes"]);
    let stopped = world.until(id, "stopped");
    assert_eq!(stopped["campaign"]["state"], "userstopped");
    assert_eq!(
        world.refused(&["campaigns", "stop", id, "--yes"])["code"],
        "FD-451"
    );
    let archived = world.pelion(&["campaigns", "archive", id]);
    assert_eq!(archived["campaign"]["phase"], "archived");
    let listed = world.pelion(&["campaigns", "list"]);
    assert_eq!(
        listed["data"],
        serde_json::json!([]),
        "archived ones are hidden"
    );
    let listed = world.pelion(&["campaigns", "list", "--archived"]);
    assert_eq!(listed["data"][0]["id"], id);
}
