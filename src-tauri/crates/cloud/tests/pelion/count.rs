//! How many devices match: the number that a campaign is started by. What the service leaves out
//! never becomes one.

use firmdrop_cloud::pelion::blast_radius::{
    BlastManifest, BlastRequest, ManifestFacts, blast_radius,
};
use firmdrop_cloud::pelion::{Collection, FilterText, PelionError};
use firmdrop_core::{Code, Diagnose as _};
use serde_json::{Value, json};

use crate::fleet::{device, page};
use crate::recorder::{Recorded, Recorder};

/// A host with so many devices whose pages are changed on their way.
async fn host(devices: u32, change: fn(&mut Value)) -> Recorder {
    let all: Vec<_> = (0..devices).map(device).collect();
    Recorder::start(move |request: &Recorded| {
        if !request.target.starts_with("/v3/devices") {
            return (200, json!({"has_more": false, "data": []}).to_string());
        }
        let (status, text) = page(request, &all);
        let mut page: Value = serde_json::from_str(&text).unwrap();
        change(&mut page);
        (status, page.to_string())
    })
    .await
}

fn uncounted(page: &mut Value) {
    page.as_object_mut().unwrap().remove("total_count");
}

async fn counted(host: &Recorder) -> Result<u64, PelionError> {
    let filter = FilterText::parse("state__eq=registered", Collection::Devices).unwrap();
    host.pelion().count_devices(&filter).await
}

#[tokio::test]
async fn what_the_service_counts_takes_one_small_request() {
    let host = host(9, |_| ()).await;
    assert_eq!(counted(&host).await.unwrap(), 9);
    assert_eq!(host.requests().len(), 1);
    assert_eq!(host.last().parameter("limit"), Some("2"));
}

#[tokio::test]
async fn devices_are_counted_to_the_end_where_the_service_does_not_count_them() {
    assert_eq!(counted(&host(9, uncounted).await).await.unwrap(), 9);
    assert_eq!(counted(&host(2001, uncounted).await).await.unwrap(), 2001);
    assert_eq!(counted(&host(0, uncounted).await).await.unwrap(), 0);
    let null = host(9, |page| page["total_count"] = Value::Null).await;
    assert_eq!(counted(&null).await.unwrap(), 9);
}

#[tokio::test]
async fn a_full_page_is_not_taken_for_all_when_nothing_says_whether_more_follow() {
    let host = host(1500, |page| {
        uncounted(page);
        page.as_object_mut().unwrap().remove("has_more");
    });
    assert_eq!(counted(&host.await).await.unwrap(), 1500);
}

#[tokio::test]
async fn a_count_that_contradicts_its_own_page_is_not_believed() {
    let host = host(9, |page| page["total_count"] = json!(1));
    assert_eq!(counted(&host.await).await.unwrap(), 9);
}

#[tokio::test]
async fn a_list_without_an_end_is_no_number() {
    let host = host(3, |page| {
        uncounted(page);
        page["has_more"] = json!(true);
    })
    .await;
    let error = counted(&host).await.unwrap_err();
    assert!(
        matches!(error, PelionError::CountUnknown { listed: 3 }),
        "{error:?}"
    );
    let diagnosis = error.diagnose();
    assert_eq!(diagnosis.code, Code::AnswerUnreadable);
    assert!(diagnosis.state_now.contains("Nothing was started"));

    let request = BlastRequest {
        filter: "state__eq=registered".to_owned(),
        manifest: BlastManifest::Facts(ManifestFacts::default()),
        ..BlastRequest::default()
    };
    let radius = blast_radius(&host.pelion(), &request, &|_| ())
        .await
        .unwrap();
    assert!(!radius.may_start());
    assert!(
        radius
            .blockers
            .iter()
            .any(|note| note.key == "count_unknown")
    );
}

#[tokio::test]
async fn a_blast_radius_counts_every_device_where_the_service_counts_none() {
    let host = host(2500, uncounted).await;
    let request = BlastRequest {
        filter: "state__eq=registered".to_owned(),
        manifest: BlastManifest::Facts(ManifestFacts::default()),
        ..BlastRequest::default()
    };
    let radius = blast_radius(&host.pelion(), &request, &|_| ())
        .await
        .unwrap();
    assert_eq!(radius.expected_devices, 2500);
    assert!(radius.may_start(), "{:?}", radius.blockers);
}
