//! Answers that are wrong, hosts that are none, keys that are not taken.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use firmdrop_cloud::pelion::upload::{UploadState, upload};
use firmdrop_core::{Code, Diagnose as _, MIB, NoteKind};
use firmdrop_simulator::fault::{Effect, Rule};
use firmdrop_test_support::gateway::{Act, Gateway, unchanged};

use super::pelion_world::{Death, Journal, KEY, World, is_verified, pelion_at, three_chunks};
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

/// The service of this world behind a gateway that takes the ids out of what was created and of what is listed.
async fn without_ids(world: &World) -> Gateway {
    let answers = |line: &str, body: Vec<u8>| {
        let path = line.split(['?', ' ']).nth(1).unwrap_or_default();
        let is_of_a_list = path.ends_with("/firmware-images") || path.ends_with("/upload-jobs");
        let Ok(mut answer) = serde_json::from_slice::<serde_json::Value>(&body) else {
            return body;
        };
        if !is_of_a_list {
            return body;
        }
        let rows = answer
            .get_mut("data")
            .and_then(serde_json::Value::as_array_mut);
        if let Some(rows) = rows {
            for row in rows {
                row["id"] = "a b".into();
            }
        } else if answer["id"].is_string() {
            answer["id"] = "".into();
        }
        answer.to_string().into_bytes()
    };
    Gateway::rewriting(&world.server.url(), |_| Act::Pass, unchanged, answers).await
}

#[tokio::test]
async fn what_was_created_without_an_id_that_can_be_used_is_sent_once_and_said_soon() {
    for (request, created) in [
        (three_chunks(), "POST /v3/firmware-images/upload-jobs"),
        (whole(MIB), "POST /v3/firmware-images"),
    ] {
        let world = World::start().await;
        let gateway = without_ids(&world).await;
        let pelion = pelion_at(&gateway.url(), KEY);
        let mut journal = Journal::default();
        for run in ["first", "resumed"] {
            let (events, state) = (&world.events, journal.state());
            let outcome = upload(&pelion, &request, state, &journal, events, &world.cancel).await;
            let error = outcome.unwrap_err();
            assert!(error.is_resumable(), "{run} {created}: {error}");
            let diagnosis = error.diagnose();
            assert_eq!(diagnosis.code, Code::AnswerUnreadable, "{run} {created}");
            assert!(
                diagnosis.what_happened.contains("without an id"),
                "{diagnosis:?}"
            );
            assert_eq!(gateway.count(created), 1, "{run}");
            journal = Journal::resumed(journal.state());
        }
        let state = journal.state();
        assert!(state.create_attempted);
    }
}

#[tokio::test]
async fn a_chunk_that_was_turned_away_and_stored_all_the_same_is_not_sent_again() {
    for status in [421, 423, 425, 429] {
        let (world, request) = (World::start().await, three_chunks());
        let seen = AtomicU32::new(0);
        let judge = move |line: &str| {
            let is_chunk = line.starts_with("POST") && line.ends_with(CHUNKS);
            if is_chunk && seen.fetch_add(1, Ordering::SeqCst) == 1 {
                Act::RefusedAndLate(status, 0)
            } else {
                Act::Pass
            }
        };
        let gateway = Gateway::start(&world.server.url(), judge).await;
        let pelion = pelion_at(&gateway.url(), KEY);
        let (journal, events) = (Journal::default(), &world.events);
        let state = journal.state();
        let outcome = upload(&pelion, &request, state, &journal, events, &world.cancel).await;
        assert!(is_verified(&outcome), "{status}: {outcome:?}");
        world.holds_exactly(&request);
    }
}

#[tokio::test]
async fn a_file_that_was_refused_and_stored_all_the_same_is_not_sent_again() {
    for status in [400, 422, 425, 429] {
        let (world, request) = (World::start().await, whole(MIB));
        let seen = AtomicU32::new(0);
        let judge = move |line: &str| {
            if line.starts_with("POST") && seen.fetch_add(1, Ordering::SeqCst) == 0 {
                Act::RefusedAndLate(status, 0)
            } else {
                Act::Pass
            }
        };
        let gateway = Gateway::start(&world.server.url(), judge).await;
        let pelion = pelion_at(&gateway.url(), KEY);
        let (journal, events) = (Journal::default(), &world.events);
        let state = journal.state();
        let outcome = upload(&pelion, &request, state, &journal, events, &world.cancel).await;
        assert!(is_verified(&outcome), "{status}: {outcome:?}");
        world.holds_exactly(&request);
    }
}

#[tokio::test]
async fn what_was_sent_last_is_unknown_where_the_key_may_not_ask_for_it() {
    let (world, request) = (World::start().await, three_chunks());
    let seen = AtomicU32::new(0);
    let judge = move |line: &str| {
        let is_chunk = line.starts_with("POST") && line.ends_with(CHUNKS);
        if is_chunk && seen.fetch_add(1, Ordering::SeqCst) == 1 {
            Act::Late(504, 0)
        } else if line.starts_with("GET") && line.contains(CHUNKS) {
            Act::Refused(403)
        } else {
            Act::Pass
        }
    };
    let gateway = Gateway::start(&world.server.url(), judge).await;
    let pelion = pelion_at(&gateway.url(), KEY);
    let (journal, events) = (Journal::default(), &world.events);
    let state = journal.state();
    let outcome = upload(&pelion, &request, state, &journal, events, &world.cancel).await;
    let state_now = outcome.unwrap_err().diagnose().state_now;
    assert!(state_now.contains("confirmed 1 chunk"), "{state_now}");
    assert!(state_now.contains("is not known"), "{state_now}");
}

#[tokio::test]
async fn an_upload_job_that_somebody_else_finished_early_is_not_called_the_services_fault() {
    let (world, request) = (World::start().await, three_chunks());
    let journal = Journal::dying(Death::AfterLine(4));
    assert!(world.upload(&request, &journal).await.is_err());
    let state = journal.state();
    let id = state.upload_job_id.clone().unwrap();
    world.pelion().finish_upload(&id).await.unwrap();
    let resumed = Journal::resumed(state);
    let diagnosis = world
        .upload(&request, &resumed)
        .await
        .unwrap_err()
        .diagnose();
    assert_eq!(diagnosis.code, Code::RemoteDiffers);
    let text = format!("{diagnosis:?}");
    assert!(
        text.contains("finished before everything was sent"),
        "{text}"
    );
    assert!(text.contains(&id) && !text.contains("support"), "{text}");
}
