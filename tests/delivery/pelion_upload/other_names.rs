//! A service that stores a name in other letters than it was given: after an unknown answer what it
//! stored is still known for ours.

use std::sync::atomic::{AtomicU32, Ordering};

use firmdrop_cloud::pelion::upload::{UploadRequest, upload};
use firmdrop_core::{MIB, NoteKind};
use firmdrop_test_support::gateway::{Act, Gateway, unchanged};

use super::pelion_world::{Journal, KEY, World, is_verified, pelion_at, three_chunks};
use super::whole;

/// The name that is given, and the one that is stored; of one length.
const GIVEN: &str = "Puck-A b";

/// Writes every request that creates something with `stored` instead of [`GIVEN`].
fn stores(stored: &'static str) -> impl Fn(&str, Vec<u8>) -> Vec<u8> {
    move |line, mut request| {
        if line.starts_with("POST") {
            let given = GIVEN.as_bytes();
            while let Some(at) = request.windows(given.len()).position(|part| part == given) {
                request[at..at + given.len()].copy_from_slice(stored.as_bytes());
            }
        }
        request
    }
}

/// The first request that ends so is called failed, and is carried out four questions later.
fn late(end: &'static str) -> impl Fn(&str) -> Act {
    let count = AtomicU32::new(0);
    move |line| {
        let concerns = line.starts_with("POST") && line.ends_with(end);
        if concerns && count.fetch_add(1, Ordering::SeqCst) == 0 {
            Act::Late(504, 4)
        } else {
            Act::Pass
        }
    }
}

async fn is_stored_once(request: UploadRequest, stored: &'static str, end: &'static str) {
    let request = UploadRequest {
        name: GIVEN.to_owned(),
        ..request
    };
    let world = World::start().await;
    let url = world.server.url();
    let gateway = Gateway::rewriting(&url, late(end), stores(stored), unchanged).await;
    let pelion = pelion_at(&gateway.url(), KEY);
    let (journal, events) = (Journal::default(), &world.events);
    let state = journal.state();
    let outcome = upload(&pelion, &request, state, &journal, events, &world.cancel).await;
    assert!(is_verified(&outcome), "{stored}: {outcome:?}");
    world.holds_exactly(&request);
    let notes = events.notes.lock().unwrap();
    let says_the_name = |text: &str| text.contains(&format!("\"{stored}\""));
    assert!(
        notes
            .iter()
            .any(|note| note.kind == NoteKind::Warning && says_the_name(&note.text)),
        "{notes:?}"
    );
}

#[tokio::test]
async fn an_image_that_the_service_stores_late_and_under_another_name_is_stored_once() {
    for stored in ["puck-a b", "Puck-A_b", "firmware"] {
        is_stored_once(whole(MIB), stored, "/firmware-images").await;
    }
}

#[tokio::test]
async fn an_upload_job_that_is_created_late_and_under_another_name_is_created_once() {
    is_stored_once(three_chunks(), "puck-a b", "/upload-jobs").await;
}

#[tokio::test]
async fn the_same_bytes_that_somebody_stored_before_are_not_taken_for_ours() {
    let world = World::start().await;
    let earlier = whole(MIB);
    assert!(is_verified(&world.deliver(&earlier).await));
    let request = UploadRequest {
        name: "another".to_owned(),
        ..earlier.clone()
    };
    let url = world.server.url();
    let count = AtomicU32::new(0);
    let fails_once = move |line: &str| {
        if line.starts_with("POST") && count.fetch_add(1, Ordering::SeqCst) == 0 {
            Act::Page(504)
        } else {
            Act::Pass
        }
    };
    // Both are made within seconds here; this makes every image one of the last century.
    let made_long_ago = |_: &str, body: Vec<u8>| {
        let text = String::from_utf8(body).unwrap();
        let old = text.replace("\"created_at\":\"20", "\"created_at\":\"19");
        old.into_bytes()
    };
    let gateway = Gateway::rewriting(&url, fails_once, unchanged, made_long_ago).await;
    let pelion = pelion_at(&gateway.url(), KEY);
    let (journal, events) = (Journal::default(), &world.events);
    let state = journal.state();
    let outcome = upload(&pelion, &request, state, &journal, events, &world.cancel).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    assert_eq!(world.server.images().len(), 2, "each under its own name");
}
