//! From files to devices.

use firmdrop_backend::azure::{AzureOptions, DeploySpec};
use firmdrop_core::{Code, Outcome};
use firmdrop_engine::{Impact, JobState};
use firmdrop_simulator::azure::{AzureOptions as Service, Fleet, Inventory};
use firmdrop_simulator::fault::{Effect, Rule};

use crate::FILES;
use crate::azure_world::{AzureWorld, toaster};
use crate::engine_world::{assert_verified, failure, settled, until};

fn deployed(devices: u64) -> AzureOptions {
    AzureOptions {
        deploy: Some(DeploySpec {
            group: "lab".into(),
            expect_devices: devices,
            deployment_id: None,
            download_security: None,
        }),
        ..toaster("1.0")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_reach_every_device_that_matches_and_no_other() {
    let world = AzureWorld::start().await;
    let engine = world.engine();
    let plan = world.plan(&engine, &FILES, &deployed(3)).await.unwrap();
    assert_eq!(plan.impact, Impact::Fleet);
    assert!(
        plan.risks
            .iter()
            .any(|risk| risk.contains("2 devices of the group are of classes")),
        "{:?}",
        plan.risks
    );
    let (_, job) = world.deliver(&engine, &FILES, &deployed(3)).await;
    assert_verified(&job.state);
    let JobState::Finished {
        outcome: Outcome::Verified { proof },
    } = &job.state
    else {
        panic!("{:?}", job.state);
    };
    assert!(
        proof.statement.contains("3 succeeded"),
        "{}",
        proof.statement
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_of_devices_than_given_plans_nothing() {
    let world = AzureWorld::start().await;
    let engine = world.engine();
    let refused = world.plan(&engine, &FILES, &deployed(5)).await.unwrap_err();
    assert_eq!(refused.code, Code::CountChanged, "{refused:?}");
    assert!(refused.what_happened.contains("3 devices"), "{refused:?}");
    assert_eq!(world.imports(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_that_fail_are_said_and_nothing_is_verified() {
    use firmdrop_simulator::azure::Outcome as Device;
    let world = AzureWorld::start_with(Service {
        inventory: Inventory {
            fleets: vec![Fleet::new("lab", 3, "Contoso", "Toaster").with_outcomes(&[
                Device::Succeeds,
                Device::Fails,
                Device::Succeeds,
            ])],
            ..Inventory::default()
        },
        ..Service::default()
    })
    .await;
    let engine = world.engine();
    let (_, job) = world.deliver(&engine, &FILES, &deployed(3)).await;
    let JobState::Finished {
        outcome: Outcome::Sent { reason },
    } = &job.state
    else {
        panic!("{:?}", job.state);
    };
    assert!(reason.contains("2 succeeded, 1 failed"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_is_refused_after_the_import_says_what_the_service_holds() {
    let world = AzureWorld::start().await;
    let refusal = Effect::ServerError { status: 403 };
    world
        .server
        .dial()
        .add(Rule::always(refusal).on("PUT", "deployments"));
    let engine = world.engine();
    let (_, job) = world.deliver(&engine, &FILES, &deployed(3)).await;
    let state = &failure(&job.state).state_now;
    assert!(state.starts_with("The service held "), "{state}");
    assert!(state.contains("No deployment was started"), "{state}");
    assert_eq!(world.imports(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_out_for_seconds_while_devices_are_counted_is_asked_again() {
    for effect in [
        Effect::ServerError { status: 503 },
        Effect::RateLimit {
            retry_after_seconds: 1,
        },
        Effect::LoseAnswer,
        Effect::Html { status: 502 },
    ] {
        let world = AzureWorld::start().await;
        let engine = world.engine();
        let rule = |times| {
            let rule = Rule::always(effect.clone()).on("GET", "deviceClassSubgroups");
            world.server.dial().add(rule.times(times));
        };
        rule(1);
        let plan = world.plan(&engine, &FILES, &deployed(3)).await.unwrap();
        rule(2);
        let id = engine.submit(&plan).await.unwrap();
        assert_verified(&settled(&engine, &id).await.state);
        assert_eq!(world.imports(), 1, "{effect:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_is_not_shown_just_after_its_start_is_looked_at_again() {
    for effect in [
        Effect::ServerError { status: 404 },
        Effect::Html { status: 404 },
        Effect::Html { status: 200 },
    ] {
        let world = AzureWorld::start().await;
        let rule = Rule::always(effect.clone()).on("GET", "/status");
        world.server.dial().add(rule.times(3));
        let engine = world.engine();
        let (_, job) = world.deliver(&engine, &FILES, &deployed(3)).await;
        assert_verified(&job.state);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_is_not_known_everywhere_just_after_its_import_is_deployed_all_the_same() {
    let world = AzureWorld::start().await;
    let rule = Rule::always(Effect::ServerError { status: 404 }).on("PUT", "/deployments/");
    world.server.dial().add(rule.times(2));
    let engine = world.engine();
    let (_, job) = world.deliver(&engine, &FILES, &deployed(3)).await;
    assert_verified(&job.state);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_that_was_perhaps_started_and_is_not_shown_yet_is_not_denied() {
    let world = AzureWorld::start().await;
    // The start is carried out, and its answer is lost until the job is stopped.
    let lost = Rule::always(Effect::LoseAnswer).on("PUT", "/deployments/");
    world.server.dial().add(lost);
    let engine = world.engine();
    let plan = world.plan(&engine, &FILES, &deployed(3)).await.unwrap();
    let mut watch = engine.watch();
    let id = engine.submit(&plan).await.unwrap();
    until(&mut watch, || world.starts() > 0).await;
    engine.pause(&id).await.unwrap();
    assert_eq!(settled(&engine, &id).await.state, JobState::Paused);
    world.server.dial().clear();
    let started = world.starts();
    let hidden = Rule::always(Effect::ServerError { status: 404 }).on("GET", "/deployments/");
    world.server.dial().add(hidden.times(3));
    engine.resume(&id).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
    assert_eq!(world.starts(), started, "it was started again");
}
