//! Several processes on one home: each engine here stands for one of them.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use firmdrop_test_support::engine_world;
use std::time::Duration;

use engine_world::{
    CHUNK_BYTES, World, assert_verified, pelion, pieces, plan, reader_1, settled, state,
    submit_and_wait_for_chunks, until,
};
use firmdrop_core::Code;
use firmdrop_engine::{Against, Chain, Destination, Engine, ImageFile, JobId, JobState, Recovery};

/// Runs `work` as a process that is killed as soon as it is done: its tasks end where they stand.
fn killed_after<T: Send>(work: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let process = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            let value = runtime.block_on(work);
            runtime.shutdown_background();
            value
        });
        process.join().unwrap()
    })
}

/// A job that lost its process in the middle.
fn orphan(world: &World, image: &ImageFile, to: &Destination) -> JobId {
    killed_after(async {
        let engine = world.engine();
        let mut watch = engine.watch();
        let id = engine
            .submit(&plan(&engine, image, to).await)
            .await
            .unwrap();
        until(&mut watch, || {
            pieces(&engine, &id) >= 1 || confirmed_bytes(&engine, &id) >= 16 * 1024
        })
        .await;
        id
    })
}

fn confirmed_bytes(engine: &Engine, id: &JobId) -> u64 {
    engine.job(id).unwrap().summary.progress.confirmed_bytes
}

