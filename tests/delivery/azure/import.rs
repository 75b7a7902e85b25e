//! From files to an imported, verified update.

use firmdrop_backend::azure::{AzureOptions, PlannedImport};
use firmdrop_core::Code;
use firmdrop_engine::Impact;

use crate::FILES;
use crate::azure_world::{AzureWorld, CONTAINER, toaster};
use crate::engine_world::assert_verified;

#[tokio::test(flavor = "multi_thread")]
async fn files_become_an_update_that_the_service_holds_and_nothing_stays_staged() {
    let world = AzureWorld::start().await;
    let engine = world.engine();
    let (id, job) = world.deliver(&engine, &FILES, &toaster("1.0")).await;
    assert_verified(&job.state);
    assert_eq!(world.server.updates(), ["Contoso/Toaster/1.0"]);
    assert_eq!(world.imports(), 1);
    assert!(world.storage.blobs(CONTAINER).is_empty());
    let remote = engine.job(&id).unwrap().remote;
    assert!(
        remote
            .iter()
            .any(|name| name.value == "Contoso/Toaster/1.0"),
        "{remote:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_storage_may_be_opened_with_the_same_sign_in() {
    let world = AzureWorld::start().await;
    world.account(&[("storage_access", "sign_in")]);
    let engine = world.engine();
    let (_, job) = world.deliver(&engine, &FILES, &toaster("1.0")).await;
    assert_verified(&job.state);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_of_the_interface_imports() {
    for version in [
        "2026-06-01",
        "2023-10-01-preview",
        "2022-10-01",
        "2022-07-01-preview",
        "2021-06-01-preview",
    ] {
        let world = AzureWorld::start().await;
        world.account(&[("storage_access", "account_key"), ("api_version", version)]);
        let engine = world.engine();
        let (_, job) = world.deliver(&engine, &FILES, &toaster("1.0")).await;
        assert_verified(&job.state);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_generation_imports_a_manifest_of_its_own_format() {
    let world = AzureWorld::start().await;
    world.account(&[
        ("storage_access", "account_key"),
        ("api_version", "legacy-v2"),
    ]);
    let engine = world.engine();
    let mut options = toaster("1.0");
    let update = options.update.as_mut().unwrap();
    update.handler = Some("microsoft/swupdate:1".into());
    update.properties = [("installedCriteria".to_owned(), "1.0".to_owned())].into();
    let (_, job) = world
        .deliver(&engine, &[("image.swu", b"swu")], &options)
        .await;
    assert_verified(&job.state);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_manifest_brings_the_files_beside_it() {
    let world = AzureWorld::start().await;
    let engine = world.engine();
    let plan = world.plan(&engine, &FILES, &toaster("1.0")).await.unwrap();
    let manifest = PlannedImport::of(&plan).unwrap().updates.remove(0).manifest;
    let name = "toaster.importmanifest.json";
    let files = [(name, manifest.as_bytes())];
    let (_, job) = world
        .deliver(&engine, &files, &AzureOptions::default())
        .await;
    assert_verified(&job.state);
    assert_eq!(world.server.updates(), ["Contoso/Toaster/1.0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_whose_file_is_not_there_or_differs_is_refused_before_a_byte_is_sent() {
    let world = AzureWorld::start().await;
    let engine = world.engine();
    let plan = world.plan(&engine, &FILES, &toaster("1.0")).await.unwrap();
    let manifest = PlannedImport::of(&plan).unwrap().updates.remove(0).manifest;
    let files = [("toaster.importmanifest.json", manifest.as_bytes())];
    world.file("data.bin", b"something else");
    let none = AzureOptions::default();
    let differs = world.plan(&engine, &files, &none).await.unwrap_err();
    assert_eq!(differs.code, Code::ManifestImpossible, "{differs:?}");
    assert!(differs.what_happened.contains("/files/1"), "{differs:?}");
    std::fs::remove_file(world.folder.path().join("data.bin")).unwrap();
    let missing = world.plan(&engine, &files, &none).await.unwrap_err();
    assert_eq!(missing.code, Code::FileNotFound, "{missing:?}");
    let record = world.server.record();
    assert!(record.requests.iter().all(|one| one.method == "GET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_without_a_manifest_and_without_a_description_are_no_update() {
    let world = AzureWorld::start().await;
    let engine = world.engine();
    let refused = world
        .plan(&engine, &FILES, &AzureOptions::default())
        .await
        .unwrap_err();
    assert_eq!(refused.code, Code::ArgumentInvalid);
    assert!(refused.title.contains("Which update"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_what_is_stored_where_and_for_how_long() {
    let world = AzureWorld::start().await;
    let engine = world.engine();
    let plan = world.plan(&engine, &FILES, &toaster("1.0")).await.unwrap();
    assert_eq!(plan.impact, Impact::Upload);
    assert_eq!(plan.files.count(), 2);
    assert_eq!(plan.remote_name.as_deref(), Some("Contoso/Toaster/1.0"));
    assert!(
        plan.risks
            .iter()
            .any(|risk| risk.contains("container updates")),
        "{:?}",
        plan.risks
    );
    assert!(
        plan.verified_when.contains("all 2 files"),
        "{}",
        plan.verified_when
    );
    let record = world.server.record();
    assert!(
        record.requests.iter().all(|one| one.method == "GET"),
        "a plan sends nothing"
    );
    assert!(world.storage.record().requests.is_empty());
}
