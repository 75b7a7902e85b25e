//! Whose turn it is: one job for each destination at a time.

use firmdrop_engine::JobState;

use super::engine_world::{
    KEY, World, assert_verified, pelion, plan, settled, state, submit_and_wait_for_chunks, until,
};

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
    let ids = plans.map(|plan| engine.submit(&plan).unwrap());
    let mut waited = false;
    until(&mut watch, || {
        let states = ids.each_ref().map(|id| state(&engine, id));
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
    let mut ids = Vec::new();
    for to in [pelion(), firmdrop_backend::pelion::destination("other")] {
        let plan = plan(&engine, &image, &to).await;
        ids.push(engine.submit(&plan).unwrap());
    }
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
        .unwrap();
    engine.cancel(&second).unwrap();
    let JobState::Cancelled { state_now } = settled(&engine, &second).await.state else {
        panic!("not cancelled");
    };
    assert_eq!(state_now, "Nothing was stored with the service.");
    assert_verified(&settled(&engine, &first).await.state);
    world.service_holds_exactly(&image);
}
