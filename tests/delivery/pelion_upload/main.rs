//! Uploads to the simulated Pelion service while things go wrong: every rule of the guide that an
//! upload depends on, every line at which it can be killed, every way an answer can be lost.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod adoption;
mod body_limit;
mod conflicts;
mod file_and_person;
mod gateway_pages;
mod late;
mod lost_answers;
mod names;
mod odd_lists;
mod one_request;
mod other_names;
mod other_spellings;
mod state_words;
mod too_large_for_one;
mod wrong_answers;

use firmdrop_cloud::pelion::upload::{Chunking, UploadError, UploadRequest};
use firmdrop_core::{MIB, Outcome};
use firmdrop_simulator::fault::{Effect, Rule};
use firmdrop_test_support::pelion_world;
use pelion_world::{Death, Journal, World, bytes, is_verified, request, three_chunks};

const CHUNKS: &str = "/chunks";
const JOBS: &str = "/upload-jobs";

fn whole(length: u64) -> UploadRequest {
    UploadRequest {
        chunking: Chunking::default(),
        ..request(bytes(length, 3))
    }
}

#[tokio::test]
async fn a_file_arrives_in_chunks_and_is_proved() {
    let (world, request, journal) = (World::start().await, three_chunks(), Journal::default());
    let outcome = world.upload(&request, &journal).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    world.holds_exactly(&request);
    let lengths: Vec<u64> = world
        .only_job()
        .chunks
        .iter()
        .map(|chunk| chunk.length)
        .collect();
    assert_eq!(lengths, [5 * MIB, 5 * MIB, MIB + 17, 0]);
    assert_eq!(
        journal.lines(),
        [
            "creating",
            "created",
            "sending 1",
            "handing over",
            "confirmed 1",
            "sending 2",
            "handing over",
            "confirmed 2",
            "sending 3",
            "handing over",
            "confirmed 3",
            "finishing",
            "image"
        ]
    );
    assert_eq!(
        *world.events.phases.lock().unwrap(),
        [
            "check_file",
            "create_job",
            "send_chunks",
            "finish",
            "compare"
        ]
    );
}

#[tokio::test]
async fn progress_counts_what_is_confirmed_and_never_goes_back() {
    let (world, request) = (World::start().await, three_chunks());
    world
        .server
        .dial()
        .add(Rule::once(Effect::LoseAnswer).on("POST", CHUNKS).skip(1));
    world.deliver(&request).await.unwrap();
    let progress = world.events.progress.lock().unwrap();
    assert!(progress.is_sorted_by_key(|step| step.confirmed_bytes));
    assert_eq!(
        progress.last().unwrap().confirmed_bytes,
        request.expected.size_bytes
    );
    let most = request.expected.size_bytes;
    assert!(
        progress
            .iter()
            .all(|p| p.confirmed_bytes + p.in_flight_bytes <= most)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_line_of_the_journal_it_resumes_without_storing_a_chunk_twice() {
    for line in 0..13 {
        for death in [Death::AfterLine(line), Death::BeforeLine(line)] {
            let (world, request) = (World::start().await, three_chunks());
            let journal = Journal::dying(death);
            let killed = world.upload(&request, &journal).await;
            assert!(
                matches!(killed, Err(UploadError::Record { .. })),
                "{death:?}: {killed:?}"
            );
            let resumed = Journal::resumed(journal.state());
            let outcome = world.upload(&request, &resumed).await;
            assert!(is_verified(&outcome), "{death:?}: {outcome:?}");
            world.holds_exactly(&request);
            let job = world.only_job();
            let resent = job.received_bytes - job.stored_bytes();
            // What went out before the line about its last bytes was not complete.
            let incomplete = journal.state().unanswered.is_some() || journal.died_in_a_body();
            let most = if incomplete { 5 * MIB } else { 0 };
            assert!(
                resent <= most,
                "{death:?}: what the service holds is not sent again"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_takes_chunks_by_itself_and_they_grow() {
    let (world, request) = (World::start().await, whole(128 * MIB));
    let outcome = world.deliver(&request).await;
    assert!(
        matches!(outcome, Ok(Outcome::Verified { .. })),
        "{outcome:?}"
    );
    world.holds_exactly(&request);
    let lengths: Vec<u64> = world
        .only_job()
        .chunks
        .iter()
        .map(|chunk| chunk.length / MIB)
        .collect();
    assert_eq!(lengths.first(), Some(&32));
    assert_eq!(lengths.iter().sum::<u64>(), 128);
}
