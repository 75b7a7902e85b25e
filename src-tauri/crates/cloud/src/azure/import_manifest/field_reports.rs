//! Manifests of public bug reports, rebuilt: what went wrong there is found here before a byte is sent.

use serde_json::{Value, json};

use super::{CheckContext, Finding, check_bytes, samples};

const HASH: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/// Rules and pointers of what is found.
fn found(text: &str) -> Vec<(&'static str, String)> {
    let found = check_bytes(text.as_bytes(), &CheckContext::default());
    found
        .into_iter()
        .map(|one| (one.rule.id(), one.pointer))
        .collect()
}

fn first(text: &str) -> Finding {
    let found = check_bytes(text.as_bytes(), &CheckContext::default());
    found.into_iter().next().unwrap()
}

/// An update of one file and one step.
fn manifest(file: &str, step: &Value, compatibility: &Value) -> String {
    json!({
        "updateId": { "provider": "me", "name": "test", "version": "7.0.0" },
        "compatibility": [compatibility],
        "instructions": { "steps": [step] },
        "files": [{ "filename": file, "sizeInBytes": 328, "hashes": { "sha256": HASH } }],
        "createdDateTime": "2024-10-23T09:33:11Z",
        "manifestVersion": "5.0",
    })
    .to_string()
}

fn usual() -> Value {
    json!({ "manufacturer": "hp", "model": "elite" })
}

const PROPERTIES: &str = "/instructions/steps/0/handlerProperties";

#[test]
fn an_apt_step_without_criteria_is_refused_before_it_fails_on_the_device() {
    let step = json!({ "handler": "microsoft/apt:1", "files": ["edge-apt-manifest.json"] });
    let text = manifest("edge-apt-manifest.json", &step, &usual());
    let criteria = format!("{PROPERTIES}/installedCriteria");
    assert_eq!(found(&text), [("installed-criteria", criteria)]);
    // The escaped slash of the report is the same handler.
    assert_eq!(found(&text), found(&text.replace("apt:1", "apt\\u003a1")));
    assert_eq!(
        found(&text),
        found(&text.replace("microsoft/apt", "microsoft\\/apt"))
    );
}

#[test]
fn a_script_step_that_names_no_script_is_refused_before_it_fails_on_the_device() {
    let properties = json!({ "installedCriteria": "1.0" });
    let step = json!({ "handler": "microsoft/script:1", "files": ["test.sh"], "handlerProperties": properties });
    let text = manifest("test.sh", &step, &usual());
    assert_eq!(
        found(&text),
        [("script-file", format!("{PROPERTIES}/scriptFileName"))]
    );
    // As it was posted there: a comma before the closing brace, which no parser of JSON takes.
    let posted = text.replace(
        "\"installedCriteria\":\"1.0\"",
        "\"installedCriteria\":\"1.0\",",
    );
    let finding = first(&posted);
    assert_eq!(finding.rule.id(), "json");
    assert!(finding.what.contains("comma"), "{}", finding.what);
}

#[test]
fn a_hexadecimal_hash_is_answered_with_its_base64() {
    let hex = "BE2A1F79BD18880E1741FC97179EEC36B8F27622F2AD2A1ECADC6ADCB1F8674D";
    let text = samples::V4.replace(
        &super::ImportManifest::read(samples::V4.as_bytes())
            .unwrap()
            .files[0]
            .entry
            .hashes[0]
            .1,
        hex,
    );
    let finding = first(&text);
    assert_eq!(finding.rule.id(), "hash-encoding");
    let base64 = "viofeb0YiA4XQfyXF57sNrjydiLyrSoeytxq3LH4Z00=";
    assert!(finding.remedy.contains(base64), "{}", finding.remedy);
}

#[test]
fn sets_that_no_agent_reports_are_a_warning() {
    let step = json!({ "handler": "contoso/thing:1", "files": ["a"] });
    let of = |set: Value| found(&manifest("a", &step, &set));
    assert_eq!(of(usual()), []);
    // More properties than the usual two are fine when the agent reports them.
    assert_eq!(
        of(json!({ "manufacturer": "a", "model": "b", "a": "a" })),
        []
    );
    let family = vec![("compatibility-family", "/compatibility/0".to_owned())];
    assert_eq!(
        of(json!({ "manufacturer": "a", "deviceModel": "b" })),
        family
    );
    assert_eq!(of(json!({ "Manufacturer": "a", "Model": "b" })), family);
}

#[test]
fn an_apt_manifest_mixed_into_the_import_manifest_is_named_key_by_key() {
    let mut mixed: Value = serde_json::from_str(samples::V2).unwrap();
    mixed["name"] = json!("firmware");
    mixed["version"] = json!("1.0.0");
    mixed["packages"] = json!([{ "name": "firmware", "version": "1.0.0" }]);
    let found = found(&mixed.to_string());
    let expected = ["/name", "/packages", "/version"].map(|at| ("unknown-root-key", at.to_owned()));
    assert_eq!(found, expected);
}

