//! Verb, path, query and body of every operation.

use firmdrop_cloud::azure::{
    ApiVersion, DeploymentDeviceQuery, DeviceImport, DeviceQuery, DownloadSecurity, HealthQuery,
    LogDevice, NewDeployment, RollbackFailure, RollbackPolicy, SubgroupDeployment, UpdateId,
    UpdateInfo, UpdateQuery,
};
use serde_json::json;

use crate::recorder::{ANYTHING, Answer, Recorder};

const CURRENT: &str = "?api-version=2026-06-01";

fn id() -> UpdateId {
    UpdateId {
        provider: "p".to_owned(),
        name: "n".to_owned(),
        version: "1.0".to_owned(),
    }
}

/// An answer that is a page and a thing.
async fn host() -> Recorder {
    let of_our_deployment = ANYTHING.replace(r#""d""#, r#""dep1""#);
    Recorder::says(200, &of_our_deployment).await
}

/// The last request line, without the version of the interface.
fn line(host: &Recorder) -> String {
    host.last()
        .line()
        .replacen("api-version=2026-06-01", "", 1)
        .replace("?&", "?")
        .trim_end_matches('?')
        .to_owned()
}

#[tokio::test]
async fn updates_are_listed_read_and_deleted_at_their_paths() {
    let host = host().await;
    let client = host.client();
    let at = "/deviceUpdate/blue/updates";
    let query = UpdateQuery {
        search: Some("toaster v1".to_owned()),
        deployable: Some(true),
    };
    client.all(&client.updates(&query).unwrap()).await.unwrap();
    assert_eq!(
        host.last().line(),
        format!("GET {at}{CURRENT}&search=toaster%20v1&filter=isDeployable%20eq%20true")
    );
    client
        .all(&client.updates(&UpdateQuery::default()).unwrap())
        .await
        .unwrap();
    assert_eq!(line(&host), format!("GET {at}"));
    client.update(&id()).await.unwrap();
    assert_eq!(
        line(&host),
        format!("GET {at}/providers/p/names/n/versions/1.0")
    );
    client.update_unless(&id(), Some("\"t\"")).await.unwrap();
    assert_eq!(host.last().header("if-none-match"), Some("\"t\""));
    client.all(&client.files(&id()).unwrap()).await.unwrap();
    assert_eq!(
        line(&host),
        format!("GET {at}/providers/p/names/n/versions/1.0/files")
    );
    client.file(&id(), "f1").await.unwrap();
    assert_eq!(
        line(&host),
        format!("GET {at}/providers/p/names/n/versions/1.0/files/f1")
    );
    client.all(&client.providers().unwrap()).await.unwrap();
    assert_eq!(line(&host), format!("GET {at}/providers"));
    client.all(&client.names("p").unwrap()).await.unwrap();
    assert_eq!(line(&host), format!("GET {at}/providers/p/names"));
    client
        .all(&client.versions("p", "n").unwrap())
        .await
        .unwrap();
    assert_eq!(
        line(&host),
        format!("GET {at}/providers/p/names/n/versions")
    );
    client.delete_update(&id()).await.unwrap();
    assert_eq!(
        line(&host),
        format!("DELETE {at}/providers/p/names/n/versions/1.0")
    );
}

#[tokio::test]
async fn older_versions_have_paths_of_their_own() {
    let host = host().await;
    for (version, update, classes, compliance) in [
        (
            ApiVersion::V2021_06_01Preview,
            "/deviceupdate/blue/updates/providers/p/names/n/versions/1.0?api-version=2021-06-01-preview",
            "/deviceupdate/blue/management/deviceclasses/c/installableupdates?api-version=2021-06-01-preview",
            "/deviceupdate/blue/management/updatecompliance?api-version=2021-06-01-preview",
        ),
        (
            ApiVersion::LegacyV2,
            "/deviceupdate/blue/v2/updates/providers/p/names/n/versions/1.0",
            "/deviceupdate/blue/v2/management/deviceclasses/c/installableupdates",
            "/deviceupdate/blue/v2/management/updatecompliance",
        ),
        (
            ApiVersion::V2022_10_01,
            "/deviceUpdate/blue/updates/providers/p/names/n/versions/1.0?api-version=2022-10-01",
            "/deviceUpdate/blue/management/deviceClasses/c/installableUpdates?api-version=2022-10-01",
            "/deviceUpdate/blue/management/updateCompliance?api-version=2022-10-01",
        ),
    ] {
        let client = host.client_of(version);
        client.update(&id()).await.unwrap();
        assert_eq!(host.last().line(), format!("GET {update}"));
        client
            .all(&client.installable_updates("c").unwrap())
            .await
            .unwrap();
        assert_eq!(host.last().line(), format!("GET {classes}"));
        client.compliance().await.unwrap();
        assert_eq!(host.last().line(), format!("GET {compliance}"));
    }
    let preview = host.client_of(ApiVersion::V2023_10_01Preview);
    preview.limits().await.unwrap();
    assert_eq!(
        host.last().line(),
        "GET /deviceUpdate/blue/limits?api-version=2023-10-01-preview"
    );
}

#[tokio::test]
async fn a_filter_has_its_dollar_sign_in_the_first_generation_only() {
    let host = host().await;
    let query = DeviceQuery {
        group: Some("g".to_owned()),
        ..DeviceQuery::default()
    };
    for (version, key) in [
        (ApiVersion::LegacyV2, "$filter="),
        (ApiVersion::V2022_10_01, "&filter="),
    ] {
        let client = host.client_of(version);
        client.all(&client.devices(&query).unwrap()).await.unwrap();
        let line = host.last().line();
        assert!(
            line.contains(&format!("{key}groupId%20eq%20%27g%27")),
            "{line}"
        );
    }
}

#[tokio::test]
async fn devices_and_their_classes_are_at_their_paths() {
    let host = host().await;
    let client = host.client();
    let at = "/deviceUpdate/blue/management";
    let query = DeviceQuery {
        group: Some("it's".to_owned()),
        class: Some("c".to_owned()),
        deployment_status: Some("Failed".to_owned()),
    };
    client.all(&client.devices(&query).unwrap()).await.unwrap();
    assert_eq!(
        line(&host),
        format!(
            "GET {at}/devices?filter=groupId%20eq%20%27it%27%27s%27%20and%20deviceClassId%20eq%20%27c%27%20and%20deploymentStatus%20eq%20%27Failed%27"
        )
    );
    client.device("d/1").await.unwrap();
    assert_eq!(line(&host), format!("GET {at}/devices/d%2F1"));
    client.device_module("d", "m").await.unwrap();
    assert_eq!(line(&host), format!("GET {at}/devices/d/modules/m"));
    for (what, word) in [
        (DeviceImport::All, "\"All\""),
        (DeviceImport::Devices, "\"Devices\""),
        (DeviceImport::Modules, "\"Modules\""),
    ] {
        client.import_devices(what).await.unwrap();
        assert_eq!(line(&host), format!("POST {at}/devices:import"));
        assert_eq!(host.last().body, word.as_bytes(), "a bare text");
    }
    client
        .all(&client.device_operations().unwrap())
        .await
        .unwrap();
    assert_eq!(line(&host), format!("GET {at}/operations"));
    client
        .all(&client.device_classes(Some("toasters")).unwrap())
        .await
        .unwrap();
    assert_eq!(
        line(&host),
        format!("GET {at}/deviceClasses?filter=friendlyName%20eq%20%27toasters%27")
    );
    client.device_class("c").await.unwrap();
    assert_eq!(line(&host), format!("GET {at}/deviceClasses/c"));
    client
        .rename_device_class("c", "toasters-1.0")
        .await
        .unwrap();
    assert_eq!(line(&host), format!("PATCH {at}/deviceClasses/c"));
    assert_eq!(
        host.last().header("content-type"),
        Some("application/merge-patch+json")
    );
    assert_eq!(
        host.last().json(),
        json!({ "friendlyName": "toasters-1.0" })
    );
    client.delete_device_class("c").await.unwrap();
    assert_eq!(line(&host), format!("DELETE {at}/deviceClasses/c"));
    assert!(client.rename_device_class("c", "two words").await.is_err());
}

#[tokio::test]
async fn groups_and_what_is_known_of_them_are_at_their_paths() {
    let host = host().await;
    let client = host.client();
    let at = "/deviceUpdate/blue/management";
    client
        .all(&client.groups(Some("deviceCount desc")).unwrap())
        .await
        .unwrap();
    assert_eq!(
        line(&host),
        format!("GET {at}/groups?orderby=deviceCount%20desc")
    );
    client.group("$default").await.unwrap();
    assert_eq!(line(&host), format!("GET {at}/groups/$default"));
    client.delete_group("g").await.unwrap();
    assert_eq!(line(&host), format!("DELETE {at}/groups/g"));
    let list = client
        .subgroups("g", Some(("manufacturer", "Contoso")))
        .unwrap();
    client.all(&list).await.unwrap();
    assert_eq!(
        line(&host),
        format!(
            "GET {at}/groups/g/deviceClassSubgroups?filter=compatProperties%2Fmanufacturer%20eq%20%27Contoso%27"
        )
    );
    client.subgroup("g", "c").await.unwrap();
    assert_eq!(
        line(&host),
        format!("GET {at}/groups/g/deviceClassSubgroups/c")
    );
    client.delete_subgroup("g", "c").await.unwrap();
    assert_eq!(
        line(&host),
        format!("DELETE {at}/groups/g/deviceClassSubgroups/c")
    );
    client.compliance().await.unwrap();
    assert_eq!(line(&host), format!("GET {at}/updateCompliance"));
    client.group_compliance("g").await.unwrap();
    assert_eq!(line(&host), format!("GET {at}/groups/g/updateCompliance"));
    client.subgroup_compliance("g", "c").await.unwrap();
    assert_eq!(
        line(&host),
        format!("GET {at}/groups/g/deviceClassSubgroups/c/updateCompliance")
    );
    client
        .all(&client.best_updates("g").unwrap())
        .await
        .unwrap();
    assert_eq!(line(&host), format!("GET {at}/groups/g/bestUpdates"));
    client.best_update_of_subgroup("g", "c").await.unwrap();
    assert_eq!(
        line(&host),
        format!("GET {at}/groups/g/deviceClassSubgroups/c/bestUpdates")
    );
}

fn deployment() -> NewDeployment {
    NewDeployment {
        id: "dep1".to_owned(),
        group: "grp".to_owned(),
        update: id(),
        start: "2026-01-01T00:00:00Z".to_owned(),
        download_security: None,
        rollback: None,
    }
}

#[tokio::test]
async fn a_deployment_is_made_watched_cancelled_and_deleted_at_its_paths() {
    let host = host().await;
    let client = host.client();
    let at = "/deviceUpdate/blue/management/groups/grp/deployments";
    client
        .all(&client.deployments("grp", true).unwrap())
        .await
        .unwrap();
    assert_eq!(
        line(&host),
        format!("GET {at}?orderby=startDateTime%20desc")
    );
    let new = NewDeployment {
        download_security: Some(DownloadSecurity::Http),
        rollback: Some(RollbackPolicy {
            update: UpdateInfo {
                update_id: UpdateId {
                    version: "0.9".to_owned(),
                    ..id()
                },
                ..UpdateInfo::default()
            },
            failure: RollbackFailure {
                devices_failed_percentage: Some(50),
                devices_failed_count: Some(100),
            },
        }),
        ..deployment()
    };
    client.put_deployment(&new).await.unwrap();
    assert_eq!(line(&host), format!("PUT {at}/dep1"));
    assert_eq!(
        host.last().json(),
        json!({
            "deploymentId": "dep1", "startDateTime": "2026-01-01T00:00:00Z", "groupId": "grp",
            "update": { "updateId": { "provider": "p", "name": "n", "version": "1.0" } },
            "downloadSecurity": "http",
            "rollbackPolicy": {
                "update": { "updateId": { "provider": "p", "name": "n", "version": "0.9" } },
                "failure": { "devicesFailedPercentage": 50, "devicesFailedCount": 100 },
            },
        })
    );
    client.deployment("grp", "dep1").await.unwrap();
    assert_eq!(line(&host), format!("GET {at}/dep1"));
    client.deployment_status("grp", "dep1").await.unwrap();
    assert_eq!(line(&host), format!("GET {at}/dep1/status"));
    client.delete_deployment("grp", "dep1").await.unwrap();
    assert_eq!(line(&host), format!("DELETE {at}/dep1"));
}

#[tokio::test]
async fn cancel_and_retry_belong_to_a_subgroup_and_have_no_body() {
    let host = host().await;
    let client = host.client();
    let at = "/deviceUpdate/blue/management/groups/grp/deviceClassSubgroups/dc1/deployments";
    let here = SubgroupDeployment {
        group: "grp",
        class: "dc1",
        deployment: "dep1",
    };
    client.cancel_deployment(here).await.unwrap();
    assert_eq!(line(&host), format!("POST {at}/dep1:cancel"));
    assert!(host.last().body.is_empty());
    assert_eq!(host.last().header("content-length"), Some("0"));
    client.retry_deployment(here).await.unwrap();
    assert_eq!(line(&host), format!("POST {at}/dep1:retry"));
    client
        .all(&client.subgroup_deployments("grp", "dc1").unwrap())
        .await
        .unwrap();
    assert_eq!(line(&host), format!("GET {at}"));
    client.subgroup_deployment(here).await.unwrap();
    assert_eq!(line(&host), format!("GET {at}/dep1"));
    client.subgroup_deployment_status(here).await.unwrap();
    assert_eq!(line(&host), format!("GET {at}/dep1/status"));
    let failed = DeploymentDeviceQuery {
        state: Some("Failed".to_owned()),
        ..DeploymentDeviceQuery::default()
    };
    client
        .all(&client.deployment_devices(here, &failed).unwrap())
        .await
        .unwrap();
    assert_eq!(
        line(&host),
        format!("GET {at}/dep1/devicestates?filter=deviceState%20eq%20%27Failed%27")
    );
    client.delete_subgroup_deployment(here).await.unwrap();
    assert_eq!(line(&host), format!("DELETE {at}/dep1"));
}

#[tokio::test]
async fn a_deployment_of_2021_has_its_update_at_the_top_and_no_security() {
    let host = host().await;
    let earlier = host.client_of(ApiVersion::V2021_06_01Preview);
    earlier.put_deployment(&deployment()).await.unwrap();
    assert_eq!(
        host.last().json()["updateId"],
        json!({ "provider": "p", "name": "n", "version": "1.0" })
    );
    let with_security = NewDeployment {
        download_security: Some(DownloadSecurity::Https),
        ..deployment()
    };
    let stable = host.client_of(ApiVersion::V2022_10_01);
    assert!(stable.put_deployment(&with_security).await.is_err());
    assert_eq!(host.requests().len(), 1);
}

#[tokio::test]
async fn logs_and_health_are_at_their_paths() {
    let host = host().await;
    let client = host.client();
    let at = "/deviceUpdate/blue/management/deviceDiagnostics";
    let devices = [LogDevice {
        device_id: "d".to_owned(),
        module_id: Some("m".to_owned()),
    }];
    client
        .collect_logs("l1", &devices, Some("why"))
        .await
        .unwrap();
    assert_eq!(line(&host), format!("PUT {at}/logCollections/l1"));
    assert_eq!(
        host.last().json(),
        json!({ "deviceList": [{ "deviceId": "d", "moduleId": "m" }], "description": "why" })
    );
    client.log_collection("l1").await.unwrap();
    assert_eq!(line(&host), format!("GET {at}/logCollections/l1"));
    client.log_collection_status("l1").await.unwrap();
    assert_eq!(
        line(&host),
        format!("GET {at}/logCollections/l1/detailedStatus")
    );
    client
        .all(&client.log_collections().unwrap())
        .await
        .unwrap();
    assert_eq!(line(&host), format!("GET {at}/logCollections"));
    client
        .all(&client.device_health(&HealthQuery::Unhealthy).unwrap())
        .await
        .unwrap();
    assert_eq!(
        line(&host),
        format!("GET {at}/deviceHealth?filter=state%20eq%20%27unhealthy%27")
    );
    assert!(client.collect_logs("l1", &[], None).await.is_err());
}

#[tokio::test]
async fn a_list_is_read_over_its_pages_with_the_accounts_version() {
    let host = Recorder::start(|request, _| {
        if request.target.contains("skipToken") {
            Answer::new(200, r#"{"value":["b"]}"#)
        } else {
            Answer::new(
                200,
                r#"{"value":["a"],"nextLink":"/deviceUpdate/blue/updates/providers?api-version=2022-10-01&$skipToken=skip1"}"#,
            )
        }
    })
    .await;
    let client = host.client();
    let all = client.all(&client.providers().unwrap()).await.unwrap();
    assert_eq!(all, ["a", "b"]);
    assert_eq!(
        host.lines()[1],
        "GET /deviceUpdate/blue/updates/providers?api-version=2026-06-01&$skipToken=skip1"
    );
}

#[tokio::test]
async fn the_files_of_an_update_come_with_sizes_and_hashes() {
    let host = Recorder::start(|request, _| {
        if request.target.contains("/files?") {
            return Answer::new(200, r#"{"value":["f1","f2"]}"#);
        }
        Answer::new(
            200,
            r#"{"fileId":"f","fileName":"a.bin","sizeInBytes":5,"hashes":{"sha256":"x"}}"#,
        )
    })
    .await;
    let files = host.client().files_of(&id()).await.unwrap();
    assert_eq!(files.len(), 2);
    assert!(files.iter().all(|file| file.size_in_bytes == Some(5)));
    assert_eq!(host.requests().len(), 3);
}
