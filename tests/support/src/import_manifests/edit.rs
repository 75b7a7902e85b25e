//! Changes of a manifest, by JSON pointer.

use serde_json::{Value, json};

use Edit::{Remove, Set};

/// The SHA-256 of no bytes.
pub(super) const EMPTY: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/// What an edit does at a pointer.
pub(super) enum Edit {
    /// Sets or adds the value; `/-` at the end appends.
    Set(String, Value),
    /// Removes it.
    Remove(&'static str),
}

pub(super) fn set(pointer: &str, value: Value) -> Vec<Edit> {
    vec![Set(pointer.to_owned(), value)]
}

pub(super) fn edited(base: &str, edits: &[Edit]) -> Vec<u8> {
    let mut value: Value = serde_json::from_str(base).unwrap();
    for edit in edits {
        let (pointer, new) = match edit {
            Set(pointer, new) => (pointer.as_str(), Some(new)),
            Remove(pointer) => (*pointer, None),
        };
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = value.pointer_mut(parent).unwrap();
        match (parent, new) {
            (Value::Object(map), Some(new)) => {
                map.insert(key.to_owned(), new.clone());
            }
            (Value::Object(map), None) => {
                map.remove(key).unwrap();
            }
            (Value::Array(items), Some(new)) if key == "-" => items.push(new.clone()),
            (Value::Array(items), Some(new)) => items[key.parse::<usize>().unwrap()] = new.clone(),
            _ => panic!("nothing at {pointer}"),
        }
    }
    serde_json::to_vec_pretty(&value).unwrap()
}

/// The files of an update and its steps, so many of them, each used.
pub(super) fn many_files(count: usize) -> Vec<Edit> {
    let name = |at: usize| format!("file{at}.bin");
    let files = (0..count)
        .map(|at| json!({ "filename": name(at), "sizeInBytes": 1, "hashes": { "sha256": EMPTY } }));
    let step = |at: usize| json!({ "handler": "contoso/thing:1", "files": [name(at)] });
    let first: Vec<String> = (0..count - 1).map(name).collect();
    let steps = json!([{ "handler": "contoso/thing:1", "files": first }, step(count - 1)]);
    vec![
        Set("/files".into(), files.collect()),
        Set("/instructions/steps".into(), steps),
    ]
}

pub(super) fn step(files: &Value) -> Vec<Edit> {
    let step = json!({ "type": "inline", "handler": "contoso/thing:1", "files": files });
    set("/instructions/steps/-", step)
}

pub(super) fn remove(pointer: &'static str) -> Vec<Edit> {
    vec![Remove(pointer)]
}

pub(super) fn texts(pointer: &'static str, value: &str) -> Vec<Edit> {
    set(pointer, json!(value))
}

pub(super) fn long(count: usize) -> String {
    "x".repeat(count)
}

pub(super) fn one_more_file() -> Value {
    json!({ "filename": "more.json", "sizeInBytes": 1, "hashes": { "sha256": EMPTY } })
}
