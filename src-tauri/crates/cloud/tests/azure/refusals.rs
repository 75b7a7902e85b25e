//! What the client makes of refusals: a token that is replaced once, and nothing that is repeated.

use firmdrop_cloud::azure::{
    ApiVersion, AzureError, NewDeployment, RequestId, UpdateId, UpdateQuery,
};
use firmdrop_core::{Code, Diagnose, Remedy};

use crate::recorder::{ANYTHING, Answer, Recorder};

fn id() -> UpdateId {
    UpdateId {
        provider: "p".to_owned(),
        name: "n".to_owned(),
        version: "1.0".to_owned(),
    }
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_under_the_same_request_id() {
    let host = Recorder::start(|request, _| match request.header("authorization") {
        Some("Bearer token-secret-0") => Answer::new(401, ""),
        _ => Answer::new(200, ANYTHING),
    })
    .await;
    host.client().update(&id()).await.unwrap();
    let requests = host.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(host.tokens.refusals(), 1);
    let ids: Vec<_> = requests
        .iter()
        .map(|r| r.header("x-ms-client-request-id"))
        .collect();
    assert_eq!(ids[0], ids[1]);
    host.client().update(&id()).await.unwrap();
    assert_ne!(host.last().header("x-ms-client-request-id"), ids[0]);
}

#[tokio::test]
async fn a_token_that_is_refused_twice_is_reported() {
    let host = Recorder::start(|_, _| {
        Answer::new(401, "").header("WWW-Authenticate", r#"Bearer error="invalid_token""#)
    })
    .await;
    let error = host.client().update(&id()).await.unwrap_err();
    assert_eq!(host.requests().len(), 2);
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::KeyRefused);
    assert!(
        diagnosis
            .details
            .iter()
            .any(|detail| detail.value.contains("invalid_token"))
    );
}

#[tokio::test]
async fn nothing_else_is_repeated_by_the_client_itself() {
    for status in [400, 403, 404, 408, 409, 429, 500, 502, 503, 504] {
        let host = Recorder::says(status, "{}").await;
        let error = host.client().delete_update(&id()).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert_eq!(host.requests().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn the_repeats_of_a_task_bear_the_id_it_gave_them() {
    let host = Recorder::says(503, "").await;
    let request_id = RequestId::random();
    let client = host.client().with_request_id(request_id.clone());
    for _ in 0..2 {
        let _ = client.update(&id()).await;
        assert_eq!(
            host.last().header("x-ms-client-request-id"),
            Some(request_id.as_str())
        );
    }
}

#[tokio::test]
async fn a_wait_of_the_service_is_offered_and_one_that_it_does_not_name_too() {
    for (header, seconds) in [(Some("14"), 14), (None, 30)] {
        let host = Recorder::start(move |_, _| {
            let answer = Answer::new(
                429,
                r#"{"error":{"code":"TooManyRequests","message":"Slow down."}}"#,
            );
            match header {
                Some(seconds) => answer.header("Retry-After", seconds),
                None => answer,
            }
        })
        .await;
        let diagnosis = host
            .client()
            .delete_update(&id())
            .await
            .unwrap_err()
            .diagnose();
        assert_eq!(diagnosis.code, Code::RateLimited);
        assert_eq!(diagnosis.remedies.first(), Some(&Remedy::Wait { seconds }));
        assert!(
            diagnosis.why.contains("10 imports and deletions"),
            "{}",
            diagnosis.why
        );
    }
}

#[tokio::test]
async fn an_instance_that_does_not_exist_is_named() {
    let host = Recorder::says(404, "").await;
    let client = host.client();
    let list = client.updates(&UpdateQuery::default()).unwrap();
    let diagnosis = client.page(&list).await.unwrap_err().diagnose();
    assert_eq!(diagnosis.code, Code::AccountInvalid);
    assert!(diagnosis.why.contains("\"blue\""), "{}", diagnosis.why);
}

#[tokio::test]
async fn a_redirect_is_named_and_not_followed() {
    let host = Recorder::start(|_, _| {
        Answer::new(302, "").header("Location", "https://login.test/common?secret=1")
    })
    .await;
    let diagnosis = host.client().update(&id()).await.unwrap_err().diagnose();
    assert_eq!(diagnosis.code, Code::NotThisService);
    assert!(diagnosis.why.contains("login.test") && !diagnosis.why.contains("secret=1"));
    assert_eq!(host.requests().len(), 1);
}

#[tokio::test]
async fn a_gateways_page_is_not_the_services_consent() {
    for status in [200, 202] {
        let host = Recorder::says(status, "<html>sign in</html>").await;
        let error = host.client().delete_update(&id()).await.unwrap_err();
        let diagnosis = error.diagnose();
        assert_eq!(diagnosis.code, Code::NotThisService);
        assert!(
            diagnosis.state_now.contains("not known"),
            "{}",
            diagnosis.state_now
        );
    }
}

#[tokio::test]
async fn what_the_version_has_no_request_for_is_said_before_anything_is_sent() {
    let host = Recorder::says(200, "{}").await;
    let legacy = host.client_of(ApiVersion::LegacyV2);
    let error = legacy.deployment("g", "d").await.unwrap_err();
    assert!(matches!(error, AzureError::NotInVersion { .. }), "{error}");
    let error = host.client().limits().await.unwrap_err();
    assert!(error.diagnose().what_happened.contains("2026-06-01"));
    assert!(host.requests().is_empty());
}

#[tokio::test]
async fn what_belongs_to_no_task_and_does_no_harm_is_repeated() {
    let answers = |status, body: &'static str| {
        Recorder::start(move |_, number| match number {
            0 => Answer::new(status, "{}"),
            _ => Answer::new(if body.is_empty() { 404 } else { 200 }, body),
        })
    };
    let host = answers(503, ANYTHING).await;
    host.client().alone().update(&id()).await.unwrap();
    assert_eq!(host.requests().len(), 2);
    // The first may have been carried out, and the second finds nothing.
    let host = answers(504, "").await;
    host.client().alone().delete_update(&id()).await.unwrap();
    // Nothing was carried out before: it was never there.
    let host = answers(429, "").await;
    let error = host.client().alone().delete_update(&id()).await;
    assert_eq!(error.unwrap_err().status(), Some(404));
}

#[tokio::test]
async fn words_that_are_not_about_a_role_are_given_as_the_reason() {
    let quota =
        r#"{"error":{"code":"QuotaExceeded","message":"The limit of 100 updates is reached."}}"#;
    let host = Recorder::says(403, quota).await;
    let diagnosis = host.client().update(&id()).await.unwrap_err().diagnose();
    assert_eq!(diagnosis.code, Code::QuotaReached);
    assert!(diagnosis.what_happened.contains("100 updates"));
    let other = r#"{"error":{"code":"Suspended","message":"The account is suspended."}}"#;
    let host = Recorder::says(403, other).await;
    let diagnosis = host.client().update(&id()).await.unwrap_err().diagnose();
    assert!(!diagnosis.why.contains("has no role"), "{}", diagnosis.why);
    let busy =
        r#"{"error":{"code":"OperationInProgress","message":"Another operation is in progress."}}"#;
    let host = Recorder::says(409, busy).await;
    let error = host.client().delete_update(&id()).await.unwrap_err();
    let diagnosis = error.diagnose();
    assert!(!diagnosis.title.contains("in use"), "{}", diagnosis.title);
    assert!(
        diagnosis
            .remedies
            .iter()
            .any(|remedy| matches!(remedy, Remedy::Wait { .. }))
    );
}

#[tokio::test]
async fn a_deployment_that_is_refused_or_answered_in_no_words_and_made_all_the_same_is_there() {
    const START: &str = "2026-01-01T10:00:00.910490Z";
    let made = |start: &str| {
        format!(
            r#"{{"deploymentId":"d","startDateTime":"{start}","groupId":"g",
                "update":{{"updateId":{{"provider":"p","name":"n","version":"1.0"}}}}}}"#
        )
    };
    let new = NewDeployment {
        id: "d".to_owned(),
        group: "g".to_owned(),
        update: id(),
        start: START.to_owned(),
        download_security: None,
        rollback: None,
    };
    for (status, start, is_made) in [
        (400, START, true),
        (409, "2026-01-01T10:00:00.9104900+00:00", true),
        (201, START, true),
        (409, "2025-01-01T10:00:00Z", false),
        (403, START, false),
    ] {
        let there = made(start);
        let host = Recorder::start(move |request, _| match &*request.method {
            "PUT" => Answer::new(status, ""),
            _ => Answer::new(200, &*there),
        })
        .await;
        let put = host.client().put_deployment(&new).await;
        assert_eq!(put.is_ok(), is_made, "{status} {start}: {put:?}");
    }
    // An answer of success that is of another update, or has ended, is no start, and readable.
    let also = |more: &str| made(START).replace(r#""groupId""#, &format!("{more},\"groupId\""));
    for (there, word) in [
        (made(START).replace("1.0", "9.9"), "of the update"),
        (also(r#""isCanceled":true"#), "cancelled"),
        (also(r#""state":"Cancelled""#), "\"Cancelled\""),
        (also(r#""deploymentState":"failed""#), "\"failed\""),
    ] {
        let host = Recorder::says(200, &there).await;
        let error = host.client().put_deployment(&new).await.unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
        let diagnosis = error.diagnose();
        assert_eq!(diagnosis.code, Code::ServiceRefused, "{diagnosis:?}");
        let state = &diagnosis.state_now;
        assert!(state.contains("not known"), "{state}");
    }
    let host = Recorder::says(200, &also(r#""state":"Active""#)).await;
    host.client().put_deployment(&new).await.unwrap();
    let host = Recorder::says(200, r#"{"state":"Weird"}"#).await;
    let error = host.client().put_deployment(&new).await.unwrap_err();
    assert!(error.to_string().contains("\"Weird\""), "{error}");
}

#[tokio::test]
async fn a_token_that_a_policy_refuses_is_not_blamed_on_its_tenant() {
    let host = Recorder::start(|_, _| {
        Answer::new(401, r#"{"error":{"code":"Unauthorized"}}"#).header(
            "WWW-Authenticate",
            r#"Bearer realm="", error="insufficient_claims", claims="eyJhIjoxfQ==""#,
        )
    })
    .await;
    let diagnosis = host.client().update(&id()).await.unwrap_err().diagnose();
    assert_eq!(diagnosis.code, Code::SignInNeeded);
    assert!(
        !diagnosis.why.contains("another tenant"),
        "{}",
        diagnosis.why
    );
}

#[tokio::test]
async fn a_version_of_the_interface_that_the_service_does_not_offer_is_named_as_that() {
    let body = r#"{"error":{"code":"UnsupportedApiVersion","message":"no '2026-06-01'","innererror":null}}"#;
    let host = Recorder::says(400, body).await;
    let diagnosis = host.client().update(&id()).await.unwrap_err().diagnose();
    assert_eq!(diagnosis.code, Code::AccountInvalid, "{diagnosis:?}");
    assert!(diagnosis.title.contains("API version"));
}
