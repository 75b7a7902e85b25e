//! `azure-storage-blob` and the simulated Blob storage.

use std::sync::Arc;

use firmdrop_simulator::blob::{
    Bearer, BearerIdentity, BearerRefusal, BlobOptions, BlobServer, Storage,
};
use serde_json::{Value, json};

use crate::run;

/// Takes one token.
#[derive(Debug)]
struct OneToken;

impl Bearer for OneToken {
    fn check(&self, token: &str) -> Result<BearerIdentity, BearerRefusal> {
        match token {
            "good" => Ok(BearerIdentity {
                object: "5f5a0a1c-0000-0000-0000-000000000001".to_owned(),
                tenant: "72f988bf-0000-0000-0000-000000000001".to_owned(),
            }),
            _ => Err(BearerRefusal::Invalid("The token is unknown.".to_owned())),
        }
    }
}

/// What the client sees of containers, blobs and blocks.
fn of_blobs() -> Value {
    json!({
        "container twice": "ContainerAlreadyExists",
        "bad container name": "OutOfRangeInput",
        "no container": [404, "ContainerNotFound"],
        "whole read back": true,
        "parallel blocks read back": true,
        "range": "2345",
        "head": [10, "application/x-firmware", {"part": "one"}],
        "exists already": "BlobAlreadyExists",
        "names": [ "a b#%é+/ß.bin", "blocks.bin", "dir/one", "dir/two", "large.bin" ],
        "by prefix": ["dir/one", "dir/two"],
        "pages": [2, 2, 1],
        "walk": ["a b#%é+/", "blocks.bin", "dir/", "large.bin"],
        "uncommitted": [["0001", 3], ["0003", 3]],
        "not readable yet": "BlobNotFound",
        "resumed": "onetwothree",
        "committed": [[["0001", 3], ["0002", 3], ["0005", 5]], []],
        "ids of unequal length": "InvalidBlobOrBlock",
        "unknown block": "InvalidBlockList",
        "wrong md5": "Md5Mismatch",
        "not modified": true,
        "condition": "ConditionNotMet",
        "deleted": "BlobNotFound",
    })
}

/// What it sees of signatures and tokens.
fn of_access() -> Value {
    json!({
        "service sas reads": true,
        "service sas of a hard name reads": true,
        "odd name": ["odd", "odd"],
        "named by the signature": "inline; filename=\"te%20st.txt\"",
        "container sas lists": true,
        "tampered": [403, "AuthenticationFailed"],
        "expired": [403, "AuthenticationFailed"],
        "not begun": [403, "AuthenticationFailed"],
        "https only": true,
        "other blob": [403, "AuthenticationFailed"],
        "write with read": [403, "AuthorizationPermissionMismatch"],
        "block with read": [403, "AuthorizationPermissionMismatch"],
        "delete with read": [403, "AuthorizationPermissionMismatch"],
        "create over with create": [403, "AuthorizationPermissionMismatch"],
        "wrong key": [403, "AuthenticationFailed"],
        "no signature": [401, "NoAuthenticationInformation"],
        "bearer writes": true,
        "bearer unknown": [401, "InvalidAuthenticationInfo"],
        "delegated sas reads": true,
        "delegated sas writes": [403, "AuthorizationPermissionMismatch"],
        "delegated container writes": true,
        "delegated tampered": [403, "AuthenticationFailed"],
        "key of eight days": 400,
    })
}

async fn works_with(storage: Storage) {
    let server = BlobServer::start(BlobOptions {
        storage,
        bearer: Some(Arc::new(OneToken)),
        ..BlobOptions::default()
    });
    let server = server.await.unwrap();
    let arguments = json!({
        "endpoint": server.endpoint(),
        "account": server.account(),
        "key": server.key(),
        "token": "good",
    });
    let said = run(".venv-azure", "blob.py", &arguments).await;
    for expected in [of_blobs(), of_access()] {
        for (what, expected) in expected.as_object().unwrap() {
            assert_eq!(said[what], *expected, "{what} in {said:#}");
        }
    }
    let record = server.record();
    let blocks = &record.blobs["things/blocks.bin"];
    assert_eq!(blocks.commits, 1);
    assert_eq!(record.repeated_blocks(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn azure_storage_blob_stages_resumes_signs_and_is_refused_in_memory() {
    works_with(Storage::Memory).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn azure_storage_blob_stages_resumes_signs_and_is_refused_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    works_with(Storage::Directory(folder.path().to_owned())).await;
}
