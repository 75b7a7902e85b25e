//! What the program really answers, written for the page's tests and its preview: forms, error codes,
//! verdicts and plans. The page's stand-in for the program is made of these, so it cannot drift from it.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod accounts;
mod files;
mod page;
mod readers;
mod text;

use std::path::Path;
use std::sync::Arc;

use firmdrop_api::{DeliveryOptions, Firmdrop, FirmdropOptions, Home, Plan, Verdict};
use firmdrop_demo::{Demo, DemoReaders};
use serde_json::{Value, json};

use files::Files;
use readers::Bench;

/// Where the page looks for them.
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../ui/mock/fixtures.ts");

/// Firmdrop on a home with accounts, before readers that are only made up.
async fn open(folder: &Path, bench: &Bench) -> Firmdrop {
    let home = Home::open(folder.to_owned()).unwrap();
    accounts::write(&home);
    let demo_readers = DemoReaders::default();
    let mut options = FirmdropOptions::new(home, Vec::new());
    // Not those of this computer: a fixture is the same everywhere.
    options.backends.readers.providers = bench.providers(&demo_readers);
    options.demo = Some(Arc::new(Demo::new(&demo_readers)));
    let firmdrop = Firmdrop::open(options).unwrap();
    firmdrop.open_demo().await.unwrap();
    firmdrop
}

async fn plans(firmdrop: &Firmdrop, path: &str, verdict: &Verdict) -> Vec<Plan> {
    let mut plans = Vec::new();
    for offer in verdict
        .destinations
        .iter()
        .filter(|offer| offer.fit.is_fit())
    {
        let to = [offer.destination.clone()];
        // Device Update takes a file only together with its manifest.
        if let Ok(made) = firmdrop.plan(path, &to, DeliveryOptions::default()).await {
            // Where the account leads is the engine's own; the page has no such field.
            plans.extend(made.into_iter().map(|plan| Plan {
                account_address: None,
                ..plan
            }));
        }
    }
    plans
}

async fn answers(firmdrop: &Firmdrop, bench: &Bench, files: &Files) -> Value {
    for destination in bench.answering() {
        firmdrop.probe(&destination).await.unwrap();
    }
    firmdrop.probe("sim:reader-3").await.unwrap();
    bench.settle();
    let image = firmdrop.inspect(&files.image).await.unwrap();
    let raw = firmdrop.inspect(&files.raw).await.unwrap();
    let damaged = firmdrop.inspect(&files.damaged).await.unwrap();
    let plans = plans(firmdrop, &files.image, &image).await;
    let demo = ["pelion:demo".to_owned()];
    let large = firmdrop.plan(&files.large, &demo, DeliveryOptions::default());
    let large = large.await.unwrap();
    let update = [files.script.clone()];
    let import = firmdrop.plan_import(
        "adu:demo",
        &update,
        &files.manifest,
        DeliveryOptions::default(),
    );
    let import = import.await.unwrap();
    json!({
        "accountForms": firmdrop.account_forms(),
        "errorCodes": firmdrop_api::error_codes(),
        "accounts": firmdrop.accounts().await.unwrap(),
        "readers": firmdrop.readers().await,
        "verdicts": { "image": image, "raw": raw, "damaged": damaged },
        "plans": plans,
        "largePlan": large[0],
        "importPlan": import[0],
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_committed_fixtures_are_what_the_program_answers() {
    let folder = tempfile::tempdir().unwrap();
    let (home, images) = (folder.path().join("firmdrop"), folder.path().join("images"));
    let files = Files::write(&images);
    let bench = Bench::new();
    let firmdrop = open(&home, &bench).await;
    let answers = page::without_own(answers(&firmdrop, &bench, &files).await);
    let fresh = text::written(&text::settled(answers, folder.path()));
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        std::fs::write(FIXTURES, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(FIXTURES).unwrap_or_default();
    assert!(
        committed == fresh,
        "ui/mock/fixtures.ts is stale: UPDATE_BINDINGS=1 cargo test -p firmdrop-demo --test stand_in"
    );
}
