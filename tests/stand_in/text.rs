//! The fixtures as TypeScript. What differs from run to run is the same in each.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Map, Value};

const HEADER: &str = "/** Generated from the answers of the program. Never edited: UPDATE_BINDINGS=1 cargo test -p firmdrop-demo --test stand_in */\n";

/// What the page imports, and its type.
const EXPORTS: [(&str, &str); 8] = [
    ("accountForms", "AccountForm[]"),
    ("errorCodes", "ErrorCode[]"),
    ("accounts", "AccountView[]"),
    ("readers", "ReaderView[]"),
    (
        "verdicts",
        "Record<\"image\" | \"raw\" | \"damaged\", Verdict>",
    ),
    ("plans", "Plan[]"),
    ("largePlan", "Plan"),
    ("importPlan", "Plan & { import: unknown }"),
];
const TYPES: &str = "AccountForm, AccountView, ErrorCode, Plan, ReaderView, Verdict";

/// The answers with one home, one moment and one port, whatever they were.
pub(crate) fn settled(value: Value, folder: &Path) -> Value {
    match value {
        Value::Object(fields) => {
            let plan = fields.get("destination_name").and(destination(&fields));
            let settle = |(key, value): (String, Value)| {
                let value = match (key.as_str(), value) {
                    ("modified_ns" | "file_number", _) => Value::from("0"),
                    ("seconds", Value::Number(_)) => Value::from(0.1),
                    ("id", value) => plan.clone().map_or(value, Value::from),
                    (_, value) => settled(value, folder),
                };
                (key, value)
            };
            Value::Object(fields.into_iter().map(settle).collect::<Map<_, _>>())
        }
        Value::Array(values) => {
            let values = values.into_iter().map(|value| settled(value, folder));
            values.collect()
        }
        Value::String(text) => settled_text(&text, &folder.display().to_string()).into(),
        other => other,
    }
}

/// The destination of a plan, which stands for its id.
fn destination(plan: &Map<String, Value>) -> Option<String> {
    let destination = plan.get("destination")?;
    let part = |key| destination.get(key).and_then(Value::as_str);
    Some(format!("{}:{}", part("scheme")?, part("address")?))
}

fn settled_text(text: &str, folder: &str) -> String {
    const HOST: &str = "127.0.0.1:";
    let text = text.replace(folder, "/srv");
    let Some(at) = text.find(HOST).map(|at| at + HOST.len()) else {
        return text;
    };
    let rest = text[at..].trim_start_matches(|digit: char| digit.is_ascii_digit());
    format!("{}41234{rest}", &text[..at])
}

/// The file.
pub(crate) fn written(answers: &Value) -> String {
    let mut text = HEADER.to_owned();
    writeln!(
        text,
        "import type {{ {TYPES} }} from \"../src/ipc/bindings\";"
    )
    .unwrap();
    for (name, of) in EXPORTS {
        let value = serde_json::to_string_pretty(&answers[name]).unwrap();
        writeln!(text, "\nexport const {name}: {of} = {value};").unwrap();
    }
    text
}
