//! What a plan says of updates that the service holds already, before anything is sent.

use firmdrop_backend::azure::AzureOptions;
use firmdrop_core::Code;
use firmdrop_engine::Plan;
use firmdrop_test_support::import_manifests::{CHILD, PARENT};

use crate::FILES;
use crate::azure_world::{AzureWorld, CONTAINER, toaster};
use crate::engine_world::{assert_verified, failure, settled};

/// Other files than those of the plans.
const OTHERS: [(&str, &[u8]); 2] = [FILES[0], ("more.bin", &[8; 100])];
/// What the published sample of a parent names.
const APT: &[u8] =
    b"{\"name\":\"toaster\",\"version\":\"2.0\",\"packages\":[{\"name\":\"toaster\"}]}";

fn has_risk(plan: &Plan, text: &str) -> bool {
    plan.risks.iter().any(|risk| risk.contains(text))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_that_the_service_holds_the_same_files_and_nothing_is_sent_again() {
    let world = AzureWorld::start().await;
    let engine = world.engine();
    let fresh = world.plan(&engine, &FILES, &toaster("1.0")).await.unwrap();
    assert!(!has_risk(&fresh, "already"), "{:?}", fresh.risks);
    world.deliver(&engine, &FILES, &toaster("1.0")).await;
    let plan = world.plan(&engine, &FILES, &toaster("1.0")).await.unwrap();
    assert_eq!(
        plan.risks[0],
        "The service holds Contoso/Toaster/1.0 already, with these files. No file will be sent."
    );
    let id = engine.submit(&plan).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
    assert_eq!(world.imports(), 1, "it was not imported again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_with_other_files_is_refused_by_the_plan_and_by_an_import_planned_before() {
    let world = AzureWorld::start().await;
    let engine = world.engine();
    let before = world.plan(&engine, &FILES, &toaster("1.0")).await.unwrap();
    world.deliver(&engine, &OTHERS, &toaster("1.0")).await;
    let refused = world.plan(&engine, &FILES, &toaster("1.0")).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code, Code::ObjectExists, "{refused:?}");
    assert!(
        refused.what_happened.contains("data.bin is not in it"),
        "{refused:?}"
    );
    assert!(refused.why.contains("new version"), "{refused:?}");
    let id = engine.submit(&before).await.unwrap();
    let taken = settled(&engine, &id).await;
    assert_eq!(failure(&taken.state).code, Code::ObjectExists);
    assert_eq!(world.imports(), 1);
    assert!(world.storage.blobs(CONTAINER).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_without_the_service_says_that_it_was_not_asked() {
    let world = AzureWorld::start().await;
    let engine = world.engine();
    world.server.kill().await;
    let plan = world.plan(&engine, &FILES, &toaster("1.0")).await.unwrap();
    let first = &plan.risks[0];
    assert!(
        first.starts_with("Whether the service holds Contoso/Toaster/1.0 already is not known."),
        "{first}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_is_looked_for_at_the_service_and_a_warning_when_it_cannot_be_asked() {
    let world = AzureWorld::start().await;
    let engine = world.engine();
    world.file("toaster-apt.json", APT);
    world.file("sensor.bin", b"sensor");
    let parent = [("parent.importmanifest.json", PARENT.as_bytes())];
    let none = AzureOptions::default();
    let absent = world.plan(&engine, &parent, &none).await.unwrap_err();
    assert_eq!(absent.code, Code::ManifestImpossible, "{absent:?}");
    assert!(
        absent.what_happened.contains("Toaster.Sensor"),
        "{absent:?}"
    );
    let child = [("child.importmanifest.json", CHILD.as_bytes())];
    let (_, job) = world.deliver(&engine, &child, &none).await;
    assert_verified(&job.state);
    let plan = world.plan(&engine, &parent, &none).await.unwrap();
    assert!(!has_risk(&plan, "Toaster.Sensor"), "{:?}", plan.risks);
    // Both together are one import, in which the child is not sent again.
    let both = [parent[0], child[0]];
    let plan = world.plan(&engine, &both, &none).await.unwrap();
    assert!(
        has_risk(&plan, "it is not imported again"),
        "{:?}",
        plan.risks
    );
    let id = engine.submit(&plan).await.unwrap();
    assert_verified(&settled(&engine, &id).await.state);
    world.server.kill().await;
    let plan = world.plan(&engine, &parent, &none).await.unwrap();
    assert!(
        has_risk(
            &plan,
            "Contoso/Toaster.Sensor/1.0 is not among the manifests."
        ),
        "{:?}",
        plan.risks
    );
}
