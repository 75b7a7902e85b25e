//! Chunk lists that do not show what was confirmed: late, the newest first, or broken off. Nothing that the service
//! holds is appended to it again.

use std::sync::atomic::{AtomicU32, Ordering};

use firmdrop_cloud::pelion::upload::{UploadError, upload};
use firmdrop_core::{Code, Diagnose as _, MIB, Outcome, Remedy};
use firmdrop_simulator::fault::{Effect, Rule};
use firmdrop_test_support::gateway::{Act, Gateway, unchanged};
use serde_json::{Value, json};

use super::pelion_world::{Death, Journal, KEY, World, is_verified, pelion_at, three_chunks};
use super::{CHUNKS, UploadRequest};

/// The journal's line that the second chunk is confirmed.
const SECOND_CONFIRMED: usize = 7;

/// Changes what a chunk list says.
async fn listing(
    world: &World,
    change: impl Fn(&str, &mut Value) + Send + Sync + 'static,
) -> Gateway {
    let answers = move |line: &str, body: Vec<u8>| {
        let is_list = line.starts_with("GET") && line.contains("/chunks");
        let json = serde_json::from_slice::<Value>(&body);
        match json {
            Ok(mut list) if is_list && list["data"].is_array() => {
                change(line, &mut list);
                list.to_string().into_bytes()
            }
            _ => body,
        }
    };
    Gateway::rewriting(&world.server.url(), |_| Act::Pass, unchanged, answers).await
}

async fn through(
    gateway: &Gateway,
    world: &World,
    request: &UploadRequest,
    journal: &Journal,
) -> Result<Outcome, UploadError> {
    let pelion = pelion_at(&gateway.url(), KEY);
    let (state, events) = (journal.state(), &world.events);
    upload(&pelion, request, state, journal, events, &world.cancel).await
}

/// An upload that was killed with two of its three chunks confirmed.
async fn killed(world: &World, request: &UploadRequest) -> Journal {
    let journal = Journal::dying(Death::AfterLine(SECOND_CONFIRMED));
    assert!(world.upload(request, &journal).await.is_err());
    assert_eq!(journal.state().receipts.len(), 2);
    Journal::resumed(journal.state())
}

fn is_stored_once(world: &World, request: &UploadRequest) {
    world.holds_exactly(request);
    let received = world.only_job().received_bytes;
    assert!(received <= request.expected.size_bytes + 5 * MIB);
}

#[tokio::test]
async fn chunks_that_are_listed_late_are_not_sent_again() {
    let (world, request) = (World::start().await, three_chunks());
    let journal = killed(&world, &request).await;
    let asked = AtomicU32::new(0);
    let gateway = listing(&world, move |_, list| {
        if asked.fetch_add(1, Ordering::SeqCst) < 4 {
            list["data"].as_array_mut().unwrap().truncate(1);
        }
    })
    .await;
    let outcome = through(&gateway, &world, &request, &journal).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    is_stored_once(&world, &request);
}

/// Lists the newest first: nothing of those behind the named one.
fn newest_first(line: &str, list: &mut Value) {
    let rows = list["data"].as_array_mut().unwrap();
    if line.contains("after=") {
        rows.clear();
    } else {
        rows.reverse();
    }
}

#[tokio::test]
async fn chunks_that_are_listed_the_newest_first_are_all_seen() {
    let (world, request) = (World::start().await, three_chunks());
    let lost = Rule::once(Effect::LoseAnswer).on("POST", CHUNKS).skip(1);
    world.server.dial().add(lost);
    let gateway = listing(&world, newest_first).await;
    let outcome = through(&gateway, &world, &request, &Journal::default()).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    is_stored_once(&world, &request);
}

#[tokio::test]
async fn a_chunk_on_its_way_is_seen_after_a_kill_in_a_list_of_any_order() {
    let (world, request) = (World::start().await, three_chunks());
    // Right before the line that the second chunk is confirmed.
    let dying = Journal::dying(Death::BeforeLine(SECOND_CONFIRMED));
    assert!(world.upload(&request, &dying).await.is_err());
    let gateway = listing(&world, newest_first).await;
    let journal = Journal::resumed(dying.state());
    let outcome = through(&gateway, &world, &request, &journal).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    is_stored_once(&world, &request);
}

#[tokio::test]
async fn a_list_that_hides_what_was_confirmed_is_not_believed() {
    type Change = fn(&mut Value);
    let breaks_off: Change = |list| {
        list["data"] = json!([]);
        list["has_more"] = json!(true);
    };
    // Asked by its number, the chunk is there.
    let hides: Change = |list| list["data"] = json!([]);
    for change in [breaks_off, hides] {
        let (world, request) = (World::start().await, three_chunks());
        let journal = killed(&world, &request).await;
        let before = world.only_job().received_bytes;
        let gateway = listing(&world, move |_, list| change(list)).await;
        let error = through(&gateway, &world, &request, &journal).await;
        let diagnosis = error.unwrap_err().diagnose();
        assert_eq!(diagnosis.code, Code::AnswerUnreadable, "{diagnosis:?}");
        assert!(diagnosis.remedies.contains(&Remedy::Resume));
        assert_eq!(world.only_job().received_bytes, before, "nothing was sent");
        let resumed = Journal::resumed(journal.state());
        assert!(is_verified(&world.upload(&request, &resumed).await));
        is_stored_once(&world, &request);
    }
}