#[test]
fn keys_that_begin_with_a_capital_are_answered_with_the_right_ones() {
    let text = samples::CHILD
        .replacen("\"updateId\"", "\"UpdateId\"", 1)
        .replacen("\"sha256\"", "\"SHA256\"", 1);
    let findings = check_bytes(text.as_bytes(), &CheckContext::default());
    let remedy = |pointer: &str| {
        let one = findings.iter().find(|one| one.pointer == pointer);
        one.unwrap().remedy.clone()
    };
    assert_eq!(
        remedy("/updateId"),
        "Write updateId instead of \"UpdateId\"."
    );
    assert_eq!(
        remedy("/files/0/hashes/sha256"),
        "Write sha256 instead of \"SHA256\"."
    );
}

#[test]
fn moments_of_all_official_tools_are_taken() {
    // PowerShell's round trip format, the bash script's nanoseconds, seconds, an offset.
    for moment in [
        "2021-04-14T18:14:35.5816196Z",
        "2021-04-14T18:14:35.581619612Z",
        "2021-04-14T18:14:35Z",
        "2021-04-14T18:14:35+00:00",
    ] {
        let mut value: Value = serde_json::from_str(samples::CHILD).unwrap();
        value["createdDateTime"] = json!(moment);
        assert_eq!(found(&value.to_string()), [], "{moment}");
    }
}

#[test]
fn an_apt_manifest_whose_packages_have_no_versions_is_one() {
    let apt = br#"{ "name": "Contoso-Video", "version": "1.7.8", "packages": [ { "name": "aziot-edge" } ], "agentRestartRequired": false }"#;
    let kind = super::FileKind::of("apt.json", apt);
    assert!(matches!(kind, super::FileKind::Apt { .. }), "{kind:?}");
}

#[test]
fn an_id_of_a_handler_in_other_letters_is_answered_with_the_one_that_devices_have() {
    for (written, meant) in [
        ("Microsoft/SWUpdate:1", "microsoft/swupdate:1"),
        ("microsoft/Apt:1", "microsoft/apt:1"),
    ] {
        let step = json!({ "handler": written, "files": ["a.bin"] });
        let finding = first(&manifest("a.bin", &step, &usual()));
        assert_eq!(
            (finding.rule.id(), finding.pointer.as_str()),
            ("handler-unknown", "/instructions/steps/0/handler")
        );
        assert_eq!(finding.remedy, format!("Write {meant}."));
    }
}

#[test]
fn a_reference_step_without_its_type_is_answered_with_the_type() {
    let id = json!({ "provider": "me", "name": "child", "version": "1.0" });
    let mut value: Value = serde_json::from_str(samples::PARENT).unwrap();
    value["instructions"]["steps"][1] = json!({ "updateId": id });
    let found = check_bytes(value.to_string().as_bytes(), &CheckContext::default());
    let said: Vec<_> = found
        .iter()
        .map(|one| (one.rule.id(), one.pointer.as_str()))
        .collect();
    assert_eq!(said, [("step-type", "/instructions/steps/1/type")]);
    assert!(found[0].remedy.contains("reference"), "{found:?}");
}

#[test]
fn a_manifest_that_windows_powershell_wrote_in_utf_16_is_named_as_that() {
    let utf_16 = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        let units = samples::V4.encode_utf16().flat_map(bytes);
        mark.iter().copied().chain(units).collect::<Vec<u8>>()
    };
    for bytes in [
        utf_16(&[0xff, 0xfe], u16::to_le_bytes),
        utf_16(&[0xfe, 0xff], u16::to_be_bytes),
        utf_16(&[], u16::to_le_bytes),
        utf_16(&[], u16::to_be_bytes),
    ] {
        let found = check_bytes(&bytes, &CheckContext::default());
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].what.contains("UTF-16"), "{found:?}");
        assert!(found[0].remedy.contains("UTF-8"), "{found:?}");
    }
}

#[test]
fn what_is_no_manifest_at_all_is_named_as_what_it_is() {
    for (text, words) in [
        ("", "it is empty"),
        (" \r\n", "it is empty"),
        ("<!DOCTYPE html><html></html>", "like a web page"),
        ("{\"a\": 1", "the text ends too early"),
        ("{ // note\n\"a\": 1 }", "a key in double quotes is missing"),
        ("{'a': 1}", "a key in double quotes is missing"),
        ("{}{}", "something follows"),
    ] {
        let finding = first(text);
        assert_eq!(finding.rule.id(), "json", "{text}");
        assert!(finding.what.contains(words), "{text}: {}", finding.what);
    }
}

#[test]
fn a_provider_or_a_name_of_dots_is_refused_since_no_address_leads_to_it() {
    for name in [".", "..", "..."] {
        let step = json!({ "handler": "contoso/thing:1", "files": ["a.bin"] });
        let text = manifest("a.bin", &step, &usual());
        let text = text.replacen("\"test\"", &format!("\"{name}\""), 1);
        let found = found(&text);
        assert!(
            found.contains(&("id-characters", "/updateId/name".to_owned())),
            "{name}: {found:?}"
        );
    }
}
