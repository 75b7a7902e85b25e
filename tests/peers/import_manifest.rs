//! Microsoft's published schemas judge our import manifests, those that are right and those that break a
//! rule. Where the schema accepts what we refuse, it is for a reason that is listed here.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use firmdrop_cloud::azure::import_manifest::{
    CheckContext, Draft, DraftFile, FileFacts, FileKind, Finding, ImportManifest, Layout,
    ManifestVersion, Members, Plan, UpdateId, check_bytes, compatibility,
};
use firmdrop_core::{Moment, Sha256};
use firmdrop_test_support::import_manifests::{self, Schema};
use serde_json::{Value, json};

/// What the published schemas do not check: their known defects and limits.
const KNOWN_DEFECTS: [&str; 10] = [
    "the root allows any key, and does not list isDeployable",
    "the pattern of versions has no limits",
    "the moment of creation is any text",
    "limits of names stand where they never apply",
    "a size may be a fraction",
    "a schema compares no fields with each other",
    "what handlers need is not in the schema",
    "what a text means is not in the schema",
    "limits of properties stand in the documentation only",
    "a parser decided before the schema is asked",
];

/// A manifest, and the version of the schema that judges it.
struct Case {
    name: String,
    version: &'static str,
    bytes: Vec<u8>,
}

/// Where the schema refuses each.
fn judged(cases: &[Case]) -> Vec<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let python = root.join(".venv/bin/python");
    assert!(
        python.exists(),
        "the peers are not installed: run `cargo xtask test`"
    );
    let mut child = Command::new(python)
        .arg(root.join("tests/peers/import_manifest.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines: Vec<String> = cases
        .iter()
        .map(|case| {
            let manifest = STANDARD.encode(&case.bytes);
            json!({ "name": case.name, "version": case.version, "manifest": manifest }).to_string()
        })
        .collect();
    let writing = std::thread::spawn(move || input.write_all(lines.join("\n").as_bytes()));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let answers: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), cases.len());
    let refused = |(answer, case): (&Value, &Case)| {
        assert_eq!(answer["name"], case.name.as_str());
        serde_json::from_value(answer["refused"].clone()).unwrap()
    };
    answers.iter().zip(cases).map(refused).collect()
}

fn file(name: &str, bytes: &[u8]) -> DraftFile {
    DraftFile {
        facts: FileFacts {
            name: name.to_owned(),
            size_bytes: bytes.len() as u64,
            sha256: Sha256::of(bytes),
        },
        kind: FileKind::of(name, bytes),
    }
}

/// Drafts of every kind: each handler that is chosen, one step and many, children, both versions.
fn drafts() -> Vec<Draft> {
    let image = file("image.swu", b"image");
    let script = file("install.sh", b"#!/bin/sh\n");
    let data = file("data.bin", b"data");
    let apt = br#"{"name":"tools","version":"1.7","packages":[{"name":"curl"}]}"#;
    let apt = file("tools.json", apt);
    let many: Vec<DraftFile> = (0..10)
        .map(|at| file(&format!("part{at}.bin"), format!("part {at}").as_bytes()))
        .collect();
    let sets: [(Vec<DraftFile>, Option<&str>); 7] = [
        (vec![image.clone()], None),
        (vec![image.clone(), script.clone()], None),
        (vec![script.clone(), data.clone()], None),
        (vec![apt.clone()], None),
        (vec![image, apt], None),
        (vec![data], Some("microsoft/simulator:1")),
        (many, Some("contoso/thing:12")),
    ];
    let mut drafts = Vec::new();
    for manifest_version in [ManifestVersion::V4, ManifestVersion::V5] {
        for (files, handler) in &sets {
            for layout in [Layout::Together, Layout::Each] {
                for references in [0, 1, 2] {
                    let id = |at| UpdateId::new("Contoso", &format!("Child{at}"), "1.0");
                    // Data by itself has no handler, and a step has at most ten.
                    let is_possible = layout == Layout::Together
                        || handler.is_some() && files.len() + references <= 10;
                    if !is_possible {
                        continue;
                    }
                    drafts.push(Draft {
                        update_id: UpdateId::new("Contoso", "Toaster", "2026.11.8.1"),
                        description: (references > 0).then(|| "Größer".to_owned()),
                        is_deployable: (references > 0).then_some(true),
                        compatibility: vec![compatibility([
                            ("manufacturer", "Contoso"),
                            ("model", "Toaster"),
                        ])],
                        files: files.clone(),
                        plan: Plan::Files {
                            layout,
                            handler: handler.map(str::to_owned),
                            properties: Members::default().with("installedCriteria", "1.0"),
                        },
                        references: (0..references).map(id).collect(),
                        manifest_version,
                        created: Moment::from_millisecond(1_768_803_832_123),
                    });
                }
            }
        }
    }
    drafts
}

