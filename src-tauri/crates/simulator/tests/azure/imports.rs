//! Imports: what is downloaded, checked, published, and refused.

use firmdrop_simulator::azure::AzureOptions;
use serde_json::json;

use crate::{World, manifest, sha256};

#[tokio::test]
async fn an_import_downloads_checks_and_publishes() {
    let world = World::start().await;
    let file = b"the firmware".as_slice();
    let item = world
        .staged(
            &manifest("Toaster", "01.0", "a.sh", file),
            &[("a.sh", file)],
        )
        .await;
    let job = world.imported(&json!([item])).await;
    assert_eq!(job["status"], "Succeeded", "{job:#}");
    assert_eq!(job["update"]["updateId"]["version"], "1.0");
    let resource = job["resourceLocation"].as_str().unwrap();
    let update = world
        .request(reqwest::Method::GET, resource)
        .send()
        .await
        .unwrap();
    let etag = update.headers()["etag"].to_str().unwrap().to_owned();
    let update: serde_json::Value = update.json().await.unwrap();
    assert_eq!(update["friendlyName"], "A new one");
    assert_eq!(update["etag"], etag);
    let again = world
        .request(reqwest::Method::GET, resource)
        .header("If-None-Match", etag);
    assert_eq!(again.send().await.unwrap().status(), 304);
    let base = "/updates/providers/Contoso/names/Toaster/versions/1.0/files";
    let files = world.read(base).await;
    let id = files["value"][0].as_str().unwrap();
    let found = world.read(&format!("{base}/{id}")).await;
    assert_eq!(found["fileName"], "a.sh");
    assert_eq!(found["hashes"]["sha256"], sha256(file));
    let downloads = world.storage.record().requests;
    assert_eq!(
        downloads
            .iter()
            .filter(|one| one.status == Some(200))
            .count(),
        2
    );
}

#[tokio::test]
async fn what_the_storage_or_the_manifest_says_otherwise_fails_with_its_code() {
    let world = World::start().await;
    let file = b"the firmware".as_slice();
    let good = manifest("Toaster", "1.0", "a.sh", file);
    let item = world.staged(&good, &[("a.sh", file)]).await;
    let spoiled = |pointer: &str, value: serde_json::Value| {
        let mut item = item.clone();
        *item.pointer_mut(pointer).unwrap() = value;
        json!([item])
    };
    let tampered = item["files"][0]["url"]
        .as_str()
        .unwrap()
        .replace("sp=r", "sp=rw");
    let elsewhere = "http://192.0.2.1/a.sh";
    for (pointer, value, code, inner) in [
        (
            "/files/0/url",
            json!(tampered),
            "CannotProcessUpdateFile",
            "ContentFileCannotDownload",
        ),
        (
            "/files/0/url",
            json!(elsewhere),
            "CannotProcessUpdateFile",
            "ContentFileCannotDownload",
        ),
        (
            "/importManifest/url",
            json!("http://127.0.0.1:1/m"),
            "CannotProcessImportManifest",
            "CannotDownload",
        ),
        (
            "/importManifest/sizeInBytes",
            json!(1),
            "CannotProcessImportManifest",
            "CannotParse",
        ),
        (
            "/importManifest/hashes/sha256",
            json!(sha256(b"")),
            "CannotProcessImportManifest",
            "CannotParse",
        ),
        (
            "/files/0/filename",
            json!("b.sh"),
            "CannotProcessImportManifest",
            "CannotParse",
        ),
    ] {
        let job = world.imported(&spoiled(pointer, value)).await;
        assert_eq!(job["status"], "Failed");
        assert_eq!(job["error"]["code"], code, "{job:#}");
        assert_eq!(job["error"]["innererror"]["code"], inner, "{job:#}");
        assert!(job["resourceLocation"].is_null());
    }
    world
        .storage
        .store("updates", "a.sh", b"other bytes.")
        .await
        .unwrap();
    let job = world.imported(&json!([item])).await;
    assert_eq!(job["error"]["innererror"]["code"], "ContentFileMismatch");
    assert_eq!(world.server.updates(), Vec::<String>::new());
}

#[tokio::test]
async fn an_identity_is_imported_once_and_a_compatibility_belongs_to_one_name() {
    let world = World::start().await;
    let file = b"x".as_slice();
    let item = world
        .staged(&manifest("Toaster", "1.0", "a", file), &[("a", file)])
        .await;
    assert_eq!(world.imported(&json!([item])).await["status"], "Succeeded");
    let job = world.imported(&json!([item])).await;
    assert_eq!(job["error"]["code"], "UpdateAlreadyExists");
    let mut other = manifest("Oven", "1.0", "a", file);
    other["compatibility"][0]["model"] = json!("Toaster");
    let item = world.staged(&other, &[("a", file)]).await;
    let job = world.imported(&json!([item])).await;
    assert_eq!(job["error"]["code"], "UpdateNameCompatibility");
}

#[tokio::test]
async fn a_parent_is_imported_with_its_children_and_keeps_them() {
    let world = World::start().await;
    let file = b"x".as_slice();
    let mut child = manifest("Sensor", "1.0", "a", file);
    let mut parent = manifest("Toaster", "1.0", "b", file);
    let reference = json!({"type": "reference", "updateId": child["updateId"]});
    parent["instructions"]["steps"]
        .as_array_mut()
        .unwrap()
        .push(reference);
    let parent_item = world.staged(&parent, &[("b", file)]).await;
    let child_item = world.staged(&child, &[("a", file)]).await;
    let job = world.imported(&json!([parent_item, child_item])).await;
    assert_eq!(
        job["error"]["innererror"]["code"], "CannotParse",
        "a deployable child"
    );
    child["isDeployable"] = json!(false);
    let child_item = world.staged(&child, &[("a", file)]).await;
    let job = world.imported(&json!([parent_item])).await;
    assert_eq!(job["status"], "Failed", "the child is missing");
    let job = world.imported(&json!([child_item, parent_item])).await;
    assert_eq!(job["status"], "Succeeded", "{job:#}");
    assert_eq!(job["update"]["updateId"]["name"], "Toaster");
    let path = "/updates/providers/Contoso/names/Sensor/versions/1.0";
    assert_eq!(world.read(path).await["referencedBy"][0]["name"], "Toaster");
    let target = format!("/deviceUpdate/demo{path}?{}", crate::VERSION);
    let refused = world
        .request(reqwest::Method::DELETE, &target)
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), 409);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let world = World::with(AzureOptions {
        page_items: 4,
        inventory: firmdrop_simulator::azure::Inventory::demo(),
        ..AzureOptions::default()
    })
    .await;
    let first = world.read("/updates").await;
    assert_eq!(first["value"].as_array().unwrap().len(), 4);
    let next = first["nextLink"].as_str().unwrap();
    assert!(next.starts_with("http://127.0.0.1"));
    let second = world
        .client
        .get(next)
        .bearer_auth(&world.token)
        .send()
        .await
        .unwrap();
    let second: serde_json::Value = second.json().await.unwrap();
    assert_eq!(second["value"].as_array().unwrap().len(), 2);
    assert!(second["nextLink"].is_null());
}
