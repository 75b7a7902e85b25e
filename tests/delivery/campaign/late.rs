//! *Perhaps still storing*, behind a gateway: what was called failed is carried out later, and what
//! was just created is not shown at once. Nothing is made twice.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use firmdrop_core::Code;
use firmdrop_engine::{Engine, JobId, JobState};
use firmdrop_test_support::gateway::{Act, Gateway, unchanged};

use crate::engine_world::{KEY, World, assert_verified, settled};
use crate::fleet::{holds_exactly_one_chain, image, planned, spec, world};

/// So many further questions come before a request is carried out: more than three looks ask.
const LATER: u32 = 4;

/// The requests of a rollout that store something, or start it.
const REQUESTS: [(&str, &str); 3] = [
    ("POST /v3/firmware-manifests", ""),
    ("POST /v3/update-campaigns", "campaigns"),
    ("POST /v3/update-campaigns", "/start"),
];

/// A world whose account is reached through a gateway that does this with the first request that
/// begins and ends so.
async fn behind(
    (beginning, end): (&'static str, &'static str),
    act: Act,
) -> (World, Gateway, Engine, JobId) {
    let world = world(3).await;
    let count = AtomicU32::new(0);
    let gateway = Gateway::start(&world.server.url(), move |line| {
        let concerns = line.starts_with(beginning) && line.ends_with(end);
        if concerns && count.fetch_add(1, Ordering::SeqCst) == 0 {
            act
        } else {
            Act::Pass
        }
    })
    .await;
    world.account("bench", &gateway.url(), KEY);
    let engine = world.engine();
    image(&world);
    let plan = planned(&world, &engine, &spec(Some(3))).await.unwrap();
    let id = engine.submit(&plan).await.unwrap();
    (world, gateway, engine, id)
}

