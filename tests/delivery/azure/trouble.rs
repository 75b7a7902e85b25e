//! Trouble of the service and its storage in the middle of an import.

use firmdrop_core::Code;
use firmdrop_engine::JobState;
use firmdrop_simulator::azure::AzureFault;
use firmdrop_simulator::fault::{Effect, Rule};

use crate::FILES;
use crate::azure_world::{AzureWorld, CONTAINER, toaster};
use crate::engine_world::{assert_verified, failure, settled};

/// An import with this fault on its request, once.
async fn with(effect: impl Into<Effect>) -> (AzureWorld, JobState) {
    let world = AzureWorld::start().await;
    let rule = Rule::always(effect.into()).on("POST", "import").times(1);
    world.server.dial().add(rule);
    let engine = world.engine();
    let (_, job) = world.deliver(&engine, &FILES, &toaster("1.0")).await;
    (world, job.state)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_service_says_of_the_operations_address_the_import_is_verified() {
    for trouble in [
        AzureFault::AbsoluteLocation,
        AzureFault::LocationOnly,
        AzureFault::NoLocation,
        AzureFault::FinishedAtOnce,
        AzureFault::UnknownStatus,
    ] {
        let (world, state) = with(trouble.clone()).await;
        assert_verified(&state);
        assert_eq!(world.imports(), 1, "{trouble:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_documented_failure_is_said_with_its_deepest_cause_and_leaves_no_blob() {
    let (world, state) = with(AzureFault::FailJob("UpdateProvider".to_owned())).await;
    let diagnosis = failure(&state);
    assert_eq!(diagnosis.code, Code::QuotaReached, "{diagnosis:?}");
    assert!(
        diagnosis
            .details
            .iter()
            .any(|detail| detail.label == "Trace id"),
        "{diagnosis:?}"
    );
    assert!(world.storage.blobs(CONTAINER).is_empty());
    // What is said of the storage is of after the clean-up.
    let state = &diagnosis.state_now;
    assert!(state.contains("were deleted from the storage"), "{state}");
    assert!(!state.contains("The storage holds"), "{state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_the_service_could_not_read_are_signed_anew_on_resume() {
    let world = AzureWorld::start().await;
    let fails = AzureFault::FailJob("CannotDownload".to_owned());
    let rule = Rule::always(fails.into()).on("POST", "import").times(1);
    world.server.dial().add(rule);
    let engine = world.engine();
    let (id, job) = world.deliver(&engine, &FILES, &toaster("1.0")).await;
    let JobState::Failed { resumable, .. } = &job.state else {
        panic!("{:?}", job.state);
    };
    assert_eq!(*resumable, Some(true));
    let blobs = world.storage.blobs(CONTAINER);
    assert_eq!(blobs.len(), 3);
    engine.resume(&id).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
    assert_eq!(world.imports(), 2);
    assert!(world.storage.blobs(CONTAINER).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_turned_away_for_its_rate_is_repeated() {
    for rate in [
        Effect::RateLimit {
            retry_after_seconds: 1,
        },
        Effect::RateLimitWithoutTime,
    ] {
        let (world, state) = with(rate).await;
        assert_verified(&state);
        assert_eq!(world.server.updates().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_gives_up_on_an_import_that_took_place_imports_once() {
    for late in [Effect::ReplaceAnswer { status: 504 }, Effect::LoseAnswer] {
        let (world, state) = with(late).await;
        assert_verified(&state);
        assert_eq!(world.imports(), 1, "the service was asked first");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_the_service_does_not_show_is_not_verified() {
    let (_, state) = with(AzureFault::LostUpdate).await;
    let JobState::Failed {
        diagnosis,
        resumable: Some(true),
    } = &state
    else {
        panic!("{state:?}");
    };
    assert_eq!(diagnosis.code, Code::RemoteDiffers);
    assert!(
        diagnosis.state_now.contains("said that it succeeded"),
        "{diagnosis:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ends_in_the_middle_of_the_files_is_replaced_and_nothing_is_lost() {
    for times in 1..=2 {
        let world = AzureWorld::start().await;
        world.account(&[("storage_access", "sign_in")]);
        // The second of three requests that store, then the one after it.
        let ended = Rule::always(Effect::ServerError { status: 401 }).on("PUT", CONTAINER);
        world.storage.dial().add(ended.skip(1).times(times));
        let engine = world.engine();
        let (_, job) = world.deliver(&engine, &FILES, &toaster("1.0")).await;
        match times {
            1 => assert_verified(&job.state),
            // A token that was just given and is refused is no old one.
            _ => assert_eq!(failure(&job.state).code, Code::KeyRefused),
        }
    }
}
