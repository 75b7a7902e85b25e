//! *Perhaps still storing*: what was called failed, or was cut, is carried out after all, later.
//! Whatever was asked meanwhile, nothing is stored twice.

use std::sync::atomic::{AtomicU32, Ordering};

use firmdrop_cloud::pelion::Pelion;
use firmdrop_cloud::pelion::upload::{UploadError, UploadRequest, upload};
use firmdrop_core::{Diagnose as _, MIB, NoteKind, Outcome, Remedy};
use firmdrop_test_support::gateway::{Act, Gateway};
use tokio_util::sync::CancellationToken;

use super::pelion_world::{Journal, KEY, World, is_verified, pelion_at, three_chunks};
use super::{CHUNKS, whole};

/// So many further questions come before a request is carried out: more than three looks ask.
const LATER: u32 = 9;

const IMAGES: &str = "POST /v3/firmware-images";

/// Acts on the nth request, from 0, of those that end so.
fn on(nth: u32, beginning: &'static str, end: &'static str, act: Act) -> impl Fn(&str) -> Act {
    let count = AtomicU32::new(0);
    move |line| {
        let concerns = line.starts_with(beginning) && line.ends_with(end);
        if concerns && count.fetch_add(1, Ordering::SeqCst) == nth {
            act
        } else {
            Act::Pass
        }
    }
}

/// A world behind a gateway.
struct Behind {
    world: World,
    gateway: Gateway,
}

impl Behind {
    async fn start(judge: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        let world = World::start().await;
        let gateway = Gateway::start(&world.server.url(), judge).await;
        Self { world, gateway }
    }

    fn pelion(&self) -> Pelion {
        pelion_at(&self.gateway.url(), KEY)
    }

    async fn upload(
        &self,
        request: &UploadRequest,
        journal: &Journal,
    ) -> Result<Outcome, UploadError> {
        self.upload_until(request, journal, &self.world.cancel)
            .await
    }

    async fn upload_until(
        &self,
        request: &UploadRequest,
        journal: &Journal,
        cancel: &CancellationToken,
    ) -> Result<Outcome, UploadError> {
        let (pelion, events) = (self.pelion(), &self.world.events);
        upload(&pelion, request, journal.state(), journal, events, cancel).await
    }

    #[track_caller]
    fn holds_one_image(&self, request: &UploadRequest) {
        self.world.holds_exactly(request);
    }
}

#[tokio::test]
async fn a_file_that_is_stored_after_the_gateway_gave_up_is_stored_once() {
    for status in [504, 502, 408] {
        let behind = Behind::start(on(0, IMAGES, "", Act::Late(status, LATER / 2))).await;
        let (request, journal) = (whole(MIB), Journal::default());
        let outcome = behind.upload(&request, &journal).await;
        assert!(is_verified(&outcome), "{status}: {outcome:?}");
        behind.holds_one_image(&request);
        assert_eq!(behind.gateway.count(IMAGES), 1, "{status}");
        assert!(behind.world.events.has(NoteKind::Kept));
    }
}

#[tokio::test]
async fn what_is_stored_after_the_service_said_that_it_cannot_is_stored_once() {
    let late = Act::RefusedAndLate(503, LATER / 2);
    let behind = Behind::start(on(0, IMAGES, "", late)).await;
    let request = whole(MIB);
    let outcome = behind.upload(&request, &Journal::default()).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    behind.holds_one_image(&request);
    assert_eq!(behind.gateway.count(IMAGES), 1);
}

#[tokio::test]
async fn a_chunk_that_is_stored_after_the_gateway_gave_up_is_stored_once() {
    let behind = Behind::start(on(1, "POST", CHUNKS, Act::Late(504, LATER))).await;
    let (request, journal) = (three_chunks(), Journal::default());
    let outcome = behind.upload(&request, &journal).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    behind.holds_one_image(&request);
    assert_eq!(journal.sent_again(), 0);
}

#[tokio::test]
async fn an_upload_job_that_is_created_after_the_gateway_gave_up_is_created_once() {
    for act in [Act::Late(504, LATER / 2), Act::Late(522, LATER / 2)] {
        let behind = Behind::start(on(0, "POST", "upload-jobs", act)).await;
        let (request, journal) = (three_chunks(), Journal::default());
        let outcome = behind.upload(&request, &journal).await;
        assert!(is_verified(&outcome), "{act:?}: {outcome:?}");
        behind.holds_one_image(&request);
        let lines = behind.gateway.lines().into_iter();
        let created =
            lines.filter(|line| line.starts_with("POST") && line.ends_with("upload-jobs"));
        assert_eq!(created.count(), 1, "{act:?}");
    }
}

