//! What a service has accepted and does not show yet, words that no document lists, and gateways that
//! answer in its place while an import is watched.

use std::sync::atomic::{AtomicU32, Ordering};

use firmdrop_engine::JobState;
use firmdrop_simulator::fault::{Effect, Rule};
use firmdrop_test_support::gateway::{Act, Gateway, unchanged};

use crate::FILES;
use crate::azure_world::{AzureWorld, toaster};
use crate::engine_world::{assert_verified, failure};

const OPERATIONS: &str = "/operations/";

/// An import whose first looks at its operation end so.
async fn with_looks(effect: Effect, times: u32) -> (AzureWorld, JobState) {
    let world = AzureWorld::start().await;
    let rule = Rule::always(effect).on("GET", OPERATIONS).times(times);
    world.server.dial().add(rule);
    let engine = world.engine();
    let (_, job) = world.deliver(&engine, &FILES, &toaster("1.0")).await;
    (world, job.state)
}

/// An import through a gateway that changes the bodies of answers.
async fn through(
    answers: impl Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
) -> (AzureWorld, JobState) {
    let world = AzureWorld::start().await;
    let url = world.server.url();
    let gateway = Gateway::rewriting(&url, |_| Act::Pass, unchanged, answers).await;
    world.account_at(&gateway.url(), &[("storage_access", "account_key")]);
    let engine = world.engine();
    let (_, job) = world.deliver(&engine, &FILES, &toaster("1.0")).await;
    (world, job.state)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_that_is_not_listed_just_after_it_was_accepted_is_looked_at_again() {
    let (world, state) = with_looks(Effect::ServerError { status: 404 }, 3).await;
    assert_verified(&state);
    assert_eq!(world.imports(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateways_page_in_the_place_of_a_look_is_waited_out() {
    for status in [200, 403, 404, 502] {
        let (world, state) = with_looks(Effect::Html { status }, 3).await;
        assert_verified(&state);
        assert_eq!(world.imports(), 1, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_files_that_is_empty_at_first_is_not_another_update() {
    let count = AtomicU32::new(0);
    let (_, state) = through(move |line, body| {
        let is_list = line.contains("/files?");
        if is_list && count.fetch_add(1, Ordering::SeqCst) < 3 {
            return br#"{"value":[]}"#.to_vec();
        }
        body
    })
    .await;
    assert_verified(&state);
}

#[tokio::test(flavor = "multi_thread")]
async fn hashes_in_another_spelling_are_the_same_hashes() {
    let (_, state) = through(|line, body| {
        if !line.contains("/files/") {
            return body;
        }
        let text = String::from_utf8(body).unwrap();
        text.replace("=\"", "\"").into_bytes()
    })
    .await;
    assert_verified(&state);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_of_an_end_that_no_document_lists_ends_the_import_and_is_quoted() {
    for word in ["Canceled", "Aborted", "TimedOut"] {
        let (_, state) = through(move |line, body| {
            let Ok(mut json) = serde_json::from_slice::<serde_json::Value>(&body) else {
                return body;
            };
            if line.contains(OPERATIONS) {
                json["status"] = word.into();
            }
            json.to_string().into_bytes()
        })
        .await;
        let diagnosis = failure(&state);
        let text = format!("{diagnosis:?}");
        assert!(text.contains(word), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_conflicts_with_another_one_is_requested_again() {
    let world = AzureWorld::start().await;
    let conflict = Effect::ServerError { status: 409 };
    let rule = Rule::always(conflict).on("POST", "import").times(2);
    world.server.dial().add(rule);
    let engine = world.engine();
    let (_, job) = world.deliver(&engine, &FILES, &toaster("1.0")).await;
    assert_verified(&job.state);
    assert_eq!(world.server.updates().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_whose_operation_is_never_listed_is_verified_by_the_update_itself() {
    let (world, state) = with_looks(Effect::ServerError { status: 404 }, u32::MAX).await;
    assert_verified(&state);
    assert_eq!(world.imports(), 1);
}
