//! One upload as a job: verified, paused, cancelled, and through everything a line can do.

use firmdrop_core::{Code, NoteKind};
use firmdrop_engine::{Against, Chain, DeliveredResult, JobState, PhaseResult};
use firmdrop_simulator::fault::{Effect, Fault, Rule};

use super::engine_world::{
    CHUNK_BYTES, World, assert_verified, deliver, pelion, plan, settled, state,
    submit_and_wait_for_chunks, until,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_in_chunks_ends_verified_with_a_ledger_entry() {
    let world = World::start().await;
    let engine = world.engine();
    let image = world.image("puck.bin", 5, 1);
    let job = deliver(&engine, &image, &pelion()).await;
    assert_verified(&job.state);
    world.service_holds_exactly(&image);
    let job = engine.job(&job.id).unwrap();
    assert_eq!(job.summary.percent, 100);
    assert_eq!(job.pieces.len(), 6);
    assert_eq!((job.resumed, job.sent_again), (0, 0));
    for run in &job.phases {
        assert_eq!(run.result, PhaseResult::Done, "{}", run.key);
    }
    let ledger = engine.journal().ledger(Chain::Demo).unwrap();
    assert_eq!(ledger.len(), 1);
    assert_eq!(ledger[0].delivered.sha256, image.expected.sha256);
    assert_eq!(Some(ledger[0].hash), job.ledger_entry);
    let report = engine.ledger().verify(Chain::Demo, &Against::default());
    let report = report.unwrap();
    assert_eq!((report.signed, report.findings), (1, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_upload_goes_on_with_the_chunks_that_are_missing() {
    let world = World::start().await;
    world.slow_chunks();
    let engine = world.engine();
    let image = world.image("puck.bin", 5, 2);
    let id = submit_and_wait_for_chunks(&engine, &plan(&engine, &image, &pelion()).await, 2).await;
    engine.pause(&id).await.unwrap();
    assert_eq!(settled(&engine, &id).await.state, JobState::Paused);
    let again = engine.pause(&id).await.unwrap_err();
    assert_eq!(again.code, Code::JobCannotDo, "it is paused already");
    engine.resume(&id).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
    world.service_holds_exactly(&image);
    assert_eq!(engine.job(&id).unwrap().resumed, 1);
    let sent = world.only_upload_job().received_bytes;
    assert!(
        sent <= image.expected.size_bytes + CHUNK_BYTES,
        "more than one chunk was sent again: {sent} bytes"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_upload_says_what_the_service_keeps_and_cannot_be_resumed() {
    let world = World::start().await;
    world.slow_chunks();
    let engine = world.engine();
    let image = world.image("puck.bin", 5, 3);
    let id = submit_and_wait_for_chunks(&engine, &plan(&engine, &image, &pelion()).await, 2).await;
    engine.cancel(&id).await.unwrap();
    let JobState::Cancelled { state_now } = settled(&engine, &id).await.state else {
        panic!("not cancelled");
    };
    let upload_job = world.server.record().jobs.keys().next().unwrap().clone();
    assert!(state_now.contains(&upload_job), "{state_now}");
    assert!(state_now.contains("chunks"), "{state_now}");
    assert!(world.server.images().is_empty());
    assert_eq!(
        engine.resume(&id).await.unwrap_err().code,
        Code::JobNotResumable
    );
    let ledger = engine.journal().ledger(Chain::Demo).unwrap();
    assert!(matches!(
        ledger[0].delivered.result,
        DeliveredResult::Cancelled { .. }
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_survives_everything_a_line_can_do() {
    let faults = [
        (
            "the answer to a chunk is lost",
            Rule::once(Effect::LoseAnswer).on("POST", "/chunks").skip(1),
        ),
        (
            "the answer to the finish is lost",
            Rule::once(Effect::LoseAnswer).on("POST", "/chunks").skip(3),
        ),
        (
            "the answer to the creation is lost",
            Rule::once(Effect::LoseAnswer).on("POST", "/upload-jobs"),
        ),
        (
            "the line is cut inside a chunk",
            Rule::once(Effect::CutInBody { after_bytes: None })
                .on("POST", "/chunks")
                .skip(1),
        ),
        (
            "the service fails twice",
            Rule::always(Effect::ServerError { status: 503 })
                .on("POST", "/chunks")
                .times(2),
        ),
        (
            "the service asks to wait",
            Rule::once(Effect::RateLimit {
                retry_after_seconds: 1,
            })
            .on("POST", "/chunks"),
        ),
    ];
    for (what, rule) in faults {
        let world = World::start().await;
        world.server.dial().add(rule);
        let engine = world.engine();
        let image = world.image("puck.bin", 2, 4);
        let job = deliver(&engine, &image, &pelion()).await;
        assert!(
            matches!(job.state, JobState::Finished { .. }),
            "{what}: {:?}",
            job.state
        );
        assert_verified(&job.state);
        world.service_holds_exactly(&image);
        // A rule that is used up is off the dial.
        let left = world.server.dial().state().rules;
        assert!(left.is_empty(), "{what}: it never happened");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pulled_plug_is_waited_for_and_the_upload_goes_on() {
    let world = World::start().await;
    world.slow_chunks();
    let engine = world.engine();
    let image = world.image("puck.bin", 3, 5);
    let plan = plan(&engine, &image, &pelion()).await;
    let mut watch = engine.watch();
    let id = submit_and_wait_for_chunks(&engine, &plan, 1).await;
    world.server.dial().turn(Fault::PullThePlug, true);
    let waits = || {
        let notes = engine.job(&id).unwrap().notes;
        notes.iter().any(|timed| timed.note.kind == NoteKind::Retry)
    };
    until(&mut watch, waits).await;
    assert!(matches!(state(&engine, &id), JobState::Running { .. }));
    world.server.dial().turn(Fault::PullThePlug, false);
    assert_verified(&settled(&engine, &id).await.state);
    world.service_holds_exactly(&image);
}
