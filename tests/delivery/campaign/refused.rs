//! What is refused before anything is sent, and what is refused before anything is started.

use firmdrop_backend::pelion::CampaignSpec;
use firmdrop_cloud::pelion::{CampaignDraft, ListQuery, Strategy};
use firmdrop_core::{Code, Diagnosis, Remedy};
use firmdrop_engine::Engine;

use crate::engine_world::{World, assert_verified, failure, settled};
use crate::fleet::{
    NAME, another_runs, campaigns, carried_out, client, everyone, image, noted, planned, roll_out,
    spec, world,
};

/// The refusal of a plan, which sent nothing.
async fn refusal(world: &World, engine: &Engine, spec: &CampaignSpec) -> Diagnosis {
    let before = changes(world);
    let diagnosis = planned(world, engine, spec).await.unwrap_err();
    assert_eq!(changes(world), before, "it was only read");
    assert_eq!(diagnosis.state_now, "Nothing was sent.", "{diagnosis:?}");
    assert!(!diagnosis.remedies.is_empty(), "{diagnosis:?}");
    assert!(engine.unfinished().unwrap().is_empty());
    diagnosis
}

/// Requests that were anything but a question.
fn changes(world: &World) -> usize {
    let record = world.server.record();
    let all = record.requests.iter();
    all.filter(|request| request.method != "GET").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_of_devices_than_confirmed_plans_nothing() {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    let diagnosis = refusal(&world, &engine, &spec(Some(2))).await;
    assert_eq!(diagnosis.code, Code::CountChanged);
    assert!(diagnosis.what_happened.contains("3 match"), "{diagnosis:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_changes_between_plan_and_start_starts_nothing_and_leaves_the_draft() {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    let mut spec = spec(Some(1));
    spec.filter = format!("{}&name__eq=puck-0002", everyone());
    let plan = planned(&world, &engine, &spec).await.unwrap();
    // The device leaves the fleet.
    let query = ListQuery::named("puck-0002");
    let page = client(&engine).await.devices(&query).await;
    let device = page.unwrap().data.pop().unwrap();
    delete_device(&world, &device.id).await;
    let id = engine.submit(&plan).await.unwrap();
    let job = settled(&engine, &id).await;
    let diagnosis = failure(&job.state);
    assert_eq!(diagnosis.code, Code::CountChanged);
    assert_eq!(diagnosis.code.to_string(), "FD-456");
    assert_eq!(
        diagnosis.what_happened,
        "1 device was expected; none matches the filter now."
    );
    let draft = campaigns(&engine).await.pop().unwrap();
    assert_eq!(draft.phase, "draft");
    assert!(diagnosis.state_now.contains(&draft.id), "{diagnosis:?}");
    assert!(diagnosis.remedies.contains(&Remedy::PlanAgain));
    assert_eq!(carried_out(&world, "POST", "/start"), 0);
}

/// The service offers it; no part of Firmdrop does.
async fn delete_device(world: &World, id: &str) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = world.server.address();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!(
        "DELETE /v3/devices/{id} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
        crate::engine_world::KEY
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_shot_campaign_for_devices_of_a_running_one_is_refused() {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    another_runs(&world, &engine, 3).await;
    let diagnosis = refusal(&world, &engine, &spec(Some(3))).await;
    assert_eq!(diagnosis.code, Code::DeviceConflict);
    assert!(
        diagnosis
            .why
            .contains("3 devices are in the running campaign “Other”"),
        "{diagnosis:?}"
    );
    // As a draft it may be prepared, and the plan says what stands in the way.
    let draft = planned(&world, &engine, &spec(None)).await.unwrap();
    assert!(
        draft.risks.iter().any(|risk| risk.contains("Other")),
        "{:?}",
        draft.risks
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_continuous_campaign_takes_devices_over_and_says_so() {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    another_runs(&world, &engine, 3).await;
    let mut spec = spec(Some(3));
    spec.strategy = Strategy::Continuous;
    let plan = planned(&world, &engine, &spec).await.unwrap();
    let warned = |risk: &String| risk.contains("taken over");
    assert!(plan.risks.iter().any(warned), "{:?}", plan.risks);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_matches_nobody_is_refused_as_that() {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    for expected in [0, 1] {
        let mut spec = spec(Some(expected));
        spec.filter = "name__eq=nobody".into();
        let diagnosis = refusal(&world, &engine, &spec).await;
        let codes = [Code::CampaignNoDevices, Code::CountChanged];
        assert!(codes.contains(&diagnosis.code), "{expected}: {diagnosis:?}");
        let stated = format!("{} {}", diagnosis.what_happened, diagnosis.why);
        assert!(!stated.contains("vendor"), "{stated}");
    }
    // A draft needs to know for whom its manifest is; nobody is there to tell.
    let mut draft = spec(None);
    draft.filter = "name__eq=nobody".into();
    let diagnosis = refusal(&world, &engine, &draft).await;
    assert_eq!(diagnosis.code, Code::CampaignNoDevices, "{diagnosis:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_is_none_is_refused_as_that() {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    for filter in ["", "   ", "puck", "name__like=puck", "name__eq"] {
        for start in [None, Some(3)] {
            let mut spec = spec(start);
            spec.filter = filter.into();
            let diagnosis = refusal(&world, &engine, &spec).await;
            let codes = [Code::FilterUnreadable, Code::CampaignIncomplete];
            assert!(codes.contains(&diagnosis.code), "{filter:?}: {diagnosis:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_name_that_another_has_is_refused() {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    let plan = planned(&world, &engine, &spec(Some(3))).await.unwrap();
    let theirs = CampaignDraft {
        name: NAME.into(),
        device_filter: everyone(),
        ..CampaignDraft::default()
    };
    client(&engine)
        .await
        .create_campaign(&theirs)
        .await
        .unwrap();
    // Somebody was quicker than our job.
    let id = engine.submit(&plan).await.unwrap();
    let job = settled(&engine, &id).await;
    let diagnosis = failure(&job.state);
    assert_eq!(diagnosis.code, Code::NameTaken);
    assert!(
        diagnosis.state_now.contains("There is no campaign"),
        "{diagnosis:?}"
    );
    assert!(diagnosis.what_happened.contains(NAME), "{diagnosis:?}");
    let other = Remedy::Advice {
        text: format!("Give the campaign another name: “{NAME} 2” is probably free."),
    };
    assert!(diagnosis.remedies.contains(&other), "{diagnosis:?}");
    // And a plan of today sees it.
    let diagnosis = refusal(&world, &engine, &spec(Some(3))).await;
    assert_eq!(diagnosis.code, Code::NameTaken);
    assert!(diagnosis.remedies.contains(&other), "{diagnosis:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_an_earlier_rollout_used_is_refused_for_a_draft_too() {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    roll_out(&world, &engine, &spec(None)).await;
    let diagnosis = refusal(&world, &engine, &spec(None)).await;
    assert_eq!(diagnosis.code, Code::NameTaken);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_rollout_of_the_same_image_uses_the_bytes_that_are_there() {
    let world = world(3).await;
    let engine = world.engine();
    image(&world);
    roll_out(&world, &engine, &spec(None)).await;
    let mut again = spec(Some(3));
    again.name = "Second".into();
    let mut plan = planned(&world, &engine, &again).await.unwrap();
    plan.remote_name = Some(NAME.into());
    let id = engine.submit(&plan).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
    assert_eq!(carried_out(&world, "POST", "/v3/firmware-images"), 1);
    assert_eq!(world.server.images().len(), 1);
    let job = engine.job(&id).unwrap();
    assert!(
        noted(&job, "The service already holds these bytes"),
        "{:?}",
        job.notes
    );
}
