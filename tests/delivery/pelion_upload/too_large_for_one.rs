//! A small file that something on the way takes in chunks, but not in one request.

use firmdrop_cloud::pelion::upload::{UploadError, UploadState};
use firmdrop_core::{Code, Diagnose as _, MIB, NoteKind};
use firmdrop_simulator::fault::{Effect, Rule};

use super::pelion_world::{Death, Journal, World, is_verified};
use super::whole;

/// Room for what a form adds to its file.
const FORM_BYTES: u64 = 4096;

/// A world in which no request of any kind may have a longer body.
async fn world_with_limit(most_bytes: u64) -> World {
    let world = World::start().await;
    let limit = Rule::always(Effect::BodyLimit { most_bytes });
    world.server.dial().add(limit.on("POST", ""));
    world
}

/// How often the whole file went out in one request.
fn whole_posts(world: &World) -> usize {
    let record = world.server.record();
    let posts = record.requests.iter().filter(|request| {
        request.method == "POST" && request.target.trim_end_matches('/').ends_with("-images")
    });
    posts.count()
}

fn lengths(world: &World) -> Vec<u64> {
    let chunks = world.only_job().chunks;
    chunks.iter().map(|chunk| chunk.length).collect()
}

/// The phases in their order, each once however often it was told.
fn phases(world: &World) -> Vec<String> {
    let mut phases = world.events.phases.lock().unwrap().clone();
    phases.dedup();
    phases
}

#[tokio::test]
async fn a_small_file_that_is_too_large_for_one_request_goes_in_chunks() {
    let world = world_with_limit(13 * MIB).await;
    let (request, journal) = (whole(23 * MIB), Journal::default());
    let outcome = world.upload(&request, &journal).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    world.holds_exactly(&request);
    assert_eq!(whole_posts(&world), 1);
    assert_eq!(lengths(&world), [12 * MIB, 11 * MIB, 0]);
    assert_eq!(
        journal.lines()[..5],
        [
            "creating",
            "handing over",
            "whole file refused",
            "creating",
            "created"
        ]
    );
    // What the plan shows is what happens: the file is sent.
    assert_eq!(phases(&world), ["check_file", "send_body", "compare"]);
    let notes = world.events.notes.lock().unwrap();
    let warnings: Vec<_> = notes
        .iter()
        .filter(|note| note.kind == NoteKind::Warning)
        .collect();
    assert_eq!(warnings.len(), 1, "{notes:?}");
    assert!(warnings[0].text.contains("in chunks"), "{notes:?}");
    let last = world
        .events
        .progress
        .lock()
        .unwrap()
        .last()
        .copied()
        .unwrap();
    assert_eq!(last.confirmed_bytes, 23 * MIB);
}

#[tokio::test]
async fn chunks_that_are_refused_after_that_are_shortened_on() {
    let world = world_with_limit(6 * MIB).await;
    let request = whole(23 * MIB);
    assert!(is_verified(&world.deliver(&request).await));
    world.holds_exactly(&request);
    assert_eq!(whole_posts(&world), 1);
    assert_eq!(
        lengths(&world),
        [6 * MIB, 6 * MIB, 6 * MIB, 5 * MIB, 0],
        "12 MiB were tried first"
    );
}

#[tokio::test]
async fn one_byte_more_than_the_shortest_chunk_goes_in_two() {
    let world = world_with_limit(5 * MIB).await;
    let request = whole(5 * MIB + 1);
    assert!(is_verified(&world.deliver(&request).await));
    world.holds_exactly(&request);
    assert_eq!(lengths(&world), [5 * MIB, 1, 0]);
}