#[test]
fn the_published_schemas_accept_every_manifest_that_we_make() {
    let mut cases = Vec::new();
    for (at, draft) in drafts().iter().enumerate() {
        let manifest = draft.build().unwrap();
        let errors = manifest.check(&CheckContext::default());
        assert!(!errors.iter().any(Finding::is_error), "{errors:?}");
        cases.push(Case {
            name: format!("draft {at}"),
            version: draft.manifest_version.as_str(),
            bytes: manifest.write().bytes,
        });
    }
    // What was read and written again, too.
    for sample in import_manifests::GOOD {
        let read = ImportManifest::read(sample.as_bytes()).unwrap();
        if read.manifest_version.has_steps() {
            cases.push(Case {
                name: read.update_id.to_string(),
                version: read.manifest_version.as_str(),
                bytes: read.write().bytes,
            });
        }
    }
    assert!(cases.len() > 40, "{}", cases.len());
    for (refused, case) in judged(&cases).iter().zip(&cases) {
        let text = String::from_utf8_lossy(&case.bytes);
        assert!(refused.is_empty(), "{} at {refused:?}: {text}", case.name);
    }
}

#[test]
fn where_the_schema_accepts_what_we_refuse_it_is_a_known_defect_of_the_schema() {
    let broken = import_manifests::broken();
    let broken: Vec<_> = broken
        .into_iter()
        .filter(|case| case.schema != Schema::None)
        .collect();
    let cases: Vec<Case> = broken
        .iter()
        .map(|case| Case {
            name: format!("{} {}", case.rule, case.pointer),
            version: version(&case.bytes),
            bytes: case.bytes.clone(),
        })
        .collect();
    let mut used = BTreeSet::new();
    for ((refused, case), broken) in judged(&cases).iter().zip(&cases).zip(&broken) {
        assert!(!check_bytes(&case.bytes, &CheckContext::default()).is_empty());
        match broken.schema {
            Schema::Accepts(why) => {
                assert!(
                    refused.is_empty(),
                    "{} is refused at {refused:?}",
                    case.name
                );
                assert!(KNOWN_DEFECTS.contains(&why), "{why}");
                used.insert(why);
            }
            _ => assert!(!refused.is_empty(), "{} is accepted", case.name),
        }
    }
    assert_eq!(used, BTreeSet::from(KNOWN_DEFECTS), "a defect is gone");
}

/// The schema of a manifest whose version may be the mistake.
fn version(bytes: &[u8]) -> &'static str {
    if String::from_utf8_lossy(bytes).contains("\"4.0\"") {
        "4.0"
    } else {
        "5.0"
    }
}

#[test]
fn a_list_of_files_that_is_null_is_allowed_by_the_text_of_the_schema_and_refused_by_its_types() {
    let mut parent: Value = serde_json::from_str(import_manifests::PARENT).unwrap();
    parent["files"] = Value::Null;
    let steps = parent["instructions"]["steps"].as_array_mut().unwrap();
    steps.remove(0);
    let case = Case {
        name: "null".to_owned(),
        version: "5.0",
        bytes: serde_json::to_vec(&parent).unwrap(),
    };
    assert_eq!(check_bytes(&case.bytes, &CheckContext::default()), []);
    assert_eq!(judged(std::slice::from_ref(&case)), [["/files"]]);
    // What we write has no such list.
    let written = ImportManifest::read(&case.bytes).unwrap().write().bytes;
    let case = Case {
        bytes: written,
        ..case
    };
    assert_eq!(judged(&[case]), [[] as [&str; 0]]);
}
