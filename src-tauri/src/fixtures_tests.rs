//! What the program really answers, written for the page's tests: accounts' forms, error codes, the verdict on the demo's
//! firmware and the plans for it. The page's stand-in for the program is made of these, so it cannot drift from it.

use std::fmt::Write as _;

use firmdrop_api::{DeliveryOptions, Firmdrop, PlanId};
use serde_json::{Map, Value, json};

use crate::arguments::Arguments;
use crate::home;

const HEADER: &str = "/** Generated from the answers of the program. Never edited: UPDATE_BINDINGS=1 cargo test -p firmdrop fixtures */\n";
const READER: &str = "sim:reader-1";

/// Fields that differ from run to run, and what stands for them.
const VARYING: [(&str, &str); 3] = [
    ("path", "/srv/demo/demo-reader-2.4.1.signed.bin"),
    ("modified_ns", "0"),
    ("file_number", "0"),
];

fn settled(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let settle = |(key, value): (String, Value)| {
                let stand_in = VARYING.iter().find(|(name, _)| *name == key);
                let value = match (stand_in, &value) {
                    (Some((_, text)), Value::String(_)) => Value::from(*text),
                    _ => settled(value),
                };
                (key, value)
            };
            Value::Object(fields.into_iter().map(settle).collect::<Map<_, _>>())
        }
        Value::Array(values) => values.into_iter().map(settled).collect(),
        other => other,
    }
}

async fn answers(firmdrop: &Firmdrop) -> Value {
    let sample = firmdrop.open_demo().await.unwrap().sample_path;
    firmdrop.probe(READER).await.unwrap();
    let verdict = firmdrop.inspect(&sample).await.unwrap();
    let to = [READER.to_owned(), "pelion:demo".to_owned()];
    let plans = firmdrop
        .plan(&sample, &to, DeliveryOptions::default())
        .await;
    let [mut reader_plan, mut cloud_plan] = <[_; 2]>::try_from(plans.unwrap()).unwrap();
    reader_plan.id = PlanId("reader".into());
    cloud_plan.id = PlanId("cloud".into());
    let simulated: Vec<_> = firmdrop
        .readers()
        .await
        .into_iter()
        .filter(|view| view.reader.simulated)
        .collect();
    settled(json!({
        "accountForms": firmdrop.account_forms(),
        "errorCodes": firmdrop_api::error_codes(),
        "inspection": verdict.inspection,
        "readerPlan": reader_plan,
        "cloudPlan": cloud_plan,
        "readers": simulated,
    }))
}

fn written(answers: &Value) -> String {
    let types = [
        ("accountForms", "AccountForm[]"),
        ("errorCodes", "ErrorCode[]"),
        ("inspection", "Inspection"),
        ("readerPlan", "Plan"),
        ("cloudPlan", "Plan"),
        ("readers", "ReaderView[]"),
    ];
    let mut text = HEADER.to_owned();
    text.push_str("import type { AccountForm, ErrorCode, Inspection, Plan, ReaderView } from \"../src/ipc/bindings\";\n");
    for (name, of) in types {
        let value = serde_json::to_string_pretty(&answers[name]).unwrap();
        writeln!(text, "\nexport const {name}: {of} = {value};").unwrap();
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_committed_fixtures_are_what_the_program_answers() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home").display().to_string();
    let argv = ["firmdrop".to_owned(), "--home".to_owned(), home];
    let arguments = Arguments::of_second_start(argv).unwrap();
    let firmdrop = home::open(&arguments).await.unwrap();
    let fresh = written(&answers(&firmdrop).await);
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/mock/fixtures.ts");
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        std::fs::write(committed, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(committed).unwrap_or_default();
    assert!(
        committed == fresh,
        "ui/mock/fixtures.ts is stale: UPDATE_BINDINGS=1 cargo test -p firmdrop fixtures"
    );
}
