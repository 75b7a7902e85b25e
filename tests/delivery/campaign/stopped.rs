//! Whoever stops watching does not stop a campaign, and learns so.

use firmdrop_core::Outcome;
use firmdrop_engine::{Chain, DeliveredResult, JobState};
use firmdrop_simulator::pelion::Behaviour;

use crate::engine_world::settled;
use crate::fleet::{
    behave, campaigns, carried_out, holds_exactly_one_chain, image, planned, sent, spec,
    until_noted, world,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_watch_leaves_the_campaign_running_and_says_so() {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    behave(&world, &engine, 1, Behaviour::Silent).await;
    let plan = planned(&world, &engine, &spec(Some(3))).await.unwrap();
    let id = engine.submit(&plan).await.unwrap();
    until_noted(&engine, &id, "2 of 3 devices have reported").await;
    engine.cancel(&id).await.unwrap();
    let JobState::Cancelled { state_now } = settled(&engine, &id).await.state else {
        panic!("not cancelled");
    };
    let campaign = campaigns(&engine).await.pop().unwrap();
    assert_eq!(campaign.phase, "active");
    assert!(state_now.contains(&campaign.id), "{state_now}");
    assert!(
        state_now.contains("continues at the service"),
        "{state_now}"
    );
    assert_eq!(carried_out(&world, "POST", "/stop"), 0);
    let ledger = engine.journal().ledger(Chain::Demo).unwrap();
    assert_eq!(
        ledger[0].delivered.result,
        DeliveredResult::Cancelled { state_now }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_watch_goes_on_and_tells_what_happened_meanwhile() {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    behave(&world, &engine, 1, Behaviour::Silent).await;
    let spec = spec(Some(3));
    let plan = planned(&world, &engine, &spec).await.unwrap();
    let id = engine.submit(&plan).await.unwrap();
    until_noted(&engine, &id, "2 of 3 devices have reported").await;
    engine.pause(&id).await.unwrap();
    assert_eq!(settled(&engine, &id).await.state, JobState::Paused);
    let campaign = holds_exactly_one_chain(&world, &engine, &spec).await;
    let client = crate::fleet::client(&engine).await;
    client.stop_campaign(&campaign.id).await.unwrap();
    engine.resume(&id).await.unwrap();
    let job = settled(&engine, &id).await;
    assert!(sent(&job.state).contains("1 of 3"), "{:?}", job.state);
    assert!(matches!(
        job.state,
        JobState::Finished {
            outcome: Outcome::Sent { .. }
        }
    ));
}
