//! The request that imports an update, in each version, and its answers.

use firmdrop_cloud::azure::{
    Accepted, ApiVersion, AzureError, ImportItem, OperationLocation, StagedFile, StagedManifest,
};
use firmdrop_core::{Diagnose, Sha256};
use serde_json::{Value, json};

use crate::recorder::{Answer, Recorder};

/// SHA-256 of the sample, as base64 writes it.
const SAMPLE_HASH: &str = "O19LyyncPe1AGstOdkcmozLV8pSbBdqrE18HdYVohRc=";
const SAMPLE_OPERATION: &str =
    "/deviceupdate/instanceId/v2/updates/operations/e4491c54-916f-443d-9094-bcca546ace2f";

fn sample_hash() -> Sha256 {
    Sha256::from_hex("3b5f4bcb29dc3ded401acb4e764726a332d5f2949b05daab135f077585688517").unwrap()
}

fn item(storage: &str, manifest: &str, files: &[(&str, &str)]) -> ImportItem {
    let url = |name: &str| format!("{storage}/test/{name}").into();
    ImportItem {
        manifest: StagedManifest {
            url: url(manifest),
            size_bytes: 816,
            sha256: sample_hash(),
        },
        friendly_name: None,
        files: files
            .iter()
            .map(|(file_name, blob)| StagedFile {
                file_name: (*file_name).to_owned(),
                url: url(blob),
            })
            .collect(),
    }
}

/// The sample request of the first generation's reference.
fn sample() -> ImportItem {
    item(
        "http://test.blob.core.windows.net",
        "uploadimportMan.json",
        &[
            ("file1.bin", "upload1v5uww1q"),
            ("file2.bin", "uploadkrmn5yw0"),
            ("file3.bin", "uploaddq52ky5m"),
        ],
    )
}

fn signed() -> ImportItem {
    item(
        "https://test.blob.core.windows.net",
        "m.json?sp=r&sig=c2VjcmV0",
        &[("a.swu", "a%20b.swu?sp=r&sig=c2VjcmV0")],
    )
}

async fn accepting() -> Recorder {
    Recorder::start(|_, _| Answer::new(202, "").header("Operation-Location", SAMPLE_OPERATION))
        .await
}

#[tokio::test]
async fn the_sample_request_of_the_first_generation_is_made_as_it_is_documented() {
    let host = Recorder::start(|_, _| {
        Answer::new(202, "")
            .header("Location", SAMPLE_OPERATION)
            .header("Operation-Location", SAMPLE_OPERATION)
    })
    .await;
    assert_eq!(sample_hash().to_base64(), SAMPLE_HASH);
    let accepted = host
        .client_of(ApiVersion::LegacyV2)
        .import_update(&[sample()])
        .await
        .unwrap();
    let request = host.last();
    assert_eq!(request.method, "POST");
    let (path, query) = request.target.split_once('?').unwrap();
    assert_eq!(path, "/deviceupdate/blue/v2/updates");
    assert_eq!(query, "action=import");
    let expected: Value = serde_json::from_str(
        r#"{
          "importManifest": {
            "url": "http://test.blob.core.windows.net/test/uploadimportMan.json",
            "sizeInBytes": 816,
            "hashes": { "sha256": "O19LyyncPe1AGstOdkcmozLV8pSbBdqrE18HdYVohRc=" }
          },
          "files": [
            { "filename": "file1.bin", "url": "http://test.blob.core.windows.net/test/upload1v5uww1q" },
            { "filename": "file2.bin", "url": "http://test.blob.core.windows.net/test/uploadkrmn5yw0" },
            { "filename": "file3.bin", "url": "http://test.blob.core.windows.net/test/uploaddq52ky5m" }
          ]
        }"#,
    )
    .unwrap();
    assert_eq!(request.json(), expected);
    let location = OperationLocation::new(SAMPLE_OPERATION);
    assert_eq!(
        location.operation_id(),
        Some("e4491c54-916f-443d-9094-bcca546ace2f")
    );
    assert_eq!(accepted, Accepted::Running(location));
}

#[tokio::test]
async fn each_version_has_its_own_request_line_and_envelope() {
    for (version, line, is_array) in [
        (
            ApiVersion::V2026_06_01,
            "POST /deviceUpdate/blue/updates:import?api-version=2026-06-01",
            true,
        ),
        (
            ApiVersion::V2023_10_01Preview,
            "POST /deviceUpdate/blue/updates:import?api-version=2023-10-01-preview",
            true,
        ),
        (
            ApiVersion::V2022_10_01,
            "POST /deviceUpdate/blue/updates:import?api-version=2022-10-01",
            true,
        ),
        (
            ApiVersion::V2022_07_01Preview,
            "POST /deviceUpdate/blue/updates:import?api-version=2022-07-01-preview",
            true,
        ),
        (
            ApiVersion::V2021_06_01Preview,
            "POST /deviceupdate/blue/updates?api-version=2021-06-01-preview&action=import",
            true,
        ),
        (
            ApiVersion::LegacyV2,
            "POST /deviceupdate/blue/v2/updates?action=import",
            false,
        ),
    ] {
        let host = accepting().await;
        let client = host.client_of(version);
        client.import_update(&[signed()]).await.unwrap();
        let request = host.last();
        assert_eq!(request.line(), line);
        assert_eq!(request.json().is_array(), is_array, "{version}");
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("accept"), Some("application/json"));
        assert_eq!(
            request.header("authorization"),
            Some("Bearer token-secret-0")
        );
        let id = request.header("x-ms-client-request-id").unwrap();
        assert_eq!(id.len(), 36, "{id}");
    }
}

