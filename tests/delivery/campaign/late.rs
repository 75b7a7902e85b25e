//! *Perhaps still storing*, behind a gateway: what was called failed is carried out later, and what
//! was just created is not shown at once. Nothing is made twice.

use std::sync::atomic::{AtomicU32, Ordering};

use firmdrop_engine::{Engine, JobId, JobState};
use firmdrop_test_support::gateway::{Act, Gateway};

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
