//! Answers that are wrong, hosts that are none, keys that are not taken.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use firmdrop_cloud::pelion::upload::{UploadState, upload};
use firmdrop_core::{Code, Diagnose as _, MIB, NoteKind};
use firmdrop_simulator::fault::{Effect, Rule};
use firmdrop_test_support::gateway::{Act, Gateway, unchanged};

use super::pelion_world::{Journal, KEY, World, is_verified, pelion_at, three_chunks};
use super::{CHUNKS, UploadRequest, whole};

#[tokio::test]
async fn a_wrong_hash_in_an_answer_is_settled_by_the_chunk_list() {
    let (world, request) = (World::start().await, three_chunks());
    world.server.dial().add(Rule::once(Effect::WrongHash));
    assert!(is_verified(&world.deliver(&request).await));
    world.holds_exactly(&request);
    assert!(world.events.has(NoteKind::Warning));
}

#[tokio::test]
async fn an_error_under_the_status_200_is_no_receipt_and_loses_nothing() {
    const ERROR: &[u8] =
        br#"{"object":"error","code":503,"type":"unavailable","message":"Later."}"#;
    for (request, end, number) in [
        (three_chunks(), "/upload-jobs", 1),
        (three_chunks(), CHUNKS, 2),
        // The one of no bytes, which ends the upload.
        (three_chunks(), CHUNKS, 4),
        (whole(MIB), "/firmware-images", 1),
    ] {
        let world = World::start().await;
        let seen = AtomicU32::new(0);
        // It was carried out; only its answer is another one.
        let answers = move |line: &str, body| {
            let mut words = line.split([' ', '?']);
            let is_post = words.next() == Some("POST");
            let is_it = is_post && words.next().is_some_and(|path| path.ends_with(end));
            if is_it && seen.fetch_add(1, Ordering::SeqCst) + 1 == number {
                return ERROR.to_vec();
            }
            body
        };
        let url = world.server.url();
        let gateway = Gateway::rewriting(&url, |_| Act::Pass, unchanged, answers).await;
        let pelion = pelion_at(&gateway.url(), KEY);
        let (journal, events) = (Journal::default(), &world.events);
        let state = journal.state();
        let outcome = upload(&pelion, &request, state, &journal, events, &world.cancel).await;
        assert!(is_verified(&outcome), "{end} {number}: {outcome:?}");
        world.holds_exactly(&request);
    }
}

#[tokio::test]
async fn an_answer_without_a_usable_id_is_no_receipt_and_loses_nothing() {
    for id in ["", "../../v3/devices?x=1", "a b"] {
        for (request, end) in [
            (three_chunks(), "/upload-jobs"),
            (whole(MIB), "/firmware-images"),
        ] {
            let world = World::start().await;
            let answers = move |line: &str, body: Vec<u8>| {
                if !line.starts_with("POST") || !line.ends_with(end) {
                    return body;
                }
                let mut created: serde_json::Value = serde_json::from_slice(&body).unwrap();
                created["id"] = id.into();
                created.to_string().into_bytes()
            };
            let url = world.server.url();
            let gateway = Gateway::rewriting(&url, |_| Act::Pass, unchanged, answers).await;
            let pelion = pelion_at(&gateway.url(), KEY);
            let (journal, events) = (Journal::default(), &world.events);
            let state = journal.state();
            let outcome = upload(&pelion, &request, state, &journal, events, &world.cancel).await;
            assert!(is_verified(&outcome), "{id:?} {end}: {outcome:?}");
            world.holds_exactly(&request);
        }
    }
}

#[tokio::test]
async fn an_answer_with_the_id_of_another_image_is_no_reason_to_delete_that_one() {
    let world = World::start().await;
    let other = UploadRequest {
        name: "other".to_owned(),
        ..whole(2 * MIB)
    };
    assert!(is_verified(&world.deliver(&other).await));
    let id = world.server.images()[0].id.clone();
    let answered = id.clone();
    let answers = move |line: &str, body: Vec<u8>| {
        if !line.starts_with("POST") {
            return body;
        }
        let mut created: serde_json::Value = serde_json::from_slice(&body).unwrap();
        created["id"] = answered.clone().into();
        created.to_string().into_bytes()
    };
    let url = world.server.url();
    let gateway = Gateway::rewriting(&url, |_| Act::Pass, unchanged, answers).await;
    let pelion = pelion_at(&gateway.url(), KEY);
    let (journal, events) = (Journal::default(), &world.events);
    let (request, state) = (whole(MIB), journal.state());
    let outcome = upload(&pelion, &request, state, &journal, events, &world.cancel).await;
    let diagnosis = outcome.unwrap_err().diagnose();
    assert_eq!(diagnosis.code, Code::RemoteDiffers);
    let text = format!("{diagnosis:?}");
    assert!(
        text.contains("other") && !text.contains("Delete the"),
        "{text}"
    );
}

#[tokio::test]
async fn a_finished_upload_job_that_never_names_its_image_is_found_by_its_name() {
    let (world, request) = (World::start().await, three_chunks());
    let answers = |line: &str, body: Vec<u8>| {
        let is_job = line.starts_with("GET") && line.contains("/upload-jobs/");
        match serde_json::from_slice::<serde_json::Value>(&body) {
            Ok(mut job) if is_job && job["firmware_image_id"].is_string() => {
                job["firmware_image_id"] = serde_json::Value::Null;
                job.to_string().into_bytes()
            }
            _ => body,
        }
    };
    let url = world.server.url();
    let gateway = Gateway::rewriting(&url, |_| Act::Pass, unchanged, answers).await;
    let pelion = pelion_at(&gateway.url(), KEY);
    let (journal, events) = (Journal::default(), &world.events);
    let state = journal.state();
    let outcome = upload(&pelion, &request, state, &journal, events, &world.cancel).await;
    assert!(is_verified(&outcome), "{outcome:?}");
}

