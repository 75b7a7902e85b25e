//! Pages of a gateway in the place of a service that has answered as itself: they are waited out, with
//! whatever status they come.

use std::sync::atomic::{AtomicU32, Ordering};

use firmdrop_cloud::pelion::upload::{UploadError, upload};
use firmdrop_core::{Code, Diagnose as _, Outcome};
use firmdrop_test_support::gateway::{Act, Gateway};

use super::pelion_world::{Journal, KEY, World, is_verified, pelion_at, three_chunks};

/// So many requests pass before the pages begin: the upload job and a chunk.
const BEFORE: u32 = 2;

async fn upload_through(
    world: &World,
    journal: &Journal,
    judge: impl Fn(&str) -> Act + Send + Sync + 'static,
) -> Result<Outcome, UploadError> {
    let gateway = Gateway::start(&world.server.url(), judge).await;
    let pelion = pelion_at(&gateway.url(), KEY);
    let (request, events) = (three_chunks(), &world.events);
    upload(
        &pelion,
        &request,
        journal.state(),
        journal,
        events,
        &world.cancel,
    )
    .await
}

/// Pages of this status to so many requests, once the service has answered.
fn pages(status: u16, times: u32) -> impl Fn(&str) -> Act {
    let count = AtomicU32::new(0);
    move |_| match count.fetch_add(1, Ordering::SeqCst) {
        n if (BEFORE..BEFORE.saturating_add(times)).contains(&n) => Act::Page(status),
        _ => Act::Pass,
    }
}

#[tokio::test]
async fn a_maintenance_page_in_mid_upload_is_waited_out_whatever_its_status() {
    for status in [200, 302, 403, 404, 405, 503] {
        let (world, journal) = (World::start().await, Journal::default());
        let outcome = upload_through(&world, &journal, pages(status, 6)).await;
        assert!(is_verified(&outcome), "{status}: {outcome:?}");
        world.holds_exactly(&three_chunks());
    }
}

#[tokio::test]
async fn a_page_that_stays_is_called_a_gateways_and_the_upload_can_be_resumed() {
    for status in [200, 403, 502] {
        let (world, journal) = (World::start().await, Journal::default());
        let ended = upload_through(&world, &journal, pages(status, u32::MAX)).await;
        let diagnosis = ended.unwrap_err().diagnose();
        assert_eq!(diagnosis.code, Code::ServiceFailed, "{diagnosis:?}");
        assert!(diagnosis.title.contains("gateway"), "{diagnosis:?}");
        let resumed = Journal::resumed(journal.state());
        // The new run has not heard of the service yet, the journal has.
        let outcome = upload_through(&world, &resumed, |_| Act::Pass).await;
        assert!(is_verified(&outcome), "{status}: {outcome:?}");
        world.holds_exactly(&three_chunks());
    }
}

#[tokio::test]
async fn a_page_as_the_first_answer_of_a_resume_is_waited_out_too() {
    let (world, journal) = (World::start().await, Journal::default());
    let ended = upload_through(&world, &journal, pages(502, u32::MAX)).await;
    assert!(ended.is_err());
    let resumed = Journal::resumed(journal.state());
    let count = AtomicU32::new(0);
    let judge = move |_: &str| match count.fetch_add(1, Ordering::SeqCst) {
        0..4 => Act::Page(200),
        _ => Act::Pass,
    };
    let outcome = upload_through(&world, &resumed, judge).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    world.holds_exactly(&three_chunks());
}
