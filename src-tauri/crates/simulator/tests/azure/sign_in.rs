//! The sign-in: each grant, and each way in which there is no token.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use firmdrop_core::Sha256;
use firmdrop_simulator::azure::{AzureOptions, DEMO_CLIENT_ID};
use serde_json::Value;

use crate::World;

const UPDATES: &str = "https://api.adu.microsoft.com/.default offline_access";
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn assert_denied(answer: &Value, error: &str, number: u32) {
    assert_eq!(answer["error"], error, "{answer:#}");
    assert_eq!(answer["error_codes"][0], number);
    let text = answer["error_description"].as_str().unwrap();
    assert!(text.starts_with(&format!("AADSTS{number}: ")), "{text}");
}

#[tokio::test]
async fn an_application_without_its_secret_scope_or_tenant_gets_no_token() {
    let world = World::start().await;
    let scope = ("scope", "https://api.adu.microsoft.com/.default");
    for (more, error, number) in [
        (
            vec![scope, ("client_secret", "wrong")],
            "invalid_client",
            7_000_215,
        ),
        (
            vec![scope, ("client_id", "other")],
            "unauthorized_client",
            700_016,
        ),
        (
            vec![("scope", "https://elsewhere/.default")],
            "invalid_resource",
            500_011,
        ),
        (
            vec![("scope", "https://api.adu.microsoft.com/user")],
            "invalid_scope",
            1_002_012,
        ),
        (vec![("grant_type", "password")], "invalid_grant", 50_126),
        (
            vec![("grant_type", "other")],
            "unsupported_grant_type",
            70_003,
        ),
    ] {
        assert_denied(&world.sign_in(&more).await, error, number);
    }
    let url = format!("{}/elsewhere/oauth2/v2.0/token", world.server.authority());
    let answer: Value = world
        .client
        .post(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_denied(&answer, "invalid_request", 90_002);
}

#[tokio::test]
async fn a_token_opens_its_resource_only() {
    let mut world = World::start().await;
    let answer = world
        .sign_in(&[("scope", "https://storage.azure.com/.default")])
        .await;
    answer["access_token"]
        .as_str()
        .unwrap()
        .clone_into(&mut world.token);
    assert_eq!(world.get("/updates").await.status(), 401);
    let url = format!("{}/?comp=list", world.storage.endpoint());
    let listed = world
        .client
        .get(url)
        .bearer_auth(&world.token)
        .send()
        .await
        .unwrap();
    assert_eq!(listed.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_token_ends() {
    let world = World::start().await;
    assert_eq!(world.get("/updates").await.status(), 200);
    tokio::time::advance(Duration::from_hours(1)).await;
    assert_eq!(world.get("/updates").await.status(), 401);
}

#[tokio::test(start_paused = true)]
async fn a_device_code_waits_for_its_user() {
    let world = World::start().await;
    let client = ("client_id", DEMO_CLIENT_ID);
    let begin = async || {
        world
            .form("devicecode", &[client, ("scope", UPDATES)])
            .await
    };
    let begun = begin().await;
    let ask = async |begun: &Value| {
        let code = begun["device_code"].as_str().unwrap();
        let fields = [client, ("grant_type", DEVICE_GRANT), ("device_code", code)];
        world.form("token", &fields).await
    };
    assert_denied(&ask(&begun).await, "authorization_pending", 70_016);
    assert_denied(&ask(&begun).await, "slow_down", 70_019);
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_denied(&ask(&begun).await, "authorization_pending", 70_016);
    assert!(
        world
            .server
            .answer_device_code(begun["user_code"].as_str().unwrap(), true)
    );
    let tokens = ask(&begun).await;
    assert!(tokens["access_token"].is_string() && tokens["refresh_token"].is_string());
    assert_denied(&ask(&begun).await, "bad_verification_code", 70_018);
    let begun = begin().await;
    world
        .server
        .answer_device_code(begun["user_code"].as_str().unwrap(), false);
    assert_denied(&ask(&begun).await, "authorization_declined", 70_017);
    let begun = begin().await;
    tokio::time::advance(Duration::from_mins(16)).await;
    assert_denied(&ask(&begun).await, "expired_token", 70_020);
}

#[tokio::test(start_paused = true)]
async fn the_user_of_the_demo_world_agrees_by_himself() {
    let world = World::with(AzureOptions {
        user_agrees_after: Some(Duration::from_secs(4)),
        ..AzureOptions::default()
    })
    .await;
    let client = ("client_id", DEMO_CLIENT_ID);
    let begun = world
        .form("devicecode", &[client, ("scope", UPDATES)])
        .await;
    tokio::time::advance(Duration::from_secs(5)).await;
    let code = begun["device_code"].as_str().unwrap();
    let fields = [client, ("grant_type", DEVICE_GRANT), ("device_code", code)];
    assert!(world.form("token", &fields).await["access_token"].is_string());
}

/// What the browser brings back.
async fn authorized(world: &World, verifier: &str, redirect: &str) -> reqwest::Response {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::of(verifier.as_bytes()).as_bytes());
    let (authority, tenant) = (world.server.authority(), world.server.tenant());
    let base = format!("{authority}/{tenant}/oauth2/v2.0/authorize");
    let fields = [
        ("client_id", DEMO_CLIENT_ID),
        ("response_type", "code"),
        ("redirect_uri", redirect),
        ("scope", UPDATES),
        ("state", "a state"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let url = reqwest::Url::parse_with_params(&base, fields).unwrap();
    world.client.get(url).send().await.unwrap()
}

#[tokio::test]
async fn a_code_of_the_browser_is_good_once_and_only_with_its_proof() {
    let world = World::start().await;
    let redirect = "http://localhost:4711";
    for (verifier, succeeds) in [("the verifier", true), ("another", false)] {
        let back = authorized(&world, "the verifier", redirect).await;
        assert_eq!(back.status(), 302);
        let back = reqwest::Url::parse(back.headers()["location"].to_str().unwrap()).unwrap();
        let pairs: std::collections::BTreeMap<_, _> = back.query_pairs().into_owned().collect();
        assert_eq!(pairs["state"], "a state");
        let fields = [
            ("client_id", DEMO_CLIENT_ID),
            ("grant_type", "authorization_code"),
            ("code", &pairs["code"]),
            ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ];
        let answer = world.form("token", &fields).await;
        assert_eq!(answer["access_token"].is_string(), succeeds, "{answer:#}");
        assert_denied(&world.form("token", &fields).await, "invalid_grant", 54_005);
    }
    let refused = authorized(&world, "the verifier", "http://localhost.example.com").await;
    assert_eq!(refused.status(), 400);
}

#[tokio::test]
async fn one_refresh_token_opens_both_resources_until_it_is_revoked() {
    let mut world = World::with(AzureOptions {
        user_agrees_after: Some(Duration::ZERO),
        ..AzureOptions::default()
    })
    .await;
    let client = ("client_id", DEMO_CLIENT_ID);
    let begun = world
        .form("devicecode", &[client, ("scope", UPDATES)])
        .await;
    let code = begun["device_code"].as_str().unwrap();
    let fields = [client, ("grant_type", DEVICE_GRANT), ("device_code", code)];
    let tokens = world.form("token", &fields).await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let with = |scope| {
        [
            client,
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh),
            ("scope", scope),
        ]
    };
    let storage = world
        .form("token", &with("https://storage.azure.com/.default"))
        .await;
    assert!(storage["access_token"].is_string() && storage["refresh_token"].is_string());
    let updates = world.form("token", &with(UPDATES)).await;
    updates["access_token"]
        .as_str()
        .unwrap()
        .clone_into(&mut world.token);
    assert_eq!(world.get("/updates").await.status(), 200);
    world.server.revoke_refresh_tokens();
    assert_denied(
        &world.form("token", &with(UPDATES)).await,
        "invalid_grant",
        700_082,
    );
}
