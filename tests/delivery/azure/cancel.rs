//! A cancel leaves nothing in the storage.

use firmdrop_engine::JobState;
use firmdrop_simulator::azure::AzureFault;
use firmdrop_simulator::fault::Rule;

use crate::FILES;
use crate::azure_world::{AzureWorld, CONTAINER, toaster};
use crate::engine_world::{settled, until};

/// A job whose import never ends.
async fn watching(world: &AzureWorld) -> (firmdrop_engine::Engine, firmdrop_engine::JobId) {
    let endless = Rule::always(AzureFault::EndlessJob.into()).on("POST", "import");
    world.server.dial().add(endless);
    let engine = world.engine();
    let plan = world.plan(&engine, &FILES, &toaster("1.0")).await.unwrap();
    let mut watch = engine.watch();
    let id = engine.submit(&plan).await.unwrap();
    until(&mut watch, || {
        let state = engine.job(&id).unwrap().summary.state;
        matches!(state, JobState::Running { phase } if phase == "watch_import")
    })
    .await;
    (engine, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_import_leaves_no_blob_and_says_that_the_service_continues() {
    let world = AzureWorld::start().await;
    let (engine, id) = watching(&world).await;
    assert_eq!(world.storage.blobs(CONTAINER).len(), 3);
    engine.cancel(&id).await.unwrap();
    let job = settled(&engine, &id).await;
    let JobState::Cancelled { state_now } = &job.state else {
        panic!("{:?}", job.state);
    };
    assert!(state_now.contains("accepted the import"), "{state_now}");
    assert!(world.storage.blobs(CONTAINER).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_import_leaves_its_blobs_until_it_is_cancelled() {
    let world = AzureWorld::start().await;
    let (engine, id) = watching(&world).await;
    engine.pause(&id).await.unwrap();
    assert_eq!(settled(&engine, &id).await.state, JobState::Paused);
    assert_eq!(world.storage.blobs(CONTAINER).len(), 3);
    engine.cancel(&id).await.unwrap();
    assert!(world.storage.blobs(CONTAINER).is_empty());
}
