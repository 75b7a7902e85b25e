//! Answers as the real service gave them, by the public recordings of Microsoft's clients' tests:
//! their facts, written anew.

use firmdrop_cloud::azure::{ApiVersion, OperationStatus, UpdateId};
use firmdrop_core::{Code, Diagnose};

use crate::recorder::{Answer, Recorder};

fn id(provider: &str, name: &str, version: &str) -> UpdateId {
    UpdateId {
        provider: provider.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
    }
}

#[tokio::test]
async fn an_update_of_2022_is_read_with_seven_digits_of_a_second() {
    let host = Recorder::start(|_, _| {
        Answer::new(
            200,
            r#"{"updateId":{"provider":"fabrikam","name":"vacuum","version":"2022.401.504.6"},
            "isDeployable":true,"compatibility":[{"manufacturer":"Fabrikam","model":"vacuum"}],
            "instructions":{"steps":[{"type":"inline","description":"Sample","handler":"microsoft/swupdate:1",
              "handlerProperties":{"installedCriteria":"1.0"},"files":["a.json","b.json"]}]},
            "scanResult":"Success","manifestVersion":"4.0",
            "importedDateTime":"2022-04-01T05:52:37.0112536Z","createdDateTime":"2022-04-01T05:50:34.3456781+00:00",
            "etag":"\"58c5bf36-6b0c-4ac3-a67d-a4ba7b9f0d4a\""}"#,
        )
        .header("ETag", "\"58c5bf36-6b0c-4ac3-a67d-a4ba7b9f0d4a\"")
        .header("Cache-Control", "max-age=60, private")
    })
    .await;
    let wanted = id("fabrikam", "vacuum", "2022.401.504.6");
    let update = host.client().update(&wanted).await.unwrap();
    assert_eq!(update.update_id, wanted);
    assert_eq!(update.imported_date_time, "2022-04-01T05:52:37.0112536Z");
    assert_eq!(
        update.instructions.steps[0].handler.as_deref(),
        Some("microsoft/swupdate:1")
    );
    assert_eq!(update.instructions.steps[0].files, ["a.json", "b.json"]);
    assert_eq!(update.compatibility[0]["manufacturer"], "Fabrikam");
    assert_eq!(
        update.etag.as_deref(),
        Some("\"58c5bf36-6b0c-4ac3-a67d-a4ba7b9f0d4a\"")
    );
    assert!(update.is_deployable && update.referenced_by.is_empty());
}

#[tokio::test]
async fn an_update_of_a_manifest_before_4_0_is_read_with_its_type_and_criteria() {
    let host = Recorder::says(
        200,
        r#"{"updateId":{"provider":"Contoso","name":"Toaster","version":"1.0"},"updateType":"microsoft/swupdate:1",
        "installedCriteria":"1.0","compatibility":[{"deviceManufacturer":"Contoso","deviceModel":"Toaster"}],
        "manifestVersion":"3.0","importedDateTime":"2021-11-08T18:44:09.2467119+00:00","etag":"\"1\""}"#,
    )
    .await;
    let client = host.client_of(ApiVersion::V2021_06_01Preview);
    let update = client
        .update(&id("Contoso", "Toaster", "1.0"))
        .await
        .unwrap();
    assert_eq!(update.update_type.as_deref(), Some("microsoft/swupdate:1"));
    assert_eq!(update.compatibility[0]["deviceModel"], "Toaster");
    assert!(update.is_deployable, "unless it is said not to be");
}

#[tokio::test]
async fn an_update_that_is_missing_is_a_problem_with_a_trace_id() {
    let host = Recorder::start(|_, _| {
        Answer::new(
            404,
            r#"{"type":"https://tools.ietf.org/html/rfc7231#section-6.5.4","title":"Not Found","status":404,
            "traceId":"00-1bbbe71ba982e27b80262974a7359c47-71a9656907290348-00"}"#,
        )
        .header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")
        .header("mise-correlation-id", "9d3f5a3e-0000-4000-8000-1c2d3e4f5a6b")
    })
    .await;
    let error = host
        .client()
        .update(&id("foo", "bar", "0.0.0.1"))
        .await
        .unwrap_err();
    assert!(error.is_not_found());
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::ObjectGone);
    assert_eq!(diagnosis.title, "The update does not exist");
    let detail = |label: &str| {
        let mut all = diagnosis.details.iter();
        all.find(|detail| detail.label == label)
            .map(|detail| detail.value.clone())
    };
    assert!(detail("Trace id").unwrap().contains("1bbbe71"));
    assert!(detail("traceparent").unwrap().contains("0af7651916cd"));
    assert!(detail("Request id").unwrap().starts_with("9d3f5a3e"));
    let sent = host.last();
    assert_eq!(
        detail("Client request id").as_deref(),
        sent.header("x-ms-client-request-id")
    );
}

