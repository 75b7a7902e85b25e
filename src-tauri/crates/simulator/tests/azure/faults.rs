//! Faults of the dial at this service.

use firmdrop_simulator::{
    azure::AzureFault,
    fault::{Effect, Rule},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{World, manifest};

async fn an_item(world: &World) -> Value {
    let file = b"x".as_slice();
    json!([world
        .staged(&manifest("Toaster", "1.0", "a", file), &[("a", file)])
        .await])
}

#[tokio::test]
async fn an_import_fails_with_each_documented_code_as_a_tree() {
    let world = World::start().await;
    let items = an_item(&world).await;
    for (code, outer) in [
        ("CannotDownload", "CannotProcessImportManifest"),
        ("CannotParse", "CannotProcessImportManifest"),
        ("UnsupportedVersion", "CannotProcessImportManifest"),
        ("UpdateProvider", "UpdateLimitExceeded"),
        ("ContentFileCannotDownload", "CannotProcessUpdateFile"),
        ("SourceFileMalwareDetected", "SourceFileMalwareDetected"),
    ] {
        let trouble = AzureFault::FailJob(code.to_owned());
        world.server.dial().add(Rule::once(trouble.into()));
        let job = world.imported(&items).await;
        let error = &job["error"];
        assert_eq!(error["code"], outer);
        if code != outer {
            assert_eq!(error["innererror"]["code"], code);
            assert!(error["innererror"]["innerError"]["code"].is_string());
        }
        assert!(error["occurredDateTime"].is_string() && job["traceId"].is_string());
    }
    assert_eq!(world.imported(&items).await["status"], "Succeeded");
}

#[tokio::test]
async fn the_address_of_a_job_takes_each_form_that_was_seen() {
    let world = World::start().await;
    let items = an_item(&world).await;
    let location = |response: &reqwest::Response, name: &str| {
        let value = response.headers().get(name);
        value.map(|value| value.to_str().unwrap().to_owned())
    };
    let both = |response: &reqwest::Response| {
        (
            location(response, "operation-location"),
            location(response, "location"),
        )
    };
    let (relative, none) = both(&world.import(&items).await);
    assert!(
        relative
            .unwrap()
            .starts_with("/deviceUpdate/demo/updates/operations/")
            && none.is_none()
    );
    world
        .server
        .dial()
        .add(Rule::once(AzureFault::AbsoluteLocation.into()));
    let (absolute, _) = both(&world.import(&items).await);
    assert!(absolute.unwrap().starts_with(&world.server.url()));
    world
        .server
        .dial()
        .add(Rule::once(AzureFault::LocationOnly.into()));
    let (none, only) = both(&world.import(&items).await);
    assert!(none.is_none() && only.is_some());
    world
        .server
        .dial()
        .add(Rule::once(AzureFault::NoLocation.into()));
    assert_eq!(both(&world.import(&items).await), (None, None));
    let target = "/deviceupdate/demo/v2/updates?action=import";
    let first = world
        .request(Method::POST, target)
        .json(&items[0])
        .send()
        .await
        .unwrap();
    let (one, other) = both(&first);
    assert_eq!(one, other);
    assert!(one.unwrap().ends_with("?api-version=2"));
}

#[tokio::test]
async fn an_import_can_be_finished_at_once_or_lose_its_update() {
    let world = World::start().await;
    let items = an_item(&world).await;
    world
        .server
        .dial()
        .add(Rule::once(AzureFault::LostUpdate.into()));
    let job = world.imported(&items).await;
    assert_eq!(job["status"], "Succeeded");
    let resource = job["resourceLocation"].as_str().unwrap();
    let lost = world.request(Method::GET, resource).send().await.unwrap();
    assert_eq!(lost.status(), 404);
    let file = b"y".as_slice();
    let items = json!([world
        .staged(&manifest("Oven", "1.0", "b", file), &[("b", file)])
        .await]);
    world
        .server
        .dial()
        .add(Rule::once(AzureFault::FinishedAtOnce.into()));
    let answer = world.import(&items).await;
    assert_eq!(answer.status(), 200);
    let update: Value = answer.json().await.unwrap();
    assert_eq!(update["updateId"]["name"], "Oven");
}

#[tokio::test]
async fn too_many_requests_say_seconds_a_date_or_nothing() {
    let world = World::start().await;
    let dial = world.server.dial();
    dial.add(Rule::once(Effect::RateLimit {
        retry_after_seconds: 7,
    }));
    assert_eq!(world.get("/updates").await.headers()["retry-after"], "7");
    dial.add(Rule::once(Effect::RateLimitUntil { seconds: 60 }));
    let refused = world.get("/updates").await;
    assert!(
        refused.headers()["retry-after"]
            .to_str()
            .unwrap()
            .ends_with(" GMT")
    );
    dial.add(Rule::once(Effect::RateLimitWithoutTime));
    let refused = world.get("/updates").await;
    assert_eq!(refused.status(), 429);
    assert!(!refused.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn a_gateway_replaces_the_answer_to_an_import_that_takes_place() {
    let world = World::start().await;
    let items = an_item(&world).await;
    world
        .server
        .dial()
        .add(Rule::once(Effect::ReplaceAnswer { status: 504 }).on("POST", ":import"));
    assert_eq!(world.import(&items).await.status(), 504);
    let jobs = world.read("/updates/operations").await;
    let id = jobs["value"][0]["operationId"].as_str().unwrap();
    let location = format!(
        "/deviceUpdate/demo/updates/operations/{id}?{}",
        crate::VERSION
    );
    assert_eq!(world.ended(&location).await["status"], "Succeeded");
}

#[tokio::test]
async fn an_answer_is_cut_inside_its_body() {
    let world = World::start().await;
    world
        .server
        .dial()
        .add(Rule::once(Effect::CutAnswer { after_bytes: 5 }));
    let answer = world.get("/updates").await;
    assert_eq!(answer.status(), 200);
    assert!(answer.bytes().await.is_err());
    assert_eq!(
        world.get("/updates").await.text().await.unwrap(),
        r#"{"value":[]}"#
    );
}

#[tokio::test]
async fn a_token_can_be_refused_a_status_unknown_and_a_404_coded() {
    let world = World::start().await;
    let dial = world.server.dial();
    dial.add(Rule::once(Effect::ServerError { status: 401 }));
    let refused = world.get("/updates").await;
    assert_eq!(refused.status(), 401);
    assert!(
        refused.headers()["www-authenticate"]
            .to_str()
            .unwrap()
            .contains("invalid_token")
    );
    let job = world.imported(&an_item(&world).await).await;
    dial.add(Rule::once(AzureFault::UnknownStatus.into()));
    let path = format!(
        "/updates/operations/{}",
        job["operationId"].as_str().unwrap()
    );
    assert_eq!(world.read(&path).await["status"], "Analyzing");
    dial.add(Rule::once(AzureFault::CodedNotFound.into()));
    let missing: Value = world
        .get("/updates/operations/no")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(missing["error"]["code"], "NotFound");
    let missing: Value = world
        .get("/updates/operations/no")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(missing["title"], "Not Found");
}

#[tokio::test]
async fn the_dial_is_turned_by_json_too() {
    let world = World::start().await;
    let url = format!("{}/simulator/faults", world.server.url());
    let change = json!({"add": [{"effect": {"kind": "own", "name": "fail_job", "value": "CannotParse"}, "times": 1}]});
    let turned = world.client.post(url).json(&change).send().await.unwrap();
    assert_eq!(turned.status(), 200);
    assert_eq!(
        world.imported(&an_item(&world).await).await["status"],
        "Failed"
    );
}

#[tokio::test]
async fn an_unknown_or_missing_version_is_refused() {
    let world = World::start().await;
    for query in ["", "?api-version=1999-01-01"] {
        let target = format!("/deviceUpdate/demo/updates{query}");
        let refused = world.request(Method::GET, &target).send().await.unwrap();
        assert_eq!(refused.status(), 400);
    }
}