/// Looks until the tasks of a killed process have let their locks go, and recovers. Nothing tells of
/// a lock that was let go, so it is looked at again and again, for a limited time.
async fn recovered(engine: &Engine, id: &JobId, recovery: Recovery) -> JobState {
    let looking = async {
        let mut again = tokio::time::interval(Duration::from_millis(5));
        loop {
            again.tick().await;
            let found = engine.recover(recovery).await.unwrap();
            if let Some(summary) = found.into_iter().find(|job| job.id == *id) {
                return summary.state;
            }
        }
    };
    let found = tokio::time::timeout(Duration::from_mins(1), looking).await;
    found.unwrap_or_else(|_| panic!("not found: {:?}", state(engine, id)))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orphan_is_marked_interrupted_and_goes_on_when_asked() {
    let world = World::start().await;
    world.slow_chunks();
    let image = world.image("puck.bin", 4, 1);
    let id = orphan(&world, &image, &pelion());
    let engine = world.engine();
    let state = recovered(&engine, &id, Recovery::MarkOnly).await;
    let JobState::Interrupted { reason } = state else {
        panic!("{state:?}");
    };
    assert!(reason.contains("chunk"), "{reason}");
    assert!(!engine.is_busy(), "it must wait for a person");
    engine.resume(&id).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
    world.service_holds_exactly(&image);
    let sent = world.only_upload_job().received_bytes;
    assert!(sent <= image.expected.size_bytes + CHUNK_BYTES, "{sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_lets_an_orphaned_upload_go_on_by_itself() {
    let world = World::start().await;
    world.slow_chunks();
    let image = world.image("puck.bin", 3, 2);
    let id = orphan(&world, &image, &pelion());
    let engine = world.engine();
    recovered(&engine, &id, Recovery::ResumeClouds).await;
    assert_verified(&settled(&engine, &id).await.state);
    world.service_holds_exactly(&image);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orphaned_device_write_waits_for_a_person() {
    let world = World::start().await;
    let image = world.reader_image();
    let id = orphan(&world, &image, &reader_1());
    let engine = world.engine();
    let found = recovered(&engine, &id, Recovery::ResumeClouds).await;
    assert!(matches!(found, JobState::Interrupted { .. }), "{found:?}");
    assert!(!engine.is_busy(), "a device write began by itself");
    engine.resume(&id).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
    assert_eq!(world.reader.slot_sha256(0), image.expected.sha256);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_another_process_carries_out_is_left_alone() {
    let world = World::start().await;
    world.slow_chunks();
    let (here, elsewhere) = (world.engine(), world.engine());
    let image = world.image("puck.bin", 3, 3);
    let id =
        submit_and_wait_for_chunks(&elsewhere, &plan(&elsewhere, &image, &pelion()).await, 1).await;
    for recovery in [Recovery::MarkOnly, Recovery::ResumeClouds] {
        assert!(here.recover(recovery).await.unwrap().is_empty());
    }
    assert!(matches!(state(&here, &id), JobState::Running { .. }));
    assert_eq!(here.resume(&id).await.unwrap_err().code, Code::JobElsewhere);
    assert_verified(&settled(&elsewhere, &id).await.state);
    world.service_holds_exactly(&image);
    assert_eq!(here.journal().ledger(Chain::Demo).unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_and_a_cancel_reach_the_process_that_carries_the_job_out() {
    let world = World::start().await;
    world.slow_chunks();
    let (here, elsewhere) = (world.engine(), world.engine());
    let image = world.image("puck.bin", 8, 4);
    let id =
        submit_and_wait_for_chunks(&elsewhere, &plan(&elsewhere, &image, &pelion()).await, 1).await;
    here.pause(&id).await.unwrap();
    assert_eq!(settled(&elsewhere, &id).await.state, JobState::Paused);
    // Whoever has a hand free goes on with it.
    here.resume(&id).await.unwrap();
    elsewhere.cancel(&id).await.unwrap();
    let state = settled(&here, &id).await.state;
    assert!(matches!(state, JobState::Cancelled { .. }), "{state:?}");
    assert!(world.server.images().is_empty());
    assert_eq!(here.journal().ledger(Chain::Demo).unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_waits_for_its_turn_hears_other_processes_too() {
    let world = World::start().await;
    world.slow_chunks();
    let (here, elsewhere) = (world.engine(), world.engine());
    let image = world.image("a.bin", 8, 5);
    let first =
        submit_and_wait_for_chunks(&elsewhere, &plan(&elsewhere, &image, &pelion()).await, 1).await;
    let second = world.image("b.bin", 1, 6);
    let second = elsewhere
        .submit(&plan(&elsewhere, &second, &pelion()).await)
        .await
        .unwrap();
    here.pause(&second).await.unwrap();
    assert_eq!(settled(&elsewhere, &second).await.state, JobState::Paused);
    assert!(
        !state(&elsewhere, &first).is_ended(),
        "it was paused only when its turn came"
    );
    assert_verified(&settled(&elsewhere, &first).await.state);
    elsewhere.resume(&second).await.unwrap();
    assert_verified(&settled(&elsewhere, &second).await.state);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_take_turns_at_one_destination() {
    let world = World::start().await;
    world.slow_chunks();
    let (here, elsewhere) = (world.engine(), world.engine());
    let first = world.image("a.bin", 2, 7);
    let first = submit_and_wait_for_chunks(&here, &plan(&here, &first, &pelion()).await, 1).await;
    let second = world.image("b.bin", 1, 8);
    let mut watch = elsewhere.watch();
    let second = elsewhere
        .submit(&plan(&elsewhere, &second, &pelion()).await)
        .await
        .unwrap();
    until(&mut watch, || {
        let begun = state(&elsewhere, &second) != JobState::Queued;
        assert!(!begun || state(&here, &first).is_ended(), "two at once");
        begun
    })
    .await;
    assert_verified(&settled(&elsewhere, &second).await.state);
    assert_verified(&state(&here, &first));
    let report = here.ledger().verify(Chain::Demo, &Against::default());
    let report = report.unwrap();
    assert_eq!((report.entries, report.findings), (2, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_another_process_are_followed() {
    let world = World::start().await;
    let (here, elsewhere) = (world.engine(), world.engine());
    let mut watch = here.watch();
    let _following = here.follow();
    let image = world.image("puck.bin", 1, 9);
    let id = elsewhere
        .submit(&plan(&elsewhere, &image, &pelion()).await)
        .await
        .unwrap();
    let seen = async {
        loop {
            if let firmdrop_engine::Change::Job(job) = watch.recv().await.unwrap()
                && job.id == id
                && job.state.is_ended()
            {
                return job.state;
            }
        }
    };
    let state = tokio::time::timeout(std::time::Duration::from_mins(1), seen).await;
    assert_verified(&state.expect("nothing was stated"));
}
