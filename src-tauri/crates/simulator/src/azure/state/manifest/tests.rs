//! Each rule of manifests, broken once.

use serde_json::json;

use super::*;

fn good() -> Value {
    json!({
        "updateId": {"provider": "Contoso", "name": "Toaster", "version": "01.0"},
        "compatibility": [{"manufacturer": "Contoso", "model": "Toaster"}],
        "instructions": {"steps": [
            {"handler": "microsoft/script:1", "files": ["a.sh", "data.bin"],
             "handlerProperties": {"scriptFileName": "a.sh"}},
            {"type": "reference", "updateId": {"provider": "Contoso", "name": "Sensor", "version": "1.0"}},
        ]},
        "files": [
            {"filename": "a.sh", "sizeInBytes": 1, "hashes": {"sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}},
            {"filename": "data.bin", "sizeInBytes": 2, "hashes": {"sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
             "relatedFiles": [{"filename": "delta", "sizeInBytes": 1,
                "hashes": {"sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
                "properties": {"microsoft.sourceFileHash": "x"}}],
             "downloadHandler": {"id": "microsoft/delta:1"}},
        ],
        "createdDateTime": "2026-01-19T06:23:52.6996916Z",
        "manifestVersion": "5.0",
    })
}

fn read(value: &Value) -> Result<Manifest, Problem> {
    Manifest::read(value.to_string().as_bytes())
}

#[test]
fn a_good_manifest_is_read_and_its_version_has_no_leading_zeros() {
    let manifest = read(&good()).unwrap();
    assert_eq!(manifest.id.to_string(), "Contoso/Toaster/1.0");
    assert_eq!(manifest.every_file().count(), 3);
    assert_eq!(manifest.references.len(), 1);
    assert!(manifest.is_deployable);
}

#[test]
fn each_broken_rule_is_refused_at_its_place() {
    for (pointer, value, target) in [
        (
            "/updateId/provider",
            json!("a".repeat(65)),
            "updateId.provider",
        ),
        ("/updateId/name", json!("a b"), "updateId.name"),
        ("/updateId/version", json!("1"), "updateId.version"),
        ("/updateId", json!(null), "updateId"),
        ("/compatibility", json!([]), "compatibility"),
        ("/compatibility/0", json!({}), "compatibility[0]"),
        ("/compatibility/0/model", json!(1), "compatibility[0].model"),
        ("/instructions/steps", json!([]), "instructions.steps"),
        (
            "/instructions/steps/0/handler",
            json!("script"),
            "instructions.steps[0].handler",
        ),
        (
            "/instructions/steps/0/handler",
            json!("microsoft/steps:1"),
            "instructions.steps[0].handler",
        ),
        (
            "/instructions/steps/0/files",
            json!([]),
            "instructions.steps[0].files",
        ),
        (
            "/instructions/steps/0/files",
            json!(["a.sh", "data.bin", "c"]),
            "instructions.steps[0].files",
        ),
        ("/instructions/steps/0/files", json!(["a.sh"]), "files"),
        (
            "/instructions/steps/0/more",
            json!(1),
            "instructions.steps[0].more",
        ),
        (
            "/instructions/steps/1/updateId/name",
            json!("Toaster"),
            "instructions.steps[1].updateId",
        ),
        (
            "/instructions/steps/1/type",
            json!("other"),
            "instructions.steps[1].type",
        ),
        ("/files/0/sizeInBytes", json!(0), "files[0].sizeInBytes"),
        (
            "/files/0/sizeInBytes",
            json!(2_147_483_649_u64),
            "files[0].sizeInBytes",
        ),
        (
            "/files/0/hashes/sha256",
            json!("ab".repeat(32)),
            "files[0].hashes.sha256",
        ),
        ("/files/0/hashes", json!({}), "files[0].hashes.sha256"),
        ("/files/1/filename", json!("A.SH"), "files[1].filename"),
        ("/files/1/downloadHandler", json!(null), "files[1]"),
        ("/files/1/relatedFiles", json!([]), "files[1]"),
        ("/manifestVersion", json!("6.0"), "manifestVersion"),
        ("/createdDateTime", json!(null), "createdDateTime"),
        ("/isDeployable", json!("yes"), "isDeployable"),
    ] {
        let mut manifest = good();
        let (place, key) = pointer.rsplit_once('/').unwrap();
        match manifest.pointer_mut(place).unwrap() {
            Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
            object => object[key] = value,
        }
        let problem = read(&manifest).unwrap_err();
        let found = problem.target.unwrap();
        let found = found.trim_start_matches("importManifest.").to_owned();
        assert_eq!(found, target, "{pointer}");
        assert_eq!(problem.code, "CannotProcessImportManifest");
    }
}

#[test]
fn an_older_manifest_has_a_type_and_criteria_and_no_related_files() {
    let mut manifest = good();
    manifest["manifestVersion"] = json!("4.0");
    assert!(read(&manifest).is_err());
    let mut manifest = good();
    manifest["manifestVersion"] = json!("2.0");
    manifest["files"][1]
        .as_object_mut()
        .unwrap()
        .retain(|key, _| !key.contains("elated") && !key.contains("Handler"));
    assert!(read(&manifest).is_err());
    manifest["updateType"] = json!("microsoft/swupdate:1");
    manifest["installedCriteria"] = json!("5");
    let read = read(&manifest).unwrap();
    assert_eq!(read.update_type.as_deref(), Some("microsoft/swupdate:1"));
    assert!(read.steps.is_empty());
}

#[test]
fn what_is_no_manifest_is_refused_and_nothing_panics() {
    for bytes in [
        &b""[..],
        b"[]",
        b"{}",
        b"null",
        b"\xef\xbb\xbf{}",
        b"{\"manifestVersion\": 5}",
    ] {
        assert!(Manifest::read(bytes).is_err());
    }
}