#[tokio::test]
async fn a_chunk_on_its_way_when_a_user_stops_is_waited_for_by_the_resume() {
    let behind = Behind::start(on(1, "POST", CHUNKS, Act::Held(LATER))).await;
    let (request, journal) = (three_chunks(), Journal::default());
    let cancel = CancellationToken::new();
    let stop = async {
        behind.gateway.holds().await;
        cancel.cancel();
    };
    let (stopped, ()) = tokio::join!(behind.upload_until(&request, &journal, &cancel), stop);
    assert!(
        matches!(stopped, Err(UploadError::Stopped { .. })),
        "{stopped:?}"
    );
    assert_eq!(journal.lines().last().unwrap(), "handing over");

    let resumed = Journal::resumed(journal.state());
    let outcome = behind.upload(&request, &resumed).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    behind.holds_one_image(&request);
    assert_eq!(resumed.sent_again(), 0);
}

#[tokio::test]
async fn a_file_on_its_way_when_a_user_stops_is_waited_for_by_the_resume() {
    let behind = Behind::start(on(0, IMAGES, "", Act::Held(LATER / 2))).await;
    let (request, journal) = (whole(MIB), Journal::default());
    let cancel = CancellationToken::new();
    let stop = async {
        behind.gateway.holds().await;
        cancel.cancel();
    };
    let (stopped, ()) = tokio::join!(behind.upload_until(&request, &journal, &cancel), stop);
    assert!(
        matches!(stopped, Err(UploadError::Stopped { .. })),
        "{stopped:?}"
    );

    let outcome = behind
        .upload(&request, &Journal::resumed(journal.state()))
        .await;
    assert!(is_verified(&outcome), "{outcome:?}");
    behind.holds_one_image(&request);
    assert_eq!(behind.gateway.count(IMAGES), 1);
}

#[tokio::test]
async fn a_finish_that_takes_its_time_is_waited_for_although_a_second_one_is_refused() {
    for refusal in [400, 409] {
        let count = AtomicU32::new(0);
        // Two whole chunks, the rest, the finishing chunk, and any after it.
        let judge = move |line: &str| {
            let is_chunk = line.starts_with("POST") && line.ends_with(CHUNKS);
            match is_chunk.then(|| count.fetch_add(1, Ordering::SeqCst)) {
                Some(3) => Act::Late(504, 15),
                Some(4..) => Act::Refused(refusal),
                _ => Act::Pass,
            }
        };
        let behind = Behind::start(judge).await;
        let (request, journal) = (three_chunks(), Journal::default());
        let outcome = behind.upload(&request, &journal).await;
        assert!(is_verified(&outcome), "{refusal}: {outcome:?}");
        behind.holds_one_image(&request);
    }
}

/// Hides what these requests ask for from the first `times` questions.
fn hidden(times: u32, concerns: fn(&str) -> bool) -> impl Fn(&str) -> Act {
    let count = AtomicU32::new(0);
    move |line| {
        if concerns(line) && count.fetch_add(1, Ordering::SeqCst) < times {
            Act::Refused(404)
        } else {
            Act::Pass
        }
    }
}

fn asks_for_an_image(line: &str) -> bool {
    line.starts_with("GET /v3/firmware-images/") && !line.contains("upload-jobs")
}

fn is_of_an_upload_job(line: &str) -> bool {
    line.contains("/upload-jobs/")
}

#[tokio::test]
async fn an_image_that_is_not_shown_for_a_moment_after_its_creation_is_compared_all_the_same() {
    for request in [three_chunks(), whole(MIB)] {
        let behind = Behind::start(hidden(3, asks_for_an_image)).await;
        let outcome = behind.upload(&request, &Journal::default()).await;
        assert!(is_verified(&outcome), "{outcome:?}");
        behind.holds_one_image(&request);
    }
}

#[tokio::test]
async fn an_upload_job_that_is_not_shown_for_a_moment_after_its_creation_is_used() {
    let behind = Behind::start(hidden(4, is_of_an_upload_job)).await;
    let request = three_chunks();
    let outcome = behind.upload(&request, &Journal::default()).await;
    assert!(is_verified(&outcome), "{outcome:?}");
    behind.holds_one_image(&request);
}

#[tokio::test]
async fn an_image_that_is_never_shown_is_not_called_absent_and_can_be_resumed() {
    let behind = Behind::start(hidden(u32::MAX, asks_for_an_image)).await;
    let (request, journal) = (whole(MIB), Journal::default());
    let error = behind.upload(&request, &journal).await.unwrap_err();
    let diagnosis = error.diagnose();
    let id = behind.world.server.images()[0].id.clone();
    assert!(
        diagnosis.state_now.contains(&id) && !diagnosis.state_now.contains("nothing"),
        "{}",
        diagnosis.state_now
    );
    assert!(
        diagnosis.remedies.contains(&Remedy::Resume),
        "{diagnosis:?}"
    );
    let resumed = Journal::resumed(journal.state());
    let direct = behind.world.upload(&request, &resumed).await;
    assert!(is_verified(&direct), "{direct:?}");
}
