//! A job that is resumed while its file is not where it was, or not what it was.

use firmdrop_core::{Code, Diagnosis};
use firmdrop_engine::{Destination, Engine, ImageFile, JobId, JobState};

use super::engine_world::{
    World, assert_verified, pelion, plan, reader_1, settled, submit_and_wait_for_chunks, until,
};

/// A job that was paused when a part of the file was there.
async fn paused(engine: &Engine, image: &ImageFile, destination: &Destination) -> JobId {
    let plan = plan(engine, image, destination).await;
    let id = if *destination == reader_1() {
        let mut watch = engine.watch();
        let id = engine.submit(&plan).await.unwrap();
        until(&mut watch, || {
            let progress = engine.job(&id).unwrap().summary.progress;
            progress.confirmed_bytes >= 16 * 1024
        })
        .await;
        id
    } else {
        submit_and_wait_for_chunks(engine, &plan, 2).await
    };
    engine.pause(&id).await.unwrap();
    assert_eq!(settled(engine, &id).await.state, JobState::Paused);
    id
}

/// How the job ends when it is resumed: failed, and to be resumed later.
async fn refused(engine: &Engine, id: &JobId) -> Diagnosis {
    engine.resume(id).await.unwrap();
    match settled(engine, id).await.state {
        JobState::Failed {
            diagnosis,
            resumable: Some(true),
        } => *diagnosis,
        other => panic!("{other:?}"),
    }
}

async fn is_resumed_once_it_is_back(world: &World, image: &ImageFile, destination: &Destination) {
    let engine = world.engine();
    let id = paused(&engine, image, destination).await;
    let held = |diagnosis: &Diagnosis| {
        let state = &diagnosis.state_now;
        assert!(!state.contains("Nothing was sent"), "{state}");
        assert!(state.len() > "Nothing further was sent.".len(), "{state}");
    };
    let beside = image.path.with_extension("away");
    std::fs::rename(&image.path, &beside).unwrap();
    let missing = refused(&engine, &id).await;
    assert_eq!(missing.code, Code::FileNotFound);
    held(&missing);
    std::fs::write(&image.path, b"another file").unwrap();
    let changed = refused(&engine, &id).await;
    assert_eq!(changed.code, Code::FileChanged);
    assert!(!changed.title.contains("being read"), "{}", changed.title);
    held(&changed);
    std::fs::rename(&beside, &image.path).unwrap();
    engine.resume(&id).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_file_was_moved_or_replaced_is_resumed_once_it_is_back() {
    let world = World::start().await;
    world.slow_chunks();
    let image = world.image("puck.bin", 5, 2);
    is_resumed_once_it_is_back(&world, &image, &pelion()).await;
    world.service_holds_exactly(&image);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_whose_file_was_moved_or_replaced_is_resumed_once_it_is_back() {
    let world = World::start().await;
    let image = world.reader_image();
    is_resumed_once_it_is_back(&world, &image, &reader_1()).await;
    assert_eq!(world.reader.slot_sha256(0), image.expected.sha256);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_account_lost_its_key_says_what_the_service_still_holds() {
    let world = World::start().await;
    world.slow_chunks();
    let image = world.image("puck.bin", 5, 2);
    let engine = world.engine();
    let id = paused(&engine, &image, &pelion()).await;
    let keys = world.home().folder().join("keys");
    let away = world.home().folder().join("keys.away");
    std::fs::rename(&keys, &away).unwrap();
    let refused = refused(&engine, &id).await;
    let state = &refused.state_now;
    assert!(!state.contains("Nothing was sent"), "{state}");
    assert!(state.contains("chunk"), "{state}");
    std::fs::remove_dir_all(&keys).ok();
    std::fs::rename(&away, &keys).unwrap();
    engine.resume(&id).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
}
