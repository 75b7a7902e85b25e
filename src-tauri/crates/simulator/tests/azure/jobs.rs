//! Jobs: how many run, what ends them, what they are answered with.

use std::time::Duration;

use firmdrop_simulator::{
    azure::{AzureFault, AzureOptions, Pace},
    fault::Rule,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{World, manifest};

const FILE: &[u8] = b"x";

async fn an_item(world: &World, version: &str) -> Value {
    let manifest = manifest("Toaster", version, "a", FILE);
    json!([world.staged(&manifest, &[("a", FILE)]).await])
}

#[tokio::test]
async fn at_most_ten_imports_and_deletes_run_and_a_job_that_never_ends_counts() {
    let world = World::start().await;
    world
        .server
        .dial()
        .add(Rule::always(AzureFault::EndlessJob.into()));
    let items = an_item(&world, "1.0").await;
    for _ in 0..10 {
        assert_eq!(world.import(&items).await.status(), 202);
    }
    let refused = world.import(&items).await;
    assert_eq!(refused.status(), 429);
    assert!(!refused.headers().contains_key("retry-after"));
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["error"]["code"], "TooManyRequests");
    let filter = "filter=status%20eq%20'NotStarted'%20or%20status%20eq%20'Running'";
    let target = format!(
        "/deviceUpdate/demo/updates/operations?{}&{filter}",
        crate::VERSION
    );
    let open: Value = world
        .request(Method::GET, &target)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(open["value"].as_array().unwrap().len(), 10);
    assert_eq!(world.server.open_jobs(), 10);
}

#[tokio::test]
async fn a_job_that_runs_says_when_to_ask_again_and_one_that_ended_does_not() {
    let world = World::with(AzureOptions {
        pace: Pace {
            work: Duration::from_millis(200),
            ..Pace::FAST
        },
        ..AzureOptions::default()
    })
    .await;
    let response = world.import(&an_item(&world, "1.0").await).await;
    let location = response.headers()["operation-location"]
        .to_str()
        .unwrap()
        .to_owned();
    let job = world.request(Method::GET, &location).send().await.unwrap();
    assert_eq!(job.headers()["retry-after"], "1");
    let job: Value = job.json().await.unwrap();
    assert!(job["update"].is_null() && job["error"].is_null());
    assert_eq!(world.ended(&location).await["status"], "Succeeded");
    let job = world.request(Method::GET, &location).send().await.unwrap();
    assert!(!job.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn a_delete_is_a_job_that_no_list_shows() {
    let world = World::start().await;
    world.imported(&an_item(&world, "1.0").await).await;
    let path = "/updates/providers/Contoso/names/Toaster/versions/1.0";
    let target = format!("/deviceUpdate/demo{path}?{}", crate::VERSION);
    let deleted = world.request(Method::DELETE, &target).send().await.unwrap();
    assert_eq!(deleted.status(), 202);
    let location = deleted.headers()["operation-location"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(world.ended(&location).await["status"], "Succeeded");
    let gone = world.get(path).await;
    assert_eq!(gone.status(), 404);
    assert_eq!(gone.headers()["content-type"], "application/problem+json");
    let jobs = world.read("/updates/operations").await;
    assert_eq!(jobs["value"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn two_imports_of_one_identity_at_a_time_are_not_both_published() {
    let world = World::start().await;
    let items = an_item(&world, "1.0").await;
    let (first, second) = tokio::join!(world.imported(&items), world.imported(&items));
    let succeeded = [&first, &second]
        .iter()
        .filter(|job| job["status"] == "Succeeded")
        .count();
    assert_eq!(succeeded, 1, "{first:#} {second:#}");
}
