//! What the tests in the virtual computer share: lists of readers, deliveries.

use firmdrop_test_support::cli_world::{Cli, Ran, is_verified};
use serde_json::Value;

/// What `devices --json` lists.
pub(crate) fn devices(cli: &Cli) -> Vec<Value> {
    let ran = cli.run(&["devices", "--json"]).exits(0);
    ran.json().as_array().unwrap().clone()
}

/// What is listed under a destination.
pub(crate) fn listed(cli: &Cli, destination: &str) -> Option<Value> {
    let all = devices(cli);
    all.into_iter()
        .find(|view| view["destination"] == destination)
}

/// The arguments that deliver a file without a question.
pub(crate) fn delivery<'a>(file: &'a str, to: &'a str) -> [&'a str; 6] {
    ["deliver", file, "--to", to, "--yes", "--json"]
}

/// The job that ended, which is *Verified*.
#[track_caller]
pub(crate) fn verified(ran: Ran) -> Value {
    let lines = ran.exits(0).lines();
    let result = lines.iter().find(|line| line["event"] == "result");
    let job = result.map(|line| line["job"].clone()).unwrap();
    assert!(is_verified(&job), "{lines:?}");
    job
}
