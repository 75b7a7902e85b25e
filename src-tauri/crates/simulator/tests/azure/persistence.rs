//! What is stored between runs.

use std::time::Duration;

use firmdrop_simulator::azure::{AzureOptions, AzureServer, Inventory, Pace};
use serde_json::json;

use crate::{World, manifest};

fn options(folder: &std::path::Path, pace: Pace) -> AzureOptions {
    AzureOptions {
        state: Some(folder.to_owned()),
        inventory: Inventory::demo(),
        pace,
        ..AzureOptions::default()
    }
}

#[tokio::test]
async fn a_server_that_was_killed_holds_what_it_answered_and_ends_its_jobs() {
    let folder = tempfile::tempdir().unwrap();
    let slow = Pace {
        work: Duration::from_hours(1),
        ..Pace::FAST
    };
    let mut world = World::with(options(folder.path(), slow)).await;
    let file = b"x".as_slice();
    let item = world
        .staged(&manifest("Kettle", "1.0", "a", file), &[("a", file)])
        .await;
    let begun = world.import(&json!([item])).await;
    let location = begun.headers()["operation-location"]
        .to_str()
        .unwrap()
        .to_owned();
    let before = (world.server.address(), world.server.authority());
    world.server.kill().await;
    world.server = AzureServer::start(options(folder.path(), Pace::FAST))
        .await
        .unwrap();
    assert_eq!((world.server.address(), world.server.authority()), before);
    let job = world.ended(&location).await;
    assert_eq!(job["status"], "Succeeded", "{job:#}");
    assert!(
        world
            .server
            .updates()
            .contains(&"Contoso/Kettle/1.0".to_owned())
    );
}

#[tokio::test]
async fn a_damaged_state_is_moved_aside() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("instance.json"), "{\"format\":").unwrap();
    let server = AzureServer::start(options(folder.path(), Pace::FAST))
        .await
        .unwrap();
    assert_eq!(server.updates().len(), 6);
    assert!(folder.path().join("instance.damaged").exists());
}

#[tokio::test(start_paused = true)]
async fn the_deployment_of_the_demo_world_moves_with_the_clock() {
    let world = World::with(AzureOptions {
        inventory: Inventory::demo(),
        pace: Pace::VISIBLE,
        ..AzureOptions::default()
    })
    .await;
    let path = "/management/groups/oulu-lab/deployments/thermostat-1.2-oulu/status";
    let count = async |name: &str| {
        let status = world.read(path).await;
        status["subgroupStatus"][0][name].as_u64().unwrap()
    };
    assert_eq!(count("devicesInProgressCount").await, 12);
    tokio::time::advance(Duration::from_secs(8)).await;
    assert!((1..9).contains(&count("devicesCompletedSucceededCount").await));
    tokio::time::advance(Duration::from_mins(5)).await;
    assert_eq!(count("devicesCompletedSucceededCount").await, 8);
    assert_eq!(count("devicesCompletedFailedCount").await, 2);
    assert_eq!(count("devicesInProgressCount").await, 2);
    assert_eq!(world.read(path).await["deploymentState"], "Active");
}