#[tokio::test]
async fn an_operation_of_each_generation_says_what_it_is_about() {
    let current = r#"{"operationId":"op","status":"Succeeded","update":{"updateId":{"provider":"microsoft","name":"adu",
        "version":"1.0.0.0"},"friendlyName":"Microsoft ADU v1"},"resourceLocation":
        "/deviceUpdate/blue/updates/providers/microsoft/names/adu/versions/1.0.0.0?api-version=2022-10-01","error":null,
        "traceId":"2b881ef9deaf5d45b0a716ca5b4145ec","createdDateTime":"2020-04-22T21:00:53.2548897+00:00","etag":"\"a\""}"#;
    let legacy = r#"{"operationId":"op","status":"Running","updateId":{"provider":"microsoft","name":"adu",
        "version":"1.0.0.0"},"resourceLocation":null,"error":null,"traceId":"t"}"#;
    for (body, status) in [
        (current, OperationStatus::Succeeded),
        (legacy, OperationStatus::Running),
    ] {
        let host = Recorder::says(200, body).await;
        let look = host.client().operation_by_id("op", None).await.unwrap();
        let operation = look.found.unwrap();
        assert_eq!(operation.status(), status);
        assert_eq!(
            operation.subject().unwrap().to_string(),
            "microsoft/adu/1.0.0.0"
        );
        assert_eq!(operation.error, None);
    }
}

#[tokio::test]
async fn a_file_has_its_hash_whatever_the_case_of_the_algorithm() {
    let host = Recorder::says(
        200,
        r#"{"fileId":"f2ffaab8b8b1a4a6e","fileName":"setup.exe","sizeInBytes":76,"hashes":{"SHA256":"iFWTIaxp33tf5BR1w0fMmnnHpjsUjLRQ9eZFjw74LbU="},
        "mimeType":"application/octet-stream","scanResult":"Success","scanDetails":"","etag":"\"7\""}"#,
    )
    .await;
    let file = host
        .client()
        .file(&id("p", "n", "1.0"), "f2ffaab8b8b1a4a6e")
        .await
        .unwrap();
    assert_eq!(file.file_name, "setup.exe");
    assert_eq!(file.size_in_bytes, Some(76));
    assert_eq!(
        file.sha256(),
        Some("iFWTIaxp33tf5BR1w0fMmnnHpjsUjLRQ9eZFjw74LbU=")
    );
}

#[tokio::test]
async fn a_device_reports_its_steps_and_a_negative_code() {
    let host = Recorder::says(
        200,
        r#"{"deviceId":"dpokluda-test","moduleId":null,"deviceClassId":"b83e3c87fbf98063c20c3269f1c9e58d255906dd","groupId":"dpokluda-test",
        "lastAttemptedUpdate":{"updateId":{"provider":"fabrikam","name":"vacuum","version":"1.0"}},"deploymentStatus":"Failed",
        "installedUpdate":null,"onLatestUpdate":false,"lastDeploymentId":"d1",
        "lastInstallResult":{"resultCode":0,"extendedResultCode":-2143289331,"resultDetails":"","stepResults":[
          {"update":null,"description":"s","resultCode":700,"extendedResultCode":0,"resultDetails":""}]}}"#,
    )
    .await;
    let device = host.client().device("dpokluda-test").await.unwrap();
    let result = device.last_install_result.unwrap();
    assert_eq!(result.extended_result_code, Some(-2_143_289_331));
    assert_eq!(result.step_results[0].result_code, Some(700));
    assert_eq!((device.module_id, device.installed_update), (None, None));
}
