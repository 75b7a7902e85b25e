//! Jobs that load a reader.

use firmdrop_engine::{Chain, JobState};

use super::engine_world::{World, assert_verified, deliver, plan, reader_1, settled, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_loaded_and_verified() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.reader_image();
    let job = deliver(&engine, &image, &reader_1()).await;
    assert_verified(&job.state);
    assert_eq!(world.reader.slot_sha256(0), image.expected.sha256);
    assert!(world.reader.is_confirmed());
    let ledger = engine.journal().ledger(Chain::Demo).unwrap();
    assert_eq!(ledger[0].delivered.destination, "sim:reader-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_load_goes_on_where_the_reader_is() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.reader_image();
    let old = world.reader.slot_sha256(0);
    let mut watch = engine.watch();
    let id = engine
        .submit(&plan(&engine, &image, &reader_1()).await)
        .await
        .unwrap();
    until(&mut watch, || {
        let progress = engine.job(&id).unwrap().summary.progress;
        progress.confirmed_bytes >= 16 * 1024
    })
    .await;
    engine.pause(&id).await.unwrap();
    assert_eq!(settled(&engine, &id).await.state, JobState::Paused);
    assert_eq!(world.reader.slot_sha256(0), old, "the old image must run");
    engine.resume(&id).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
    assert_eq!(world.reader.slot_sha256(0), image.expected.sha256);
    let sent = world.reader.counters().upload_bytes;
    assert!(sent < 192 * 1024, "it began anew: {sent} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_load_leaves_the_old_image_running() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.reader_image();
    let old = world.reader.slot_sha256(0);
    let mut watch = engine.watch();
    let id = engine
        .submit(&plan(&engine, &image, &reader_1()).await)
        .await
        .unwrap();
    until(&mut watch, || {
        let progress = engine.job(&id).unwrap().summary.progress;
        progress.confirmed_bytes >= 16 * 1024
    })
    .await;
    engine.cancel(&id).await.unwrap();
    let JobState::Cancelled { state_now } = settled(&engine, &id).await.state else {
        panic!("not cancelled");
    };
    assert!(state_now.contains("old image"), "{state_now}");
    assert_eq!(world.reader.slot_sha256(0), old);
}
