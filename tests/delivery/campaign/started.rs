//! With a start: what the devices report is what may be said.

use firmdrop_core::Code;
use firmdrop_simulator::fault::{Effect, Rule};
use firmdrop_simulator::pelion::Behaviour;

use crate::engine_world::{failure, settled};
use crate::fleet::{
    another_runs, behave, campaigns, client, holds_exactly_one_chain, image, noted, planned, proof,
    roll_out, sent, spec, until_noted, world,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_verified_when_every_device_has_reported_success() {
    let world = world(5).await;
    let engine = world.engine();
    image(&world);
    let spec = spec(Some(5));
    let job = roll_out(&world, &engine, &spec).await;
    assert_eq!(proof(&job.state), "Every device reported: 5 updated.");
    holds_exactly_one_chain(&world, &engine, &spec).await;
    let job = engine.job(&job.id).unwrap();
    assert!(noted(&job, "The campaign is: "), "{:?}", job.notes);
    assert!(noted(&job, "5 of 5 devices have reported"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_device_is_spoken_of_in_the_singular() {
    let world = world(1).await;
    let engine = world.engine();
    image(&world);
    let plan = planned(&world, &engine, &spec(Some(1))).await.unwrap();
    let stated = serde_json::to_string(&plan).unwrap();
    assert!(
        !stated.contains("1 devices") && !stated.contains("1 device report "),
        "{stated}"
    );
    let id = engine.submit(&plan).await.unwrap();
    let job = settled(&engine, &id).await;
    assert_eq!(proof(&job.state), "Every device reported: 1 updated.");
    let job = engine.job(&id).unwrap();
    assert!(noted(&job, "The device has reported"), "{:?}", job.notes);
    let notes = serde_json::to_string(&job.notes).unwrap();
    assert!(!notes.contains("1 devices"), "{notes}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_that_nobody_counted_is_neither_verified_nor_said_to_have_reached_nobody() {
    let world = world(2).await;
    let engine = world.engine();
    image(&world);
    let uncounted = Rule::always(Effect::ServerError { status: 404 });
    let rule = uncounted.on("GET", "/statistics");
    world.server.dial().add(rule);
    let job = roll_out(&world, &engine, &spec(Some(2))).await;
    let stated = sent(&job.state);
    assert!(stated.contains("is not known"), "{stated}");
    assert!(!stated.contains("0 updated"), "{stated}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_with_failures_is_sent_and_tells_their_number() {
    let world = world(5).await;
    let engine = world.engine();
    image(&world);
    behave(&world, &engine, 2, Behaviour::Fails(303)).await;
    let spec = spec(Some(5));
    let job = roll_out(&world, &engine, &spec).await;
    let stated = sent(&job.state);
    assert_eq!(
        stated,
        "2 of 5 devices reported a failure: 3 updated, 2 failed."
    );
    holds_exactly_one_chain(&world, &engine, &spec).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_that_somebody_stops_is_sent_and_tells_how_many_were_silent() {
    let world = world(5).await;
    let engine = world.engine();
    image(&world);
    behave(&world, &engine, 2, Behaviour::Silent).await;
    let spec = spec(Some(5));
    let plan = planned(&world, &engine, &spec).await.unwrap();
    let id = engine.submit(&plan).await.unwrap();
    until_noted(&engine, &id, "3 of 5 devices have reported").await;
    let campaign = campaigns(&engine).await.pop().unwrap();
    let client = client(&engine).await;
    client.stop_campaign(&campaign.id).await.unwrap();
    let job = settled(&engine, &id).await;
    let stated = sent(&job.state);
    assert!(
        stated.starts_with("The campaign stopped before 2 of 5 devices reported: 3 updated"),
        "{stated}"
    );
    assert!(
        stated.to_lowercase().contains("user"),
        "who stopped it: {stated}"
    );
    assert!(!stated.contains(".."), "{stated}");
    assert!(stated.ends_with('.'), "{stated}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_the_service_fails_later_is_told_with_its_reason() {
    let world = world(5).await;
    let engine = world.engine();
    image(&world);
    let plan = planned(&world, &engine, &spec(Some(5))).await.unwrap();
    // Between plan and start another campaign takes the devices.
    another_runs(&world, &engine, 5).await;
    let id = engine.submit(&plan).await.unwrap();
    let job = settled(&engine, &id).await;
    let diagnosis = failure(&job.state);
    assert_eq!(diagnosis.code, Code::DeviceConflict, "{diagnosis:?}");
    assert!(diagnosis.why.contains('5'), "{diagnosis:?}");
    assert!(
        diagnosis.state_now.contains("No device was touched"),
        "{diagnosis:?}"
    );
    assert!(!diagnosis.remedies.is_empty());
}