#[tokio::test]
async fn a_parent_and_its_children_go_in_one_request_with_their_friendly_names() {
    let host = accepting().await;
    let parent = ImportItem {
        friendly_name: Some("Toaster 1.0".to_owned()),
        files: Vec::new(),
        ..signed()
    };
    host.client()
        .import_update(&[parent.clone(), signed()])
        .await
        .unwrap();
    let body = host.last().json();
    assert_eq!(body.as_array().map(Vec::len), Some(2));
    assert_eq!(body[0]["friendlyName"], json!("Toaster 1.0"));
    assert_eq!(body[0].get("files"), None, "no files, not an empty list");
    assert_eq!(body[1].get("friendlyName"), None);
    assert_eq!(
        body[1]["files"],
        json!([{ "filename": "a.swu", "url": "https://test.blob.core.windows.net/test/a%20b.swu?sp=r&sig=c2VjcmV0" }])
    );
}

#[tokio::test]
async fn what_no_version_takes_is_refused_before_anything_is_sent() {
    let host = accepting().await;
    let many = |files: usize| ImportItem {
        files: vec![signed().files.remove(0); files],
        ..signed()
    };
    let named = |name: String| ImportItem {
        friendly_name: Some(name),
        ..signed()
    };
    let reference = |url: &str| {
        let mut item = signed();
        item.manifest.url = url.to_owned().into();
        item
    };
    for (version, items) in [
        (ApiVersion::V2026_06_01, vec![]),
        (ApiVersion::V2026_06_01, vec![signed(); 12]),
        (ApiVersion::LegacyV2, vec![signed(); 2]),
        (ApiVersion::LegacyV2, vec![many(0)]),
        (ApiVersion::V2026_06_01, vec![many(11)]),
        (ApiVersion::V2026_06_01, vec![named(String::new())]),
        (ApiVersion::V2026_06_01, vec![named("x".repeat(513))]),
        // Only the first generation takes an address without TLS, and then without a signature.
        (ApiVersion::V2026_06_01, vec![sample()]),
        (
            ApiVersion::LegacyV2,
            vec![reference("http://s.test/c/m?sig=abc")],
        ),
        (ApiVersion::V2026_06_01, vec![reference("ftp://s.test/m")]),
        (ApiVersion::V2026_06_01, vec![reference("no address")]),
        // Out of a journal: its signature was left out.
        (
            ApiVersion::V2026_06_01,
            vec![reference("https://s.test/c/m?…")],
        ),
    ] {
        let refused = host.client_of(version).import_update(&items).await;
        let error = refused.unwrap_err();
        assert!(matches!(error, AzureError::Argument { .. }), "{error}");
        assert_eq!(error.diagnose().state_now, "Nothing was sent.");
    }
    assert!(host.requests().is_empty());
}

#[tokio::test]
async fn every_way_of_accepting_is_understood() {
    let update =
        r#"{"updateId":{"provider":"p","name":"n","version":"1.0"},"manifestVersion":"5.0"}"#;
    let of = async |answer: Answer| {
        let host = Recorder::start(move |_, _| answer.clone()).await;
        host.client().import_update(&[signed()]).await.unwrap()
    };
    let running = |text: &str| Accepted::Running(OperationLocation::new(text));
    let at = "/deviceUpdate/blue/updates/operations/op1?api-version=2022-10-01";
    let accepted = of(Answer::new(202, "").header("Operation-Location", at)).await;
    assert_eq!(accepted, running(at));
    let accepted = of(Answer::new(202, "").header("Location", at)).await;
    assert_eq!(accepted, running(at));
    let with_body = Answer::new(202, update).header("operation-location", at);
    assert_eq!(of(with_body).await, running(at));
    assert_eq!(of(Answer::new(202, "")).await, Accepted::Unnamed);
    assert_eq!(of(Answer::new(200, "{}")).await, Accepted::Unnamed);
    let Accepted::Finished(finished) = of(Answer::new(200, update)).await else {
        unreachable!("200 with an update is the end");
    };
    assert_eq!(finished.update_id.to_string(), "p/n/1.0");
}

#[tokio::test]
async fn a_signed_address_does_not_come_back_in_an_error() {
    let host = Recorder::says(
        400,
        r#"{"error":{"code":"CannotDownload","message":"https://test.blob.core.windows.net/test/m.json?sp=r&sig=c2VjcmV0 gave 403"}}"#,
    )
    .await;
    let error = host.client().import_update(&[signed()]).await.unwrap_err();
    let said = format!("{error:?} {error} {:?}", error.diagnose());
    assert!(!said.contains("c2VjcmV0"), "{said}");
    assert!(said.contains("CannotDownload"));
}
