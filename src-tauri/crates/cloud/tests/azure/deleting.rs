//! A deletion is over when the service says so or the update is gone, not when it was accepted.

use std::time::Duration;

use firmdrop_cloud::azure::{DeletionError, UpdateId};
use firmdrop_core::{Code, Diagnose as _, Diagnosis};

use crate::recorder::{Answer, Recorded, Recorder};

const UPDATE: &str = r#"{"updateId":{"provider":"p","name":"n","version":"1.0"}}"#;
const WITHIN: Duration = Duration::from_mins(1);

fn id() -> UpdateId {
    UpdateId {
        provider: "p".to_owned(),
        name: "n".to_owned(),
        version: "1.0".to_owned(),
    }
}

fn not_found() -> Answer {
    Answer::new(404, r#"{"title":"Not Found","status":404}"#)
}

/// Accepts the deletion with this address of its operation, if any.
fn accepts(location: Option<&str>) -> Answer {
    let answer = Answer::new(202, "");
    match location {
        Some(location) => answer.header("Operation-Location", location),
        None => answer,
    }
}

fn deletes(request: &Recorded) -> bool {
    request.method == "DELETE"
}

/// What is said of a deletion that is not known to be done.
async fn failed(host: &Recorder) -> Diagnosis {
    let deleted = host.client().delete_and_wait(&id(), WITHIN).await;
    deleted.unwrap_err().diagnose()
}

#[tokio::test]
async fn a_deletion_without_an_operation_is_over_when_the_update_is_gone() {
    let host = Recorder::start(|request, number| match number {
        _ if deletes(request) => accepts(None),
        1 => Answer::new(200, UPDATE),
        _ => not_found(),
    })
    .await;
    host.client().delete_and_wait(&id(), WITHIN).await.unwrap();
    let methods: Vec<String> = host.requests().into_iter().map(|one| one.method).collect();
    assert_eq!(methods, ["DELETE", "GET", "GET"]);
}

#[tokio::test]
async fn an_update_that_stays_is_not_said_to_be_deleted() {
    for location in [None, Some("/deviceUpdate/blue/updates/operations/o")] {
        let host = Recorder::start(move |request, _| {
            if deletes(request) {
                accepts(location)
            } else if request.target.contains("operations") {
                // One that was just accepted may not be shown yet.
                not_found()
            } else {
                Answer::new(200, UPDATE)
            }
        })
        .await;
        let client = host.client();
        let error = client
            .delete_and_wait(&id(), Duration::ZERO)
            .await
            .unwrap_err();
        assert!(matches!(error, DeletionError::Overdue { .. }), "{error}");
        let diagnosis = error.diagnose();
        assert!(
            diagnosis
                .what_happened
                .contains("p/n/1.0 is deleted is not known")
        );
    }
}

#[tokio::test]
async fn an_operation_on_another_host_is_looked_at_on_the_accounts_own() {
    let host = Recorder::start(|request, _| {
        if deletes(request) {
            return accepts(Some(
                "https://blue.internal.test/deviceUpdate/blue/updates/operations/o1",
            ));
        }
        assert!(
            request
                .target
                .starts_with("/deviceUpdate/blue/updates/operations/o1?")
        );
        Answer::new(200, r#"{"operationId":"o1","status":"Succeeded"}"#)
    })
    .await;
    host.client().delete_and_wait(&id(), WITHIN).await.unwrap();
}

#[tokio::test]
async fn a_deletion_that_failed_is_called_one_and_no_import() {
    let host = Recorder::start(|request, _| {
        if deletes(request) {
            return accepts(Some("/deviceUpdate/blue/updates/operations/o1"));
        }
        Answer::new(
            200,
            r#"{"operationId":"o1","status":"Failed","error":{"code":"Odd","message":"No."}}"#,
        )
    })
    .await;
    let diagnosis = failed(&host).await;
    assert_eq!(diagnosis.title, "The service did not delete the update");
    assert!(
        diagnosis
            .what_happened
            .contains("operation on p/n/1.0 failed: Odd: No."),
        "{diagnosis:?}"
    );
    assert!(diagnosis.state_now.contains("not known"), "{diagnosis:?}");
}

#[tokio::test]
async fn a_look_that_fails_after_the_deletion_was_accepted_does_not_say_that_nothing_changed() {
    let host = Recorder::start(|request, _| {
        if deletes(request) {
            return accepts(Some("/deviceUpdate/blue/updates/operations/o1"));
        }
        Answer::new(403, r#"{"error":{"code":"Forbidden","message":"No."}}"#)
    })
    .await;
    let diagnosis = failed(&host).await;
    assert!(
        diagnosis
            .state_now
            .starts_with("The service accepted the deletion"),
        "{diagnosis:?}"
    );
}

const DEPLOYMENT: &str = r#"{"deploymentId":"d","groupId":"g"}"#;

#[tokio::test]
async fn a_deployment_is_deleted_when_it_is_gone_and_not_when_the_deletion_was_accepted() {
    for status in [200, 202, 204] {
        let host = Recorder::start(move |request, number| match number {
            _ if deletes(request) => Answer::new(status, ""),
            1 => Answer::new(200, DEPLOYMENT),
            _ => not_found(),
        })
        .await;
        let client = host.client();
        let deleted = client.delete_deployment_and_wait("g", "d", WITHIN).await;
        deleted.unwrap();
        let methods: Vec<String> = host.requests().into_iter().map(|one| one.method).collect();
        assert_eq!(methods, ["DELETE", "GET", "GET"], "{status}");
    }
}

#[tokio::test]
async fn a_deployment_that_stays_or_cannot_be_looked_for_is_not_said_to_be_deleted() {
    for (look, code) in [
        (Answer::new(200, DEPLOYMENT), Code::ServiceTimeout),
        (Answer::new(403, "{}"), Code::KeyForbidden),
    ] {
        let host = Recorder::start(move |request, _| {
            if deletes(request) {
                Answer::new(202, "")
            } else {
                look.clone()
            }
        })
        .await;
        let client = host.client();
        let deleted = client.delete_deployment_and_wait("g", "d", Duration::ZERO);
        let diagnosis = deleted.await.unwrap_err().diagnose();
        assert_eq!(diagnosis.code, code, "{diagnosis:?}");
        let state = &diagnosis.state_now;
        assert!(state.contains("accepted the deletion"), "{state}");
    }
}
