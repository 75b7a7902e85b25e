//! `adu validate`, `adu hash` and `adu update-hashes`: every rule, and files that are compared.

use std::time::{Duration, Instant};

use firmdrop_test_support::import_manifests::{self, FULL, FULL_FILES};
use serde_json::json;

use crate::desk::{Desk, found};

/// Longest time for the check of an update of ten small files.
const CHECK_LIMIT: Duration = Duration::from_secs(1);

#[test]
fn every_rule_that_is_broken_is_reported_at_its_field() {
    let desk = Desk::new();
    let cases = import_manifests::broken();
    let mut names = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        let name = format!("{at}.importmanifest.json");
        desk.write(&name, &case.bytes);
        names.push(name);
    }
    let mut arguments = vec!["validate", "--without-files", "--separately"];
    arguments.extend(names.iter().map(String::as_str));
    let answer = desk.json(1, &arguments);
    assert_eq!(answer["valid"], false);
    let manifests = answer["manifests"].as_array().unwrap();
    assert_eq!(manifests.len(), cases.len());
    for ((manifest, case), name) in manifests.iter().zip(&cases).zip(&names) {
        assert_eq!(manifest["path"], name.as_str());
        let found = found(manifest);
        assert!(
            found.contains(&(case.rule, case.pointer)),
            "{} {}: {found:?}",
            case.rule,
            case.pointer
        );
    }
}

#[test]
fn warnings_are_shown_and_are_no_failure_and_errors_are_one() {
    let desk = Desk::new();
    desk.write("good.importmanifest.json", FULL.as_bytes());
    let ended = desk.run(&["validate", "good.importmanifest.json"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(
        ended.out.contains("Contoso/Toaster/1.0, 4 files"),
        "{ended:?}"
    );
    assert!(ended.out.contains("no findings"), "{ended:?}");
    desk.write("other.json", FULL.as_bytes());
    let answer = desk.json(0, &["validate", "other.json"]);
    assert_eq!(found(&answer["manifests"][0]), [("manifest-file-name", "")]);
    let ended = desk.run(&["validate", "other.json"]);
    assert!(ended.out.contains("1 warning"), "{ended:?}");
    let broken = FULL.replacen("\"installedCriteria\": \"1.0\",\n", "", 1);
    desk.write("bad.importmanifest.json", broken.as_bytes());
    let ended = desk.run(&["validate", "bad.importmanifest.json"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    let pointer = "/instructions/steps/0/handlerProperties/installedCriteria, line ";
    assert!(ended.out.contains(pointer), "{ended:?}");
    assert!(ended.out.contains("[installed-criteria]"), "{ended:?}");
    // A file that is no manifest is a finding too; one that is not there is wrong usage.
    desk.write("no.importmanifest.json", b"{\"a\": 1,}");
    let answer = desk.json(1, &["validate", "no.importmanifest.json"]);
    assert_eq!(found(&answer["manifests"][0]), [("json", "")]);
    let what = answer["manifests"][0]["findings"][0]["what"].as_str();
    assert!(what.unwrap().contains("comma"), "{answer}");
    assert_eq!(desk.run(&["validate", "missing.json"]).code, 2);
}

#[test]
fn files_are_compared_and_mended_and_nothing_else_is_touched() {
    let desk = Desk::new();
    let manifest = "full.importmanifest.json";
    let text = FULL.replacen(
        "\"isDeployable\"",
        "\"x-own\":   [1.50],\n  \"isDeployable\"",
        1,
    );
    desk.write(manifest, text.as_bytes());
    desk.write("firmware.swu", b"another firmware");
    std::fs::remove_file(desk.path().join("check.sh")).unwrap();
    let answer = desk.json(1, &["validate", manifest]);
    assert_eq!(
        found(&answer["manifests"][0]),
        [
            ("unknown-root-key", "/x-own"),
            ("file-size-differs", "/files/0/sizeInBytes"),
            ("file-hash-differs", "/files/0/hashes/sha256"),
            ("file-not-there", "/files/2/filename"),
        ]
    );
    let answer = desk.json(1, &["update-hashes", manifest]);
    assert_eq!(answer["missing"], json!(["check.sh"]));
    let changes = answer["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2, "{changes:?}");
    assert_eq!(changes[0]["new"], "16");
    let new_hash = changes[1]["new"].as_str().unwrap().trim_matches('"');
    let old_hash = changes[1]["old"].as_str().unwrap().trim_matches('"');
    assert_ne!(new_hash, old_hash);
    let expected = text
        .replacen("\"sizeInBytes\": 8,", "\"sizeInBytes\": 16,", 1)
        .replacen(old_hash, new_hash, 1);
    assert_eq!(desk.read(manifest), expected);
    desk.write("check.sh", FULL_FILES[3].1);
    let answer = desk.json(0, &["update-hashes", manifest]);
    assert_eq!(
        (&answer["changes"], &answer["missing"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(desk.json(0, &["validate", manifest])["valid"], true);
}

#[test]
fn a_name_in_a_manifest_leads_to_no_other_folder() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path().join("inner")).unwrap();
    let text = FULL.replace("firmware.swu", "../firmware.swu");
    desk.write("inner/x.importmanifest.json", text.as_bytes());
    let answer = desk.json(1, &["validate", "inner/x.importmanifest.json"]);
    let found = found(&answer["manifests"][0]);
    assert!(
        found.contains(&("file-name-path", "/files/0/filename")),
        "{found:?}"
    );
    assert!(!found.iter().any(|(rule, pointer)| {
        pointer.starts_with("/files/0/filename") && *rule == "file-not-there"
    }));
    let answer = desk.json(1, &["update-hashes", "inner/x.importmanifest.json"]);
    assert_eq!(answer["changes"], json!([]));
}

#[test]
fn a_parent_and_its_children_are_one_import() {
    let desk = Desk::new();
    desk.write(
        "parent.importmanifest.json",
        import_manifests::PARENT.as_bytes(),
    );
    desk.write(
        "child.importmanifest.json",
        import_manifests::CHILD.as_bytes(),
    );
    let (parent, child) = ("parent.importmanifest.json", "child.importmanifest.json");
    let check = |code, manifests: &[&str]| {
        desk.json(
            code,
            &[&["validate", "--without-files"][..], manifests].concat(),
        )
    };
    assert_eq!(check(0, &[parent, child])["valid"], true);
    let alone = check(0, &[parent]);
    let reference = "/instructions/steps/1/updateId";
    assert_eq!(
        found(&alone["manifests"][0]),
        [("reference-unchecked", reference)]
    );
    let deployable = import_manifests::CHILD.replace("false", "true");
    desk.write(child, deployable.as_bytes());
    let answer = check(1, &[parent, child]);
    assert_eq!(
        found(&answer["manifests"][1]),
        [("child-deployable", "/isDeployable")]
    );
}

#[test]
fn an_update_of_ten_files_is_checked_within_a_second() {
    let desk = Desk::new();
    let names: Vec<String> = (0..10).map(|at| format!("part{at}.bin")).collect();
    for name in &names {
        desk.write(name, &vec![7; 4096]);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let more = [names.as_slice(), &["--handler", "contoso/thing:1"]].concat();
    let made = desk.init(0, &more);
    let file = made["manifests"][0]["file"].as_str().unwrap();
    // The program's start is not counted twice: the fastest of three runs is what it takes.
    let took = (0..3).map(|_| {
        let began = Instant::now();
        desk.json(0, &["validate", file]);
        began.elapsed()
    });
    let took = took.min().unwrap();
    assert!(took < CHECK_LIMIT, "{took:?}");
}
