//! Logs of devices: what was asked for, and what is not believed of the answers.

use firmdrop_cloud::azure::LogDevice;
use firmdrop_core::{Code, Diagnose as _};

use crate::recorder::{Answer, Recorder};

fn device(id: &str, module: Option<&str>) -> LogDevice {
    LogDevice {
        device_id: id.to_owned(),
        module_id: module.map(str::to_owned),
    }
}

#[tokio::test]
async fn a_collection_that_is_accepted_without_a_body_is_read() {
    let host = Recorder::start(|request, _| match &*request.method {
        "PUT" => Answer::new(201, ""),
        _ => Answer::new(200, r#"{"operationId":"l1","status":"NotStarted"}"#),
    })
    .await;
    let asked = host.client();
    let begun = asked.collect_logs("l1", &[device("d", None)], None).await;
    assert_eq!(begun.unwrap().status, "NotStarted");
    let methods: Vec<String> = host.requests().into_iter().map(|one| one.method).collect();
    assert_eq!(methods, ["PUT", "GET"]);
}

#[tokio::test]
async fn an_answer_that_is_no_collection_or_another_one_is_not_believed() {
    for body in ["{}", r#"{"operationId":"other","status":"Succeeded"}"#] {
        let host = Recorder::says(200, body).await;
        let client = host.client();
        let devices = [device("d", None)];
        let begun = client.collect_logs("l1", &devices, None).await.err();
        let read = client.log_collection("l1").await.err();
        let status = client.log_collection_status("l1").await.err();
        for error in [begun, read, status] {
            let diagnosis = error.unwrap().diagnose();
            assert_eq!(diagnosis.code, Code::AnswerUnreadable, "{body}");
        }
    }
}

#[tokio::test]
async fn a_device_without_an_id_is_refused_before_anything_is_sent() {
    let host = Recorder::says(200, "{}").await;
    let client = host.client();
    for wrong in [
        device("", None),
        device(" ", None),
        device("d/m", None),
        device("d", Some("")),
        device("d", Some("/m")),
    ] {
        let devices = [device("d", None), wrong];
        let asked = client.collect_logs("l1", &devices, None).await;
        let diagnosis = asked.unwrap_err().diagnose();
        assert_eq!(diagnosis.code, Code::ArgumentInvalid, "{diagnosis:?}");
    }
    assert!(host.requests().is_empty());
}

#[tokio::test]
async fn the_place_of_logs_is_said_without_its_signature() {
    let body = r#"{"operationId":"l1","status":"Succeeded","deviceStatus":[{"deviceId":"d",
        "logLocation":"https://a.test/c/d.zip?sv=1&sig=c2VjcmV0&se=2"}]}"#;
    let host = Recorder::says(200, body).await;
    let status = host.client().log_collection_status("l1").await.unwrap();
    let place = status.device_status[0].log_location.as_deref();
    assert_eq!(place, Some("https://a.test/c/d.zip?sv=1&sig=…&se=2"));
}

#[tokio::test]
async fn a_404_to_a_request_that_makes_something_is_of_what_it_names() {
    let host = Recorder::says(404, r#"{"error":{"code":"NotFound","message":"x"}}"#).await;
    let client = host.client();
    let devices = [device("d", None)];
    let error = client.collect_logs("l1", &devices, None).await.unwrap_err();
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::ObjectGone);
    assert!(diagnosis.why.contains("devices"), "{}", diagnosis.why);
    assert!(!diagnosis.title.contains("does not exist"), "{diagnosis:?}");
}
