//! Cuts, lost answers and a network that goes: what is unknown is asked about, nothing is sent twice.

use std::time::Duration;

use firmdrop_core::{Code, Diagnose as _, MIB, NoteKind, Remedy};
use firmdrop_simulator::fault::{Effect, Fault, Rule};

use super::pelion_world::{Death, Journal, World, bytes, is_verified, request, three_chunks};
use super::{CHUNKS, JOBS};

#[tokio::test]
async fn a_lost_answer_is_asked_about_and_the_chunk_is_not_sent_twice() {
    let (world, request) = (World::start().await, three_chunks());
    world
        .server
        .dial()
        .add(Rule::once(Effect::LoseAnswer).on("POST", CHUNKS).skip(1));
    let journal = Journal::default();
    assert!(is_verified(&world.upload(&request, &journal).await));
    world.holds_exactly(&request);
    assert_eq!(world.only_job().received_bytes, request.expected.size_bytes);
    assert_eq!(journal.sent_again(), 0);
    assert!(world.events.has(NoteKind::Kept));
}

#[tokio::test]
async fn a_connection_cut_inside_a_chunk_costs_that_chunk_only() {
    let (world, request) = (World::start().await, three_chunks());
    let cut = Effect::CutInBody {
        after_bytes: Some(2 * MIB),
    };
    world
        .server
        .dial()
        .add(Rule::once(cut).on("POST", CHUNKS).skip(1));
    let journal = Journal::default();
    assert!(is_verified(&world.upload(&request, &journal).await));
    world.holds_exactly(&request);
    let resent = world.only_job().received_bytes - request.expected.size_bytes;
    assert!(resent > 0 && resent <= 5 * MIB, "{resent}");
    assert_eq!(journal.sent_again(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_cuts_and_lost_answers_end_in_one_right_image() {
    for seed in 0..6 {
        let (mut world, request) = (World::start().await, request(bytes(21 * MIB, seed)));
        // Each lost answer is given its time to settle; a slow computer needs many of them.
        world.give_up_after = Duration::from_mins(1);
        let dial = world.server.dial();
        dial.seed(seed);
        let cut = Effect::CutInBody { after_bytes: None };
        dial.add(Rule::always(cut).on("POST", CHUNKS).probability(0.2));
        dial.add(Rule::always(Effect::LoseAnswer).probability(0.2));
        let outcome = world.deliver(&request).await;
        assert!(is_verified(&outcome), "{seed}: {outcome:?}");
        world.holds_exactly(&request);
    }
}

#[tokio::test]
async fn a_service_that_fails_is_tried_again() {
    for status in [500, 502, 503, 504] {
        let (world, request) = (World::start().await, three_chunks());
        let dial = world.server.dial();
        dial.add(
            Rule::once(Effect::ServerError { status })
                .on("POST", CHUNKS)
                .skip(1),
        );
        dial.add(Rule::once(Effect::ServerError { status }).on("POST", JOBS));
        dial.add(Rule::once(Effect::ServerError { status }).on("GET", ""));
        let outcome = world.deliver(&request).await;
        assert!(is_verified(&outcome), "{status}: {outcome:?}");
        world.holds_exactly(&request);
    }
}

#[tokio::test]
async fn a_wish_to_wait_is_honoured() {
    let (world, request) = (World::start().await, three_chunks());
    let limit = Effect::RateLimit {
        retry_after_seconds: 1,
    };
    world
        .server
        .dial()
        .add(Rule::once(limit).on("POST", CHUNKS).skip(1));
    let began = std::time::Instant::now();
    assert!(is_verified(&world.deliver(&request).await));
    assert!(began.elapsed() >= Duration::from_secs(1));
    world.holds_exactly(&request);
}

#[tokio::test]
async fn a_silent_service_is_noticed_and_the_upload_goes_on() {
    let (mut world, request) = (World::start().await, three_chunks());
    world.silence = Duration::from_secs(1);
    world
        .server
        .dial()
        .add(Rule::once(Effect::Silence).on("POST", CHUNKS).skip(1));
    let outcome = world.deliver(&request).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    world.holds_exactly(&request);
}

#[tokio::test]
async fn the_network_may_go_for_a_while() {
    let (world, request) = (World::start().await, three_chunks());
    let dial = world.server.dial().clone();
    let outcome = tokio::join!(world.deliver(&request), async {
        while world.server.record().jobs.is_empty() {
            tokio::task::yield_now().await;
        }
        dial.turn(Fault::PullThePlug, true);
        world.server.until_listening(false).await;
        while !world.events.has(NoteKind::Retry) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        dial.turn(Fault::PullThePlug, false);
    });
    assert!(is_verified(&outcome.0), "{:?}", outcome.0);
    world.holds_exactly(&request);
}

#[tokio::test]
async fn when_patience_ends_the_diagnosis_says_what_the_service_keeps() {
    let (world, request) = (World::start().await, three_chunks());
    let failing = Effect::ServerError { status: 503 };
    world
        .server
        .dial()
        .add(Rule::always(failing).on("POST", CHUNKS).skip(2));
    let journal = Journal::default();
    let error = world.upload(&request, &journal).await.unwrap_err();
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::ServiceFailed);
    assert!(
        diagnosis.state_now.contains("confirmed 2 chunks"),
        "{}",
        diagnosis.state_now
    );
    assert!(diagnosis.remedies.contains(&Remedy::Resume));
    world.server.dial().clear();
    assert!(is_verified(
        &world
            .upload(&request, &Journal::resumed(journal.state()))
            .await
    ));
    world.holds_exactly(&request);
}

#[tokio::test]
async fn a_lost_answer_to_the_creation_is_found_again_by_the_name() {
    let (world, request) = (World::start().await, three_chunks());
    world
        .server
        .dial()
        .add(Rule::once(Effect::LoseAnswer).on("POST", JOBS));
    assert!(is_verified(&world.deliver(&request).await));
    world.holds_exactly(&request);
    assert_eq!(world.server.record().jobs.len(), 1);
}

#[tokio::test]
async fn a_lost_answer_to_the_finishing_chunk_is_no_failure() {
    let (world, request) = (World::start().await, three_chunks());
    world
        .server
        .dial()
        .add(Rule::once(Effect::LoseAnswer).on("POST", CHUNKS).skip(3));
    assert!(is_verified(&world.deliver(&request).await));
    world.holds_exactly(&request);
}

#[tokio::test]
async fn killed_after_the_finishing_chunk_the_empty_chunk_list_misleads_nobody() {
    let (world, request) = (World::start().await, three_chunks());
    let journal = Journal::dying(Death::BeforeLine(12));
    assert!(world.upload(&request, &journal).await.is_err());
    let state = journal.state();
    assert!(state.finish_attempted && state.firmware_image_id.is_none());
    let job_id = state.upload_job_id.clone().unwrap();
    assert!(world.pelion().all_chunks(&job_id).await.unwrap().is_empty());
    let before = world.only_job().received_bytes;
    assert!(is_verified(
        &world.upload(&request, &Journal::resumed(state)).await
    ));
    assert_eq!(world.only_job().received_bytes, before);
}

#[tokio::test]
async fn an_image_survives_the_deletion_of_its_finished_upload_job() {
    let (world, request) = (World::start().await, three_chunks());
    let journal = Journal::dying(Death::BeforeLine(12));
    assert!(world.upload(&request, &journal).await.is_err());
    let state = journal.state();
    let job_id = state.upload_job_id.clone().unwrap();
    world.pelion().delete_upload_job(&job_id).await.unwrap();
    assert!(is_verified(
        &world.upload(&request, &Journal::resumed(state)).await
    ));
    world.holds_exactly(&request);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_fifty_chunks_are_reconciled() {
    let (world, request) = (World::start().await, request(bytes(52 * 5 * MIB + 3, 1)));
    // creating, created, then three lines per chunk: dies with 51 chunks confirmed.
    let journal = Journal::dying(Death::AfterLine(1 + 3 * 51));
    assert!(world.upload(&request, &journal).await.is_err());
    assert_eq!(journal.state().receipts.len(), 51);
    assert!(is_verified(
        &world
            .upload(&request, &Journal::resumed(journal.state()))
            .await
    ));
    world.holds_exactly(&request);
    assert_eq!(world.only_job().received_bytes, request.expected.size_bytes);
}