#[tokio::test]
async fn a_file_of_one_shortest_chunk_fails_by_name_and_leaves_nothing() {
    for size_bytes in [5 * MIB, 40_000] {
        let world = world_with_limit(20_000).await;
        let journal = Journal::default();
        let error = world
            .upload(&whole(size_bytes), &journal)
            .await
            .unwrap_err();
        let diagnosis = error.diagnose();
        assert_eq!(diagnosis.code, Code::BodyTooLarge);
        assert!(
            diagnosis.what_happened.starts_with("A request of "),
            "{diagnosis:?}"
        );
        assert!(
            diagnosis.state_now.contains("Nothing was stored"),
            "{diagnosis:?}"
        );
        assert!(world.server.record().jobs.is_empty());
        // Once the limit is lifted, one request does.
        world.server.dial().clear();
        let later = Journal::resumed(journal.state());
        let request = whole(size_bytes);
        assert!(is_verified(&world.upload(&request, &later).await));
        world.holds_exactly(&request);
        assert!(world.server.record().jobs.is_empty());
    }
}

/// Dies there, resumes, and asserts that the file arrived once. Answers whether it died.
async fn survives(death: Death) -> bool {
    let world = world_with_limit(6 * MIB).await;
    let request = whole(11 * MIB + 17);
    let journal = Journal::dying(death);
    let died = world.upload(&request, &journal).await.is_err();
    let refusal_known = journal
        .lines()
        .iter()
        .any(|line| line == "whole file refused");
    let resumed = Journal::resumed(journal.state());
    let outcome = world.upload(&request, &resumed).await;
    assert!(is_verified(&outcome), "{death:?}: {outcome:?}");
    world.holds_exactly(&request);
    assert_eq!(phases(&world).last().unwrap(), "compare");
    for phase in phases(&world) {
        let planned = ["check_file", "send_body", "compare"];
        assert!(planned.contains(&phase.as_str()), "{death:?}: {phase}");
    }
    if refusal_known {
        assert_eq!(whole_posts(&world), 1, "{death:?}: sent whole once more");
    }
    died
}

#[tokio::test]
async fn a_run_killed_at_any_line_of_that_goes_on_in_chunks_and_stores_none_twice() {
    for kind in [Death::AfterLine, Death::BeforeLine] {
        let mut line = 0;
        while survives(kind(line)).await {
            line += 1;
        }
        assert!(line > 8, "only {line} lines: the test lost its subject");
    }
}

#[tokio::test]
async fn an_answer_lost_on_the_way_to_chunks_creates_one_upload_job() {
    let world = world_with_limit(6 * MIB).await;
    let lost = Rule::once(Effect::LoseAnswer);
    world.server.dial().add(lost.on("POST", super::JOBS));
    let request = whole(11 * MIB);
    assert!(is_verified(&world.deliver(&request).await));
    world.holds_exactly(&request);
    assert_eq!(world.server.record().jobs.len(), 1);
}

#[tokio::test]
async fn somebody_elses_upload_job_of_that_name_is_not_taken_over() {
    let world = world_with_limit(6 * MIB).await;
    let ours = whole(11 * MIB);
    let theirs = world
        .pelion()
        .create_upload_job(&ours.name, &ours.description)
        .await
        .unwrap();
    // The whole file may have gone out before; that says nothing of an upload job.
    let state = UploadState {
        create_attempted: true,
        ..UploadState::default()
    };
    let journal = Journal::resumed(state);
    let error = world.upload(&ours, &journal).await.unwrap_err();
    assert!(
        matches!(&error, UploadError::UnfinishedJobExists { upload_job_id, .. } if *upload_job_id == theirs.id),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_small_file_that_fits_is_not_cut() {
    let world = world_with_limit(23 * MIB + FORM_BYTES).await;
    let request = whole(23 * MIB);
    assert!(is_verified(&world.deliver(&request).await));
    world.holds_exactly(&request);
    assert!(world.server.record().jobs.is_empty());
}

#[tokio::test]
async fn a_small_file_that_goes_on_in_an_adopted_upload_job_keeps_to_the_phases_of_its_plan() {
    let world = World::start().await;
    let request = whole(11 * MIB);
    let theirs = world
        .pelion()
        .create_upload_job(&request.name, "nightly build")
        .await
        .unwrap();
    let state = UploadState {
        upload_job_id: Some(theirs.id),
        ..UploadState::default()
    };
    let journal = Journal::resumed(state);
    assert!(is_verified(&world.upload(&request, &journal).await));
    world.holds_exactly(&request);
    assert_eq!(phases(&world), ["check_file", "send_body", "compare"]);
}
