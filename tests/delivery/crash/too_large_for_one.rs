//! A file that was planned to go in one request, and something on the way takes only shorter ones.

use firmdrop_core::{MIB, NoteKind};
use firmdrop_engine::{DeliveryOptions, PhaseResult};
use firmdrop_simulator::fault::{Effect, Rule};

use crate::death::Death;
use crate::engine_world::{World, assert_verified, pelion, settled};
use crate::{Story, dies_everywhere};

/// Takes what is half as long as the file, and no more.
const LIMIT_BYTES: u64 = 6 * MIB;

async fn too_large_for_one(world: &World) -> Story {
    let limit = Rule::always(Effect::BodyLimit {
        most_bytes: LIMIT_BYTES,
    });
    world.server.dial().add(limit.on("POST", ""));
    let image = world.image("puck.bin", 2, 1);
    let engine = world.engine();
    let options = DeliveryOptions::default();
    let (files, to) = (image.clone().into(), pelion());
    let plan = engine.plan(&files, &to, &options);
    Story::upload(image, plan.await.unwrap(), LIMIT_BYTES)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_file_ends_verified_and_every_phase_of_its_plan_is_done() {
    let world = World::start().await;
    let story = too_large_for_one(&world).await;
    let engine = world.engine();
    let id = engine.submit(&story.plan).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
    world.service_holds_exactly(&story.image);
    let job = engine.job(&id).unwrap();
    let phases: Vec<_> = job
        .phases
        .iter()
        .map(|run| (&*run.key, run.result))
        .collect();
    let done = ["check_file", "send_body", "compare"].map(|key| (key, PhaseResult::Done));
    assert_eq!(phases, done);
    let warned = |timed: &&firmdrop_engine::TimedNote| timed.note.kind == NoteKind::Warning;
    let warning = job.notes.iter().find(warned).unwrap();
    assert!(warning.note.text.contains("in chunks"), "{warning:?}");
    let detail = warning.note.detail.as_deref().unwrap();
    assert!(detail.contains("413"), "{warning:?}");
    assert_eq!(job.pieces.len(), 2);
}

#[test]
fn a_process_that_dies_right_after_any_line_is_followed_by_one_that_ends_verified() {
    let lines = dies_everywhere(Death::AfterLine, &too_large_for_one);
    assert!(lines > 15, "only {lines} lines: the test lost its subject");
}

#[test]
fn a_process_that_dies_before_it_can_write_what_happened_is_followed_by_one_that_ends_verified() {
    let lines = dies_everywhere(Death::BeforeLine, &too_large_for_one);
    assert!(lines > 15, "only {lines} lines: the test lost its subject");
}
