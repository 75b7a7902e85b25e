//! Whose turn it is: one job for each destination at a time.

use firmdrop_engine::{Engine, JobId, JobState, Plan};

use super::engine_world::{
    KEY, World, assert_verified, pelion, plan, settled, state, submit_and_wait_for_chunks, until,
};

/// Begins these together.
async fn begun(engine: &Engine, plans: &[Plan]) -> Vec<JobId> {
    let begun = engine.submit_batch(plans).await.into_iter();
    begun.map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_one_destination_run_one_after_the_other() {
    let world = World::start().await;
    world.slow_chunks();
    let engine = world.engine();
    let images = [world.image("a.bin", 1, 14), world.image("b.bin", 1, 15)];
    let mut watch = engine.watch();
    let [first, second] = &images;
    let plans = [
        plan(&engine, first, &pelion()).await,
        plan(&engine, second, &pelion()).await,
    ];
    let ids = begun(&engine, &plans).await;
    let mut waited = false;
    until(&mut watch, || {
        // Both as they are at one moment.
        let states = engine.jobs(10).unwrap().into_iter().map(|job| job.state);
        let states: Vec<JobState> = states.collect();
        let running = |state: &&JobState| matches!(state, JobState::Running { .. });
        assert!(states.iter().filter(running).count() <= 1, "two at once");
        waited |= states.contains(&JobState::Queued) && states.iter().any(|state| running(&state));
        states.iter().all(JobState::is_ended)
    })
    .await;
    assert!(waited, "the second never waited");
    for id in &ids {
        assert_verified(&state(&engine, id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_two_destinations_run_at_once() {
    let world = World::start().await;
    let other = World::start().await;
    world.account("other", &other.server.url(), KEY);
    world.slow_chunks();
    other.slow_chunks();
    let engine = world.engine();
    let image = world.image("puck.bin", 2, 16);
    let mut watch = engine.watch();
    let other_account = firmdrop_backend::pelion::destination("other");
    let plans = [
        plan(&engine, &image, &pelion()).await,
        plan(&engine, &image, &other_account).await,
    ];
    let ids = begun(&engine, &plans).await;
    let lanes = engine.jobs(10).unwrap().into_iter();
    let lanes: Vec<_> = lanes.filter_map(|job| job.lane).collect();
    assert_eq!(lanes.len(), 2);
    assert_eq!(lanes[0].batch, lanes[1].batch);
    assert_eq!((lanes[0].number, lanes[1].number), (2, 1), "newest first");
    until(&mut watch, || {
        ids.iter()
            .all(|id| matches!(state(&engine, id), JobState::Running { .. }))
    })
    .await;
    for id in &ids {
        assert_verified(&settled(&engine, id).await.state);
    }
    world.service_holds_exactly(&image);
    other.service_holds_exactly(&image);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_job_can_be_cancelled_before_its_turn() {
    let world = World::start().await;
    world.slow_chunks();
    let engine = world.engine();
    let image = world.image("a.bin", 3, 17);
    let first =
        submit_and_wait_for_chunks(&engine, &plan(&engine, &image, &pelion()).await, 1).await;
    let second = world.image("b.bin", 1, 18);
    let second = engine
        .submit(&plan(&engine, &second, &pelion()).await)
        .await
        .unwrap();
    engine.cancel(&second).await.unwrap();
    let JobState::Cancelled { state_now } = settled(&engine, &second).await.state else {
        panic!("not cancelled");
    };
    assert_eq!(state_now, "Nothing was stored with the service.");
    assert_verified(&settled(&engine, &first).await.state);
    world.service_holds_exactly(&image);
}
