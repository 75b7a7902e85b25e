//! Verb, path, query and body of every operation.

use firmdrop_cloud::pelion::{
    CampaignChange, CampaignDraft, Collection, FilterDialect, FilterText, ListQuery, NewManifest,
    PelionError, Strategy,
};
use firmdrop_core::{Code, Diagnose};

use crate::recorder::Recorder;

const ID: &str = "0165aabb000000000000000100100001";
const OBJECT: &str = r#"{"id":"0165aabb000000000000000100100001","name":"n"}"#;
const LIST: &str =
    r#"{"object":"list","limit":50,"after":null,"order":"ASC","has_more":false,"data":[]}"#;

#[tokio::test]
async fn a_manifest_goes_out_as_a_form_with_its_exact_bytes() {
    let host = Recorder::says(201, OBJECT).await;
    let manifest = NewManifest {
        name: "puck 1.42",
        description: "d",
        file_name: "puck.manifest",
    };
    let bytes = vec![0x30, 0x81, 0x00, 0xff];
    let stored = host
        .pelion()
        .post_firmware_manifest(manifest, bytes.clone())
        .await
        .unwrap();
    assert_eq!(stored.id, ID);
    let request = host.last();
    assert_eq!(request.line(), "POST /v3/firmware-manifests");
    assert_eq!(request.header("authorization"), Some("Bearer ak_secret"));
    assert!(
        request
            .header("content-type")
            .unwrap()
            .starts_with("multipart/form-data")
    );
    let body = String::from_utf8_lossy(&request.body).into_owned();
    for part in [
        r#"name="name""#,
        "puck 1.42",
        r#"name="datafile"; filename="puck.manifest""#,
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    assert!(request.body.windows(4).any(|window| window == bytes));
}

#[tokio::test]
async fn each_object_is_listed_viewed_and_deleted_at_its_path() {
    let lists = Recorder::says(200, LIST).await;
    let pelion = lists.pelion();
    let query = ListQuery::default();
    pelion.firmware_manifests(&query).await.unwrap();
    pelion.update_campaigns(&query).await.unwrap();
    pelion.campaign_devices(ID, &query).await.unwrap();
    pelion.campaign_statistics(ID).await.unwrap();
    pelion.campaign_event_types(ID, "fail").await.unwrap();
    pelion.devices(&query).await.unwrap();
    pelion.device_queries(&query).await.unwrap();
    pelion.device_groups(&query).await.unwrap();
    pelion.group_devices(ID, &query).await.unwrap();
    pelion.device_events(&query).await.unwrap();
    let expected = [
        "firmware-manifests".to_owned(),
        "update-campaigns".to_owned(),
        format!("update-campaigns/{ID}/campaign-device-metadata"),
        format!("update-campaigns/{ID}/statistics"),
        format!("update-campaigns/{ID}/statistics/fail/event_types"),
        "devices".to_owned(),
        "device-queries".to_owned(),
        "device-groups".to_owned(),
        format!("device-groups/{ID}/devices"),
        "device-events".to_owned(),
    ];
    assert_eq!(
        lists.lines(),
        expected.map(|path| format!("GET /v3/{path}"))
    );

    let objects = Recorder::says(200, OBJECT).await;
    let pelion = objects.pelion();
    pelion.firmware_manifest(ID).await.unwrap();
    pelion.update_campaign(ID).await.unwrap();
    pelion.device(ID).await.unwrap();
    pelion.device_query(ID).await.unwrap();
    pelion.device_group(ID).await.unwrap();
    pelion.device_event(ID).await.unwrap();
    let collections = [
        "firmware-manifests",
        "update-campaigns",
        "devices",
        "device-queries",
        "device-groups",
        "device-events",
    ];
    assert_eq!(
        objects.lines(),
        collections.map(|one| format!("GET /v3/{one}/{ID}"))
    );

    let gone = Recorder::says(204, "").await;
    let pelion = gone.pelion();
    pelion.delete_firmware_manifest(ID).await.unwrap();
    pelion.delete_campaign(ID).await.unwrap();
    pelion.delete_device_query(ID).await.unwrap();
    pelion.delete_device_group(ID).await.unwrap();
    let collections = [
        "firmware-manifests",
        "update-campaigns",
        "device-queries",
        "device-groups",
    ];
    assert_eq!(
        gone.lines(),
        collections.map(|one| format!("DELETE /v3/{one}/{ID}"))
    );
}

#[tokio::test]
async fn a_campaign_is_created_and_changed_with_only_what_was_given() {
    let host = Recorder::says(201, OBJECT).await;
    let draft = CampaignDraft {
        name: "Puck".to_owned(),
        device_filter: "id__eq=a%26b".to_owned(),
        root_manifest_id: Some(ID.to_owned()),
        campaign_strategy: Strategy::Continuous,
        autostop_success_percent: Some(95.5),
        ..CampaignDraft::default()
    };
    host.pelion().create_campaign(&draft).await.unwrap();
    let request = host.last();
    assert_eq!(request.line(), "POST /v3/update-campaigns");
    assert_eq!(request.header("content-type"), Some("application/json"));
    let expected = serde_json::json!({
        "name": "Puck", "description": "", "device_filter": "id__eq=a%26b", "root_manifest_id": ID,
        "campaign_strategy": "continuous", "autostop_success_percent": 95.5,
    });
    assert_eq!(request.json(), expected);

    let change = CampaignChange {
        device_filter: Some("state=registered".to_owned()),
        ..CampaignChange::default()
    };
    host.pelion().change_campaign(ID, &change).await.unwrap();
    let request = host.last();
    assert_eq!(request.line(), format!("PUT /v3/update-campaigns/{ID}"));
    assert_eq!(
        request.json(),
        serde_json::json!({ "device_filter": "state=registered" })
    );
}

#[tokio::test]
async fn start_stop_and_archive_are_posts_of_no_bytes_whatever_the_answer_holds() {
    for body in ["", OBJECT] {
        let host = Recorder::says(202, body).await;
        let pelion = host.pelion();
        pelion.start_campaign(ID).await.unwrap();
        pelion.stop_campaign(ID).await.unwrap();
        pelion.archive_campaign(ID).await.unwrap();
        let expected = ["start", "stop", "archive"]
            .map(|verb| format!("POST /v3/update-campaigns/{ID}/{verb}"));
        assert_eq!(host.lines(), expected);
        for request in host.requests() {
            assert_eq!(request.header("content-length"), Some("0"));
        }
    }
}

#[tokio::test]
async fn queries_and_groups_are_written_as_the_contract_says() {
    let host = Recorder::says(200, OBJECT).await;
    let pelion = host.pelion();
    pelion
        .create_device_query("mine", "state=registered")
        .await
        .unwrap();
    assert_eq!(
        host.last().json(),
        serde_json::json!({"name":"mine","query":"state=registered"})
    );
    pelion
        .change_device_query(ID, "mine", "id=1")
        .await
        .unwrap();
    assert_eq!(host.last().line(), format!("PUT /v3/device-queries/{ID}"));
    pelion.create_device_group("g", "").await.unwrap();
    pelion
        .change_device_group(ID, Some("h"), None)
        .await
        .unwrap();
    assert_eq!(host.last().json(), serde_json::json!({"name":"h"}));
    pelion.add_device_to_group(ID, "d1").await.unwrap();
    assert_eq!(
        host.last().line(),
        format!("POST /v3/device-groups/{ID}/devices/add")
    );
    assert_eq!(host.last().json(), serde_json::json!({"device_id":"d1"}));
    pelion.remove_device_from_group(ID, "d1").await.unwrap();
    assert_eq!(
        host.last().line(),
        format!("POST /v3/device-groups/{ID}/devices/remove")
    );
}

#[tokio::test]
async fn a_filter_stands_on_the_wire_exactly_as_each_dialect_wants_it() {
    let host = Recorder::says(200, LIST).await;
    let filter = FilterText::parse(
        "name__eq=a%2Bb%20c%26d&custom_attributes__ort=Zürich",
        Collection::Devices,
    )
    .unwrap();
    let query = ListQuery::default().limit(1000).matching(&filter);
    host.pelion().devices(&query).await.unwrap();
    assert_eq!(
        host.last().target,
        "/v3/devices?limit=1000&name__eq=a%2Bb%20c%26d&custom_attributes__ort=Z%C3%BCrich"
    );
    let query = query.dialect(FilterDialect::OneParameter);
    host.pelion().devices(&query).await.unwrap();
    assert_eq!(
        host.last().target,
        "/v3/devices?limit=1000&filter=name__eq%3Da%252Bb%2520c%2526d%26custom_attributes__ort%3DZ%25C3%25BCrich"
    );
}

#[tokio::test]
async fn an_address_that_is_too_long_is_refused_before_anything_is_sent() {
    let host = Recorder::says(200, LIST).await;
    let text = format!("id__in={}", vec![ID; 200].join(","));
    let filter = FilterText::parse(&text, Collection::Devices).unwrap();
    let error = host
        .pelion()
        .devices(&ListQuery::default().matching(&filter))
        .await
        .unwrap_err();
    assert!(
        matches!(error, PelionError::AddressTooLong { .. }),
        "{error:?}"
    );
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::FilterUnreadable);
    assert!(!diagnosis.remedies.is_empty());
    assert!(host.requests().is_empty());
}