/// A gateway that hides from the first three questions what requests of this beginning ask for.
async fn hiding(world: &World, beginning: &'static str) -> Gateway {
    let count = AtomicU32::new(0);
    Gateway::start(&world.server.url(), move |line| {
        if line.starts_with(beginning) && count.fetch_add(1, Ordering::SeqCst) < 3 {
            Act::Refused(404)
        } else {
            Act::Pass
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_carried_out_after_the_gateway_gave_up_is_made_once() {
    for request in REQUESTS {
        for status in [504, 408, 524] {
            let (world, gateway, engine, id) = behind(request, Act::Late(status, LATER)).await;
            assert_verified(&settled(&engine, &id).await.state);
            holds_exactly_one_chain(&world, &engine, &spec(Some(3))).await;
            let (beginning, end) = request;
            let sent = gateway.lines().into_iter();
            let sent = sent.filter(|line| line.starts_with(beginning) && line.ends_with(end));
            assert_eq!(sent.count(), 1, "{request:?} {status}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_on_its_way_when_a_user_stopped_is_waited_for_by_the_resume() {
    for request in REQUESTS {
        let (world, gateway, engine, id) = behind(request, Act::Held(LATER)).await;
        gateway.holds().await;
        engine.pause(&id).await.unwrap();
        assert_eq!(settled(&engine, &id).await.state, JobState::Paused);
        engine.resume(&id).await.unwrap();
        assert_verified(&settled(&engine, &id).await.state);
        holds_exactly_one_chain(&world, &engine, &spec(Some(3))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_that_is_not_shown_right_after_its_creation_is_waited_for() {
    let world = world(3).await;
    let gateway = hiding(&world, "GET /v3/update-campaigns/0").await;
    world.account("bench", &gateway.url(), KEY);
    let engine = world.engine();
    image(&world);
    let plan = planned(&world, &engine, &spec(Some(3))).await.unwrap();
    let id = engine.submit(&plan).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_cannot_be_read_right_after_it_was_stored_is_waited_for() {
    let world = world(3).await;
    let gateway = hiding(&world, "GET /v3/firmware-manifests/").await;
    let elsewhere = firmdrop_simulator::fault::Effect::ServerError { status: 404 };
    let rule = firmdrop_simulator::fault::Rule::always(elsewhere).on("GET", "/datafiles/");
    world.server.dial().add(rule.times(3));
    world.account("bench", &gateway.url(), KEY);
    let engine = world.engine();
    image(&world);
    let plan = planned(&world, &engine, &spec(None)).await.unwrap();
    let id = engine.submit(&plan).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
}

/// A world behind a gateway that changes requests and answers; `judge` sees each request's line.
async fn through(
    judge: impl Fn(&str) -> Act + Send + Sync + 'static,
    requests: impl Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
    answers: impl Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
) -> (World, Gateway, Engine, JobId) {
    let world = world(3).await;
    let gateway = Gateway::rewriting(&world.server.url(), judge, requests, answers).await;
    world.account("bench", &gateway.url(), KEY);
    let engine = world.engine();
    image(&world);
    let plan = planned(&world, &engine, &spec(Some(3))).await.unwrap();
    let id = engine.submit(&plan).await.unwrap();
    (world, gateway, engine, id)
}

/// The same body with each campaign, or each manifest, changed.
fn each(body: Vec<u8>, change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
    let Ok(mut answer) = serde_json::from_slice::<serde_json::Value>(&body) else {
        return body;
    };
    let rows = answer
        .get_mut("data")
        .and_then(serde_json::Value::as_array_mut);
    if let Some(rows) = rows {
        for row in rows {
            change(row);
        }
    } else {
        change(&mut answer);
    }
    answer.to_string().into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_created_without_an_id_that_can_be_used_is_made_once_and_said_soon() {
    for path in ["/v3/firmware-manifests", "/v3/update-campaigns"] {
        let answers = move |line: &str, body: Vec<u8>| {
            if line.split(['?', ' ']).nth(1) != Some(path) {
                return body;
            }
            each(body, |one| {
                if one["id"].is_string() {
                    one["id"] = "a b".into();
                }
            })
        };
        let (_world, gateway, engine, id) = through(|_| Act::Pass, unchanged, answers).await;
        for _ in 0..2 {
            let JobState::Failed { diagnosis, .. } = settled(&engine, &id).await.state else {
                panic!("{path}");
            };
            assert_eq!(diagnosis.code, Code::AnswerUnreadable, "{path}");
            assert_eq!(gateway.count(&format!("POST {path}")), 1, "{path}");
            engine.resume(&id).await.unwrap();
        }
        settled(&engine, &id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_under_a_changed_name_after_a_504_is_made_once() {
    for (beginning, ours, theirs) in [
        (REQUESTS[0].0, "Pucks of spring", "PUCKS OF SPRING"),
        (REQUESTS[1].0, "Pucks of spring", "pucks_of_spring"),
    ] {
        let count = AtomicU32::new(0);
        let judge = move |line: &str| {
            if line == beginning && count.fetch_add(1, Ordering::SeqCst) == 0 {
                Act::Late(504, LATER)
            } else {
                Act::Pass
            }
        };
        let requests = move |line: &str, request: Vec<u8>| {
            if line != beginning {
                return request;
            }
            let (ours, theirs) = (ours.as_bytes(), theirs.as_bytes());
            let mut changed = request;
            let mut at = 0;
            while let Some(found) = changed[at..].windows(ours.len()).position(|w| w == ours) {
                at += found;
                changed[at..at + ours.len()].copy_from_slice(theirs);
            }
            changed
        };
        let (_world, gateway, engine, id) = through(judge, requests, |_, body| body).await;
        assert_verified(&settled(&engine, &id).await.state);
        let sent = gateway.lines().into_iter().filter(|line| line == beginning);
        assert_eq!(sent.count(), 1, "{beginning}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_is_refused_and_carried_out_all_the_same_is_watched() {
    for status in [400, 409, 422] {
        let (_world, _gateway, engine, id) =
            behind(REQUESTS[2], Act::RefusedAndLate(status, 0)).await;
        assert_verified(&settled(&engine, &id).await.state);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_that_come_after_the_end_are_waited_for() {
    let (over, asked) = (AtomicBool::new(false), AtomicU32::new(0));
    let answers = move |line: &str, body: Vec<u8>| {
        let text = String::from_utf8_lossy(&body).into_owned();
        if text.contains("\"phase\":\"stopped\"") {
            over.store(true, Ordering::SeqCst);
        }
        let is_counted = line.contains("/statistics") && over.load(Ordering::SeqCst);
        let shown = is_counted && asked.fetch_add(1, Ordering::SeqCst) >= 1;
        let path = line.split('?').next().unwrap_or_default();
        if shown || !path.ends_with("/statistics") {
            return body;
        }
        each(body, |one| one["count"] = 0.into())
    };
    let (_world, _gateway, engine, id) = through(|_| Act::Pass, unchanged, answers).await;
    assert_verified(&settled(&engine, &id).await.state);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_in_other_spellings_is_the_one_that_was_asked_for() {
    let of_a_campaign = |line: &str| line.contains("/v3/update-campaigns");
    let spellings: [fn(&mut serde_json::Value); 3] = [
        |one| {
            if let Some(filter) = one["device_filter"].as_str() {
                one["device_filter"] = filter.replace('=', "%3D").into();
            }
        },
        |one| {
            if let Some(filter) = one["device_filter"].as_str() {
                one["device_filter"] = format!("?{filter}").into();
            }
        },
        |one| {
            if one["campaign_strategy"].is_string() {
                one["campaign_strategy"] = "ONE_SHOT".into();
            }
        },
    ];
    for spelling in spellings {
        let answers = move |line: &str, body: Vec<u8>| {
            if of_a_campaign(line) {
                each(body, spelling)
            } else {
                body
            }
        };
        let (_world, _gateway, engine, id) = through(|_| Act::Pass, unchanged, answers).await;
        assert_verified(&settled(&engine, &id).await.state);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_that_is_answered_with_less_than_the_campaign_says_is_asked_for_the_rest() {
    let answers = |line: &str, body: Vec<u8>| {
        if line != REQUESTS[1].0 {
            return body;
        }
        each(body, |one| {
            one["root_manifest_id"] = serde_json::Value::Null;
            one["campaign_strategy"] = serde_json::Value::Null;
        })
    };
    let (_world, _gateway, engine, id) = through(|_| Act::Pass, unchanged, answers).await;
    assert_verified(&settled(&engine, &id).await.state);
}
