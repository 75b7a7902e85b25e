//! What the known handlers need. Source: the READMEs of the agent's step handlers; codes of the
//! failures on devices from its `result.h`.

use crate::azure::import_manifest::finding::{Finding, Rule, shown};
use crate::azure::import_manifest::handler::{self, SCRIPT, SWUPDATE_2};
use crate::azure::import_manifest::json::{Json, Members};
use crate::azure::import_manifest::pointer::member;

/// Properties that these handlers read as texts.
const TEXTS: [&str; 5] = [
    "scriptFileName",
    "swuFileName",
    "arguments",
    "installedCriteria",
    "apiVersion",
];

/// The rules of a step's properties.
pub(super) fn handler_properties(
    id: &str,
    files: &[String],
    properties: Option<&Members>,
    step: &str,
    found: &mut Vec<Finding>,
) {
    if !handler::needs_criteria(id) && id != SCRIPT {
        return; // free
    }
    let pointer = format!("{step}/handlerProperties");
    let get = |key: &str| properties.and_then(|all| all.get(key));
    for key in TEXTS {
        if let Some(value) = get(key)
            && value.text().is_none()
        {
            let what = format!("{key} is no text.");
            let finding = Finding::new(Rule::HandlerPropertyType, member(&pointer, key), what);
            found.push(hint(finding, key, value));
        }
    }
    if handler::needs_criteria(id) {
        found.extend(criteria(get("installedCriteria"), &pointer, id));
    }
    let names = [
        ("scriptFileName", Rule::ScriptFile, id == SCRIPT),
        ("swuFileName", Rule::SwuFile, false),
    ];
    if id == SCRIPT || id == SWUPDATE_2 {
        for (key, rule, is_needed) in names {
            let here = member(&pointer, key);
            found.extend(named_file(get(key), files, is_needed, (rule, here, key)));
        }
    }
    if id == SWUPDATE_2 {
        found.extend(api_version(get("apiVersion"), &pointer));
    }
}

fn hint(finding: Finding, key: &str, value: &Json) -> Finding {
    match value {
        Json::List(_) if key == "arguments" => {
            finding.instead("Write the arguments as one text, with spaces between.")
        }
        _ => finding,
    }
}

/// A value that is there and of another type was said already.
fn is_absent(value: Option<&Json>) -> bool {
    value.is_none_or(|value| value.text().is_some_and(|text| text.trim().is_empty()))
}

fn criteria(value: Option<&Json>, pointer: &str, id: &str) -> Option<Finding> {
    is_absent(value).then(|| {
        let what = format!("{id} has no installedCriteria.");
        Finding::new(
            Rule::InstalledCriteria,
            member(pointer, "installedCriteria"),
            what,
        )
    })
}

fn named_file(
    value: Option<&Json>,
    files: &[String],
    is_needed: bool,
    (rule, pointer, key): (Rule, String, &str),
) -> Option<Finding> {
    if is_absent(value) {
        let what = format!("{key} is missing.");
        return is_needed.then(|| Finding::new(rule, pointer, what));
    }
    let name = value.and_then(Json::text)?;
    (!files.iter().any(|file| file == name)).then(|| {
        let what = format!("{} is none of the step's files.", shown(name));
        Finding::new(rule, pointer, what)
    })
}

fn api_version(value: Option<&Json>, pointer: &str) -> Option<Finding> {
    let text = value.and_then(Json::text)?;
    (!matches!(text, "" | "1.0" | "1.1")).then(|| {
        let what = format!("apiVersion is {}.", shown(text));
        Finding::new(Rule::HandlerApiVersion, member(pointer, "apiVersion"), what)
    })
}