#[tokio::test]
async fn a_manifests_bytes_are_fetched_without_the_access_key_and_within_bounds() {
    let host = Recorder::says(200, "0123").await;
    let url = format!("http://{}/fw/m?sig=s", host.address);
    assert_eq!(
        host.pelion().firmware_manifest_bytes(&url).await.unwrap(),
        b"0123"
    );
    assert_eq!(host.last().header("authorization"), None);

    let large = Recorder::says(200, &"x".repeat(70_000)).await;
    let url = format!("http://{}/fw/m", large.address);
    let error = large
        .pelion()
        .firmware_manifest_bytes(&url)
        .await
        .unwrap_err();
    assert_eq!(error.diagnose().code, Code::TooLarge);

    let elsewhere = host
        .pelion()
        .firmware_manifest_bytes("http://10.0.0.1/m")
        .await
        .unwrap_err();
    assert_eq!(elsewhere.diagnose().code, Code::DownloadFailed);
}

#[tokio::test]
async fn a_page_of_a_thousand_devices_with_all_of_their_fields_is_read() {
    let attributes: Vec<_> = (0..5)
        .map(|n| format!(r#""key{n}":"{}""#, "v".repeat(128)))
        .collect();
    let device = |n: u32| {
        format!(
            r#"{{"id":"{n:032x}","name":"{}","description":"{}","custom_attributes":{{{}}}}}"#,
            "n".repeat(128),
            "d".repeat(1000),
            attributes.join(",")
        )
    };
    let devices: Vec<_> = (0..1000).map(device).collect();
    let page = format!(
        r#"{{"data":[{}],"has_more":false,"limit":1000}}"#,
        devices.join(",")
    );
    assert!(page.len() > 1024 * 1024);
    let host = Recorder::says(200, &page).await;
    let read = host
        .pelion()
        .devices(&ListQuery::default().limit(1000))
        .await
        .unwrap();
    assert_eq!(read.data.len(), 1000);
}
