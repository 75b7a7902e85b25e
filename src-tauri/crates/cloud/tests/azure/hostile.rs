//! Answers that are wrong, huge, deep or without an end.

use firmdrop_cloud::azure::{AzureError, Device, DeviceQuery, Update, UpdateId, UpdateQuery};
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
        r#"{"value":[null,{"updateId":{"provider":7,"name":null,"version":["1"]},"description":{},"isDeployable":"false",
        "compatibility":"all","instructions":null,"referencedBy":null,"etag":false,"unheard":[[[]]]}]}"#,
    )
    .await;
    let client = host.client();
    let list = client.updates(&UpdateQuery::default()).unwrap();
    let [empty, update]: [Update; 2] = client.all(&list).await.unwrap().try_into().unwrap();
    assert_eq!(empty.update_id, UpdateId::default(), "unknown, and counted");
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
async fn a_field_of_another_type_does_not_take_the_whole_list_with_it() {
    let host = Recorder::says(
        200,
        r#"{"value":[{"deviceId":"a","installedUpdate":"Contoso/T/1.0","onLatestUpdate":"true","groupId":["g"]},
        {"deviceId":"b","lastInstallResult":{"resultCode":"0","extendedResultCode":"0x80500204","stepResults":[null,7]}},
        "a text", 7],"nextLink":5}"#,
    )
    .await;
    let client = host.client();
    let list = client.devices(&DeviceQuery::default()).unwrap();
    let [one, other, text, number]: [Device; 4] =
        client.all(&list).await.unwrap().try_into().unwrap();
    assert_eq!(text, number, "unknown, and counted");
    assert_eq!(text, Device::default());
    assert_eq!(
        (one.device_id.as_str(), one.on_latest_update),
        ("a", Some(true))
    );
    assert_eq!((one.installed_update, one.group_id), (None, None));
    let result = other.last_install_result.unwrap();
    assert_eq!(
        result.extended_result_code,
        Some(0x8050_0204_u32.cast_signed())
    );
    assert_eq!(result.step_results.len(), 2);
    assert_eq!(host.requests().len(), 1, "a number is no address");
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
async fn what_another_thing_is_called_is_not_the_thing_that_was_asked_for() {
    let update = r#"{"updateId":{"provider":"p","name":"n","version":"9.9"}}"#;
    let host = Recorder::says(200, update).await;
    let error = host.client().update(&id()).await.unwrap_err();
    assert_eq!(error.diagnose().code, Code::AnswerUnreadable);
    assert!(error.to_string().contains("another update"), "{error}");
    let host = Recorder::says(200, r#"{"deploymentId":"other"}"#).await;
    let error = host.client().deployment("g", "d").await.unwrap_err();
    assert!(error.to_string().contains("another deployment"), "{error}");
    let host = Recorder::says(200, r#"{"operationId":"other","status":"Succeeded"}"#).await;
    let error = host.client().operation_by_id("op", None).await.unwrap_err();
    assert!(error.to_string().contains("another operation"), "{error}");
    let host = Recorder::says(200, "{}").await;
    let error = host.client().operation_by_id("op", None).await.unwrap_err();
    assert_eq!(error.diagnose().code, Code::AnswerUnreadable);
    // The query that a recording has within the id is none of it, and case is not regarded.
    let glued = r#"{"operationId":"OP?api-version=2","status":"Running"}"#;
    let host = Recorder::says(200, glued).await;
    host.client().operation_by_id("op", None).await.unwrap();
}

#[tokio::test]
async fn a_version_with_leading_zeros_is_asked_for_as_the_service_has_it() {
    let host = Recorder::says(
        200,
        r#"{"updateId":{"provider":"P","name":"n","version":"1.0"}}"#,
    )
    .await;
    let zeros = UpdateId {
        version: "01.00".to_owned(),
        ..id()
    };
    host.client().update(&zeros).await.unwrap();
    let asked = host.requests()[0].line();
    assert!(asked.contains("/versions/1.0?"), "{asked}");
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
    // A list is only read: nothing was accepted before.
    let state = error.diagnose().state_now;
    assert!(state.starts_with("Nothing was changed."), "{state}");
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