#[tokio::test]
async fn a_chunk_that_is_refused_is_not_waited_for_when_the_upload_is_resumed() {
    for status in [401, 403, 422] {
        let (world, request) = (World::start().await, three_chunks());
        let seen = AtomicU32::new(0);
        let judge = move |line: &str| {
            let is_chunk = line.starts_with("POST") && line.ends_with(CHUNKS);
            let is_second = is_chunk && seen.fetch_add(1, Ordering::SeqCst) == 1;
            if is_second {
                Act::Refused(status)
            } else {
                Act::Pass
            }
        };
        let gateway = Gateway::start(&world.server.url(), judge).await;
        let pelion = pelion_at(&gateway.url(), KEY);
        let (journal, events) = (Journal::default(), &world.events);
        let state = journal.state();
        let refused = upload(&pelion, &request, state, &journal, events, &world.cancel).await;
        assert!(refused.is_err(), "{status}");
        assert_eq!(journal.state().unanswered, None, "{status}");
        assert_eq!(journal.state().receipts.len(), 1);
        let resumed = Journal::resumed(journal.state());
        assert!(is_verified(&world.upload(&request, &resumed).await));
        world.holds_exactly(&request);
    }
}

#[tokio::test]
async fn a_remote_copy_with_another_checksum_is_never_verified() {
    let (world, request) = (World::start().await, three_chunks());
    world.server.dial().add(Rule::always(Effect::WrongChecksum));
    let error = world.deliver(&request).await.unwrap_err();
    assert_eq!(error.diagnose().code, Code::RemoteDiffers);
}

#[tokio::test]
async fn a_gateways_page_instead_of_one_answer_loses_nothing() {
    for status in [200, 502] {
        let (world, request) = (World::start().await, three_chunks());
        world.server.dial().add(
            Rule::once(Effect::Html { status })
                .on("POST", CHUNKS)
                .skip(1),
        );
        let outcome = world.deliver(&request).await;
        assert!(is_verified(&outcome), "{status}: {outcome:?}");
        world.holds_exactly(&request);
    }
}

#[tokio::test]
async fn a_host_that_answers_with_web_pages_is_named() {
    for status in [200, 404] {
        let world = World::start().await;
        world
            .server
            .dial()
            .add(Rule::always(Effect::Html { status }));
        let error = world.deliver(&three_chunks()).await.unwrap_err();
        assert_eq!(error.diagnose().code, Code::NotThisService, "{status}");
    }
}

#[tokio::test]
async fn a_wrong_key_creates_nothing_and_is_never_shown() {
    let (world, request) = (World::start().await, three_chunks());
    let wrong = "ak_wrong_marker";
    let result = firmdrop_cloud::pelion::upload::upload(
        &world.pelion_with_key(wrong),
        &request,
        UploadState::default(),
        &Journal::default(),
        &world.events,
        &world.cancel,
    )
    .await;
    let error = result.unwrap_err();
    assert_eq!(error.diagnose().code, Code::KeyRefused);
    assert!(world.server.record().jobs.is_empty());
    let shown = format!(
        "{error} {error:?} {:?} {:?}",
        error.diagnose(),
        world.pelion_with_key(wrong)
    );
    assert!(!shown.contains(wrong));
}

#[tokio::test]
async fn the_key_shows_in_no_failure() {
    let effects = [
        Effect::Silence,
        Effect::LoseAnswer,
        Effect::Html { status: 200 },
        Effect::ServerError { status: 500 },
    ];
    for effect in effects {
        let mut world = World::start().await;
        world.silence = Duration::from_secs(1);
        world.server.dial().add(Rule::always(effect));
        let error = world.deliver(&three_chunks()).await.unwrap_err();
        let notes = world.events.notes.lock().unwrap();
        let shown = format!("{error} {error:?} {:?} {notes:?}", error.diagnose());
        assert!(!shown.contains(KEY), "{shown}");
    }
}

#[tokio::test]
async fn a_host_that_is_not_there_is_named_soon() {
    let pelion = pelion_at("http://127.0.0.1:1", KEY);
    let world = World::start().await;
    let result = firmdrop_cloud::pelion::upload::upload(
        &pelion,
        &three_chunks(),
        UploadState::default(),
        &Journal::default(),
        &world.events,
        &world.cancel,
    )
    .await;
    let diagnosis = result.unwrap_err().diagnose();
    assert_eq!(diagnosis.code, Code::HostUnreachable);
    assert_eq!(diagnosis.state_now, "Nothing was stored with the service.");
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_is_no_trouble_of_the_file() {
    let begun = UploadState {
        upload_job_id: Some("01".into()),
        ..UploadState::default()
    };
    for (request, state) in [
        (whole(MIB), UploadState::default()),
        (three_chunks(), UploadState::default()),
        (three_chunks(), begun),
    ] {
        let world = World::start().await;
        let result = firmdrop_cloud::pelion::upload::upload(
            &pelion_at("http://127.0.0.1:1", KEY),
            &request,
            state,
            &Journal::default(),
            &world.events,
            &world.cancel,
        )
        .await;
        assert_eq!(result.unwrap_err().diagnose().code, Code::HostUnreachable);
        let phases = world.events.phases.lock().unwrap().clone();
        assert_eq!(phases.first().map(String::as_str), Some("check_file"));
        assert_ne!(phases.last().map(String::as_str), Some("check_file"));
    }
}
