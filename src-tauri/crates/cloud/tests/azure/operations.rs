//! Watching an operation: its address, its pace, its end.

use std::time::Duration;

use firmdrop_cloud::azure::{ApiVersion, AzureError, OperationLocation, OperationStatus};
use firmdrop_core::{Code, Diagnose};

use crate::recorder::{ANYTHING, Answer, Recorder};

const RUNNING: &str = r#"{"operationId":"op1","status":"Running","etag":"\"e1\""}"#;

#[tokio::test]
async fn the_address_of_an_operation_is_used_letter_by_letter() {
    let host = Recorder::says(200, RUNNING).await;
    let absolute = format!(
        "{}/deviceUpdate/blue/updates/operations/Op1?api-version=2022-10-01&x=%2F",
        host.origin()
    );
    for (version, location, line) in [
        // What the service of 2021 gave, and not what its documentation says.
        (
            ApiVersion::LegacyV2,
            "/deviceupdate/blue/updates/operations/op1?api-version=2",
            "GET /deviceupdate/blue/updates/operations/op1?api-version=2",
        ),
        (
            ApiVersion::V2026_06_01,
            &*absolute,
            "GET /deviceUpdate/blue/updates/operations/Op1?api-version=2022-10-01&x=%2F",
        ),
    ] {
        let client = host.client_of(version);
        let look = client
            .operation(&OperationLocation::new(location), None)
            .await
            .unwrap();
        assert_eq!(look.found.unwrap().status(), OperationStatus::Running);
        assert_eq!(host.last().line(), line);
    }
}

#[tokio::test]
async fn an_operation_on_another_host_is_never_asked() {
    let host = Recorder::says(200, RUNNING).await;
    for foreign in [
        "https://evil.test/op",
        "//evil.test/op",
        "http://user@127.0.0.1/op",
        "",
    ] {
        let location = OperationLocation::new(foreign);
        let error = host.client().operation(&location, None).await.unwrap_err();
        assert!(
            matches!(error, AzureError::ForeignAddress { .. }),
            "{foreign}: {error}"
        );
        assert_eq!(error.diagnose().code, Code::AnswerUnreadable);
    }
    assert!(host.requests().is_empty());
}

#[tokio::test]
async fn an_operation_that_did_not_change_is_not_read_again() {
    let host = Recorder::start(|request, _| match request.header("if-none-match") {
        Some("\"e1\"") => Answer::new(304, "").header("Retry-After", "5"),
        _ => Answer::new(200, RUNNING).header("Retry-After", "7"),
    })
    .await;
    let client = host.client();
    let first = client.operation_by_id("op1", None).await.unwrap();
    assert_eq!(first.wait, Duration::from_secs(7));
    let etag = first.found.unwrap().etag;
    let second = client
        .operation_by_id("op1", etag.as_deref())
        .await
        .unwrap();
    assert_eq!((second.found, second.wait), (None, Duration::from_secs(5)));
    assert_eq!(
        host.last().line(),
        "GET /deviceUpdate/blue/updates/operations/op1?api-version=2026-06-01"
    );
}

#[tokio::test]
async fn a_304_that_nobody_asked_for_is_read_again_and_then_waited_out() {
    let host = Recorder::start(|_, number| match number {
        2 => Answer::new(200, RUNNING),
        _ => Answer::new(304, ""),
    })
    .await;
    let client = host.client();
    let read = client.operation_by_id("op1", None).await.unwrap();
    assert_eq!(read.found.unwrap().operation_id, "op1");
    // One that stays so is not read for ever; a host that answered before is waited for by whoever watches.
    let error = client.operation_by_id("op1", None).await.unwrap_err();
    assert_eq!(host.requests().len(), 6);
    assert!(error.may_pass_later(), "{error:?}");
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::ServiceFailed, "{diagnosis:?}");
    assert_eq!(diagnosis.state_now, "Nothing was changed.");
}

#[tokio::test]
async fn the_wait_is_within_its_bounds_whatever_the_service_asks_for() {
    for (asked, seconds) in [("0", 1), ("86400", 120), ("soon", 30), ("15", 15)] {
        let host =
            Recorder::start(move |_, _| Answer::new(200, RUNNING).header("Retry-After", asked))
                .await;
        let look = host.client().operation_by_id("op1", None).await.unwrap();
        assert_eq!(look.wait.as_secs(), seconds, "{asked}");
    }
}

#[tokio::test]
async fn the_running_operations_are_found_with_the_only_filter_the_service_takes() {
    let host = Recorder::says(200, r#"{"value":[]}"#).await;
    let filter = "filter=status%20eq%20%27NotStarted%27%20or%20status%20eq%20%27Running%27";
    for (version, line) in [
        (
            ApiVersion::V2026_06_01,
            format!(
                "GET /deviceUpdate/blue/updates/operations?api-version=2026-06-01&{filter}&top=5"
            ),
        ),
        (
            ApiVersion::LegacyV2,
            format!("GET /deviceupdate/blue/v2/updates/operations?${filter}&$top=5"),
        ),
    ] {
        let client = host.client_of(version);
        let list = client.operations(true, Some(5)).unwrap();
        assert!(client.all(&list).await.unwrap().is_empty());
        assert_eq!(host.last().line(), line);
    }
}

#[tokio::test]
async fn the_time_of_a_service_is_that_of_its_answers() {
    use firmdrop_core::{Clock as _, Moment, SystemClock};
    // This computer's clock is far ahead of it.
    let host = Recorder::start(|_, _| {
        Answer::new(200, ANYTHING).header("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
    })
    .await;
    let client = host.client();
    client.deployment("lab", "d").await.unwrap();
    let ours = SystemClock.now();
    let theirs = client.time(ours);
    let said = Moment::from_millisecond(784_111_777_000);
    assert!(theirs.seconds_since(said) < 60.0, "{theirs}");
    let later = client.time(ours.after(std::time::Duration::from_mins(1)));
    assert!((59.0..61.0).contains(&later.seconds_since(theirs)));
}
