//! Everything a line and a service can do to a rollout.

use firmdrop_cloud::pelion::CampaignChange;
use firmdrop_core::{Code, Remedy};
use firmdrop_simulator::fault::{Effect, Rule};

use crate::engine_world::{World, assert_verified, failure, settled};
use crate::fleet::{
    assert_verified_though, campaigns, client, holds_exactly_one_chain, image, planned, roll_out,
    spec, world,
};

const MANIFESTS: &str = "/firmware-manifests";
const CAMPAIGNS: &str = "/update-campaigns";

/// The requests of a rollout, by what a rule of the dial is told.
const REQUESTS: [(&str, &str); 5] = [
    ("POST", MANIFESTS),
    ("POST", CAMPAIGNS),
    ("POST", "/start"),
    ("GET", CAMPAIGNS),
    ("GET", "/statistics"),
];

/// Rolls out while this goes wrong, and asserts that nothing is seen of it at the end.
async fn survives(rule: Rule) {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    let spec = spec(Some(3));
    let plan = planned(&world, &engine, &spec).await.unwrap();
    world.server.dial().add(rule.clone());
    let id = engine.submit(&plan).await.unwrap();
    let job = settled(&engine, &id).await;
    assert_verified_though(&job.state, &rule);
    // A rule that is used up is off the dial.
    assert_eq!(world.server.dial().state().rules, [], "it never happened");
    holds_exactly_one_chain(&world, &engine, &spec).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_any_request_makes_nothing_twice() {
    for (method, path) in REQUESTS {
        survives(Rule::once(Effect::LoseAnswer).on(method, path)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_fails_twice_at_any_request_is_asked_again() {
    for (method, path) in REQUESTS {
        let failing = Rule::always(Effect::ServerError { status: 503 });
        survives(failing.on(method, path).times(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_asks_to_wait_is_waited_for() {
    for (method, path) in REQUESTS {
        let busy = Rule::once(Effect::RateLimit {
            retry_after_seconds: 1,
        });
        survives(busy.on(method, path)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn phases_and_events_nobody_has_heard_of_do_not_stop_a_watch() {
    survives_lies(Effect::UnknownPhase).await;
    survives_lies(Effect::UnknownEventCode).await;
}

/// From the moment of the start on, the service speaks so.
async fn survives_lies(lie: Effect) {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    let plan = planned(&world, &engine, &spec(Some(3))).await.unwrap();
    world
        .server
        .dial()
        .add(Rule::always(lie).on("GET", CAMPAIGNS));
    let id = engine.submit(&plan).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
}

/// Fails once with 401 at this request, then goes on.
async fn refused_then_resumed((method, path): (&str, &str), skip: u32, state: &str) {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    let spec = spec(Some(3));
    let plan = planned(&world, &engine, &spec).await.unwrap();
    let refusal = Rule::once(Effect::ServerError { status: 401 });
    world.server.dial().add(refusal.on(method, path).skip(skip));
    let id = engine.submit(&plan).await.unwrap();
    let job = settled(&engine, &id).await;
    let diagnosis = failure(&job.state);
    assert_eq!(diagnosis.code, Code::KeyRefused, "{diagnosis:?}");
    assert!(diagnosis.state_now.contains(state), "{diagnosis:?}");
    let mut details = diagnosis.details.iter();
    assert!(
        details.any(|detail| detail.label == "Request id" && !detail.value.is_empty()),
        "{diagnosis:?}"
    );
    assert!(diagnosis.remedies.contains(&Remedy::Resume));
    engine.resume(&id).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
    holds_exactly_one_chain(&world, &engine, &spec).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_refused_in_mid_flow_says_what_is_there_and_goes_on_later() {
    refused_then_resumed(("POST", MANIFESTS), 0, "There is no campaign").await;
    refused_then_resumed(("POST", CAMPAIGNS), 0, "There is no campaign").await;
    refused_then_resumed(
        ("POST", "/start"),
        0,
        "is a draft and has touched no device",
    )
    .await;
    refused_then_resumed(("GET", CAMPAIGNS), 0, "was started and continues").await;
    refused_then_resumed(("GET", "/statistics"), 0, "was started and continues").await;
}

/// A rollout that was refused at its start, so that its draft waits for a resume.
async fn refused_at_the_start(world: &World) -> (firmdrop_engine::Engine, firmdrop_engine::JobId) {
    let engine = world.engine();
    image(world);
    let refusal = Rule::once(Effect::ServerError { status: 401 });
    world.server.dial().add(refusal.on("POST", "/start"));
    let job = roll_out(world, &engine, &spec(Some(3))).await;
    assert_eq!(failure(&job.state).code, Code::KeyRefused);
    (engine, job.id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_somebody_changed_meanwhile_is_not_started() {
    let world = world(3).await;
    let (engine, id) = refused_at_the_start(&world).await;
    let draft = campaigns(&engine).await.pop().unwrap();
    let change = CampaignChange {
        device_filter: Some("state__eq=registered".into()),
        ..CampaignChange::default()
    };
    let client = client(&engine).await;
    client.change_campaign(&draft.id, &change).await.unwrap();
    engine.resume(&id).await.unwrap();
    let job = settled(&engine, &id).await;
    let diagnosis = failure(&job.state);
    assert!(
        diagnosis.what_happened.contains("state__eq=registered"),
        "{diagnosis:?}"
    );
    assert!(diagnosis.state_now.contains("is a draft"), "{diagnosis:?}");
    assert_eq!(campaigns(&engine).await[0].phase, "draft");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_somebody_deleted_meanwhile_is_told_as_gone() {
    let world = world(3).await;
    let (engine, id) = refused_at_the_start(&world).await;
    let draft = campaigns(&engine).await.pop().unwrap();
    client(&engine)
        .await
        .delete_campaign(&draft.id)
        .await
        .unwrap();
    engine.resume(&id).await.unwrap();
    let job = settled(&engine, &id).await;
    let diagnosis = failure(&job.state);
    assert_eq!(diagnosis.code, Code::CampaignGone, "{diagnosis:?}");
    assert!(!diagnosis.state_now.contains("is a draft"), "{diagnosis:?}");
    assert!(
        !diagnosis.remedies.contains(&Remedy::Resume),
        "{diagnosis:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_is_watched_on_although_the_file_is_gone_from_this_computer() {
    let world = world(3).await;
    let (engine, id) = refused_at_the_start(&world).await;
    std::fs::remove_file(world.folder.path().join("puck.bin")).unwrap();
    engine.resume(&id).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
}
