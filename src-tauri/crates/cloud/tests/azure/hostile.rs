//! Answers that are wrong, huge, deep or without an end.

use firmdrop_cloud::azure::{AzureError, UpdateId, UpdateQuery};
use firmdrop_core::{Code, Diagnose};

use crate::recorder::{Answer, Recorder};

fn id() -> UpdateId {
    UpdateId {
        provider: "p".to_owned(),
        name: "n".to_owned(),
        version: "1.0".to_owned(),
    }
}

#[tokio::test]
async fn values_of_another_type_are_read_as_missing() {
    let host = Recorder::says(
        200,
        r#"{"updateId":{"provider":7,"name":null,"version":["1"]},"description":{},"isDeployable":"false",
        "compatibility":"all","instructions":null,"referencedBy":null,"etag":false,"unheard":[[[]]]}"#,
    )
    .await;
    let update = host.client().update(&id()).await.unwrap();
    assert_eq!(update.update_id.to_string(), "7//");
    assert!(!update.is_deployable && update.compatibility.is_empty());
    let counts = Recorder::says(
        200,
        r#"{"groupId":"g","deviceCount":-1,"subgroupsWithNewUpdatesAvailableCount":1e300,
        "subgroupsWithUpdatesInProgressCount":"12","deployments":null}"#,
    )
    .await;
    let group = counts.client().group("g").await.unwrap();
    assert_eq!(group.device_count, None, "not known, not zero");
    assert_eq!(group.subgroups_with_new_updates_available_count, None);
    assert_eq!(group.subgroups_with_updates_in_progress_count, Some(12));
}

#[tokio::test]
async fn an_answer_without_an_end_is_left_at_its_limit() {
    let huge = format!(r#"{{"description":"{}"}}"#, "x".repeat(9 << 20));
    let host = Recorder::says(200, &huge).await;
    let error = host.client().update(&id()).await.unwrap_err();
    assert_eq!(error.diagnose().code, Code::AnswerUnreadable, "{error}");
}

#[tokio::test]
async fn an_answer_of_a_hundred_thousand_levels_is_refused() {
    let levels = 100_000;
    for (open, close, status) in [("[", "]", 200), (r#"{"innererror":"#, "}", 400)] {
        let body = format!("{}1{}", open.repeat(levels), close.repeat(levels));
        let host = Recorder::says(status, &body).await;
        let error = host.client().update(&id()).await.unwrap_err();
        assert!(!error.to_string().is_empty());
    }
}

#[tokio::test]
async fn a_list_in_a_circle_is_an_error_and_one_without_more_is_whole() {
    let host = Recorder::start(|request, _| {
        let next = if request.target.contains("skipToken=b") { "a" } else { "b" };
        Answer::new(
            200,
            format!(r#"{{"value":["p"],"nextLink":"/deviceUpdate/blue/updates/providers?$skipToken={next}"}}"#),
        )
    })
    .await;
    let client = host.client();
    let error = client.all(&client.providers().unwrap()).await.unwrap_err();
    assert!(matches!(error, AzureError::EndlessList { .. }), "{error}");
    assert!(host.requests().len() <= 4);
}

#[tokio::test]
async fn a_page_without_entries_is_not_the_end_of_a_list_that_names_another_one() {
    let host = Recorder::start(|request, _| {
        let page = match request.target.split("skipToken=").nth(1) {
            None => {
                r#"{"value":[],"nextLink":"/deviceUpdate/blue/updates/providers?$skipToken=b"}"#
            }
            Some("b") => {
                r#"{"value":null,"nextLink":"/deviceUpdate/blue/updates/providers?$skipToken=c"}"#
            }
            Some(_) => r#"{"value":["p"]}"#,
        };
        Answer::new(200, page)
    })
    .await;
    let client = host.client();
    let all = client.all(&client.providers().unwrap()).await.unwrap();
    assert_eq!(all, ["p"]);
}

#[tokio::test]
async fn an_answer_without_entries_is_no_empty_list() {
    for body in [
        "{}",
        "[]",
        r#"["p"]"#,
        r#"{"message":"Welcome"}"#,
        r#"{"error":{"code":"Broken"}}"#,
        r#"{"Value":["p"]}"#,
    ] {
        let host = Recorder::says(200, body).await;
        let client = host.client();
        let error = client.all(&client.providers().unwrap()).await.unwrap_err();
        assert_eq!(error.diagnose().code, Code::AnswerUnreadable, "{body}");
    }
    let host = Recorder::says(200, r#"{"value":[]}"#).await;
    let client = host.client();
    let none = client.all(&client.providers().unwrap()).await.unwrap();
    assert!(none.is_empty());
}

#[tokio::test]
async fn an_answer_that_names_nothing_is_not_the_thing_that_was_asked_for() {
    for body in ["{}", "[]", r#"{"message":"Welcome"}"#] {
        let host = Recorder::says(200, body).await;
        let client = host.client();
        let codes = [
            client.update(&id()).await.unwrap_err().diagnose().code,
            client.file(&id(), "f").await.unwrap_err().diagnose().code,
            client
                .deployment("g", "d")
                .await
                .unwrap_err()
                .diagnose()
                .code,
        ];
        assert_eq!(codes, [Code::AnswerUnreadable; 3], "{body}");
    }
}

#[tokio::test]
async fn a_next_page_on_another_host_is_not_asked() {
    let host = Recorder::says(
        200,
        r#"{"value":[],"nextLink":"https://evil.test/updates?$skipToken=1"}"#,
    )
    .await;
    let client = host.client();
    let list = client.updates(&UpdateQuery::default()).unwrap();
    let error = client.page(&list).await.unwrap_err();
    assert!(
        matches!(
            error,
            AzureError::ForeignAddress {
                name: "nextLink",
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_host_that_repeats_the_token_does_not_get_it_into_an_error() {
    let host = Recorder::says(
        400,
        r#"{"error":{"code":"BadToken","message":"Bearer token-secret-0 is odd"}}"#,
    )
    .await;
    let error = host.client().update(&id()).await.unwrap_err();
    let said = format!("{error:?} {:?}", error.diagnose());
    assert!(
        !said.contains("token-secret-0") && said.contains("BadToken"),
        "{said}"
    );
}
