//! A 409 that is about no name: what the service holds is asked, then the request goes again.

use std::sync::atomic::{AtomicU32, Ordering};

use firmdrop_cloud::pelion::upload::{UploadError, UploadRequest, upload};
use firmdrop_core::{Diagnose as _, MIB, Outcome};
use firmdrop_test_support::gateway::{Act, Gateway};

use super::pelion_world::{Journal, KEY, World, is_verified, pelion_at, three_chunks};
use super::{CHUNKS, whole};

/// Refuses so many requests that begin and end so with 409 and "Not now.".
fn conflicts(beginning: &'static str, end: &'static str, times: u32) -> impl Fn(&str) -> Act {
    let count = AtomicU32::new(0);
    move |line| {
        let concerns = line.starts_with(beginning) && line.ends_with(end);
        if concerns && count.fetch_add(1, Ordering::SeqCst) < times {
            Act::Refused(409)
        } else {
            Act::Pass
        }
    }
}

async fn upload_through(
    world: &World,
    request: &UploadRequest,
    judge: impl Fn(&str) -> Act + Send + Sync + 'static,
) -> Result<Outcome, UploadError> {
    let gateway = Gateway::start(&world.server.url(), judge).await;
    let pelion = pelion_at(&gateway.url(), KEY);
    let (journal, events) = (Journal::default(), &world.events);
    let state = journal.state();
    upload(&pelion, request, state, &journal, events, &world.cancel).await
}

#[tokio::test]
async fn a_conflict_that_passes_is_waited_out() {
    for (request, end) in [
        (three_chunks(), CHUNKS),
        (three_chunks(), "/upload-jobs"),
        (whole(MIB), "/firmware-images"),
    ] {
        let world = World::start().await;
        let outcome = upload_through(&world, &request, conflicts("POST", end, 2)).await;
        assert!(is_verified(&outcome), "{end}: {outcome:?}");
        world.holds_exactly(&request);
    }
}

#[tokio::test]
async fn a_conflict_over_a_chunk_that_stays_blames_no_name() {
    let world = World::start().await;
    let judge = conflicts("POST", CHUNKS, u32::MAX);
    let ended = upload_through(&world, &three_chunks(), judge).await;
    let diagnosis = ended.unwrap_err().diagnose();
    assert!(diagnosis.title.contains("conflict"), "{diagnosis:?}");
    assert!(!diagnosis.why.contains("name"), "{diagnosis:?}");
}

#[tokio::test]
async fn a_chunk_that_is_stored_although_a_gateway_finds_nothing_is_not_sent_again() {
    let world = World::start().await;
    let count = AtomicU32::new(0);
    let judge = move |line: &str| {
        let is_chunk = line.starts_with("POST") && line.ends_with(CHUNKS);
        if is_chunk && count.fetch_add(1, Ordering::SeqCst) == 1 {
            Act::Late(404, 1)
        } else {
            Act::Pass
        }
    };
    let request = three_chunks();
    let outcome = upload_through(&world, &request, judge).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    world.holds_exactly(&request);
}
