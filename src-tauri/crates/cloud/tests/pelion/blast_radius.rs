//! Whom a campaign would touch: numbers, words, and the requests that they take.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use firmdrop_cloud::pelion::{
    Strategy,
    blast_radius::{BlastManifest, BlastRadius, BlastRequest, ManifestFacts, blast_radius},
};
use firmdrop_core::{Code, Diagnose};
use serde_json::{Value, json};

use crate::{
    fleet::{CLASS, VENDOR, campaign, device, id, member, page},
    recorder::{Recorded, Recorder},
};

fn facts() -> BlastManifest {
    BlastManifest::Facts(ManifestFacts {
        vendor_id: Some("cfbff0d1-9375-5685-968c-48ce8b15ae17".to_owned()),
        class_id: Some(CLASS.to_uppercase()),
        version: Some("1.42.0".to_owned()),
        ..ManifestFacts::default()
    })
}

fn request() -> BlastRequest {
    BlastRequest {
        filter: format!("device_class__eq={CLASS}"),
        manifest: facts(),
        ..BlastRequest::default()
    }
}

async fn found(host: &Recorder, request: BlastRequest) -> BlastRadius {
    let pelion = host.pelion();
    // In a task of its own, as a job does it.
    let task = tokio::spawn(async move { blast_radius(&pelion, &request, &|_| ()).await });
    let radius = task.await.unwrap().unwrap();
    assert_eq!(radius.requests as usize, host.requests().len());
    radius
}

/// A service with these devices and campaigns; campaign 1 has these members.
async fn service(devices: Vec<Value>, campaigns: Vec<Value>, members: Vec<Value>) -> Recorder {
    Recorder::start(move |request: &Recorded| {
        let path = request.target.split('?').next().unwrap_or_default();
        match path {
            "/v3/devices" => page(request, &devices),
            "/v3/update-campaigns" => page(request, &campaigns),
            _ if path.ends_with("/campaign-device-metadata") && path.contains(&id(1)) => {
                page(request, &members)
            }
            _ => (404, "{}".to_owned()),
        }
    })
    .await
}

fn keys(notes: &[firmdrop_cloud::pelion::blast_radius::BlastNote]) -> Vec<&str> {
    notes.iter().map(|note| note.key.as_str()).collect()
}

#[tokio::test]
async fn every_device_is_in_one_kind_and_the_number_to_type_is_all_that_match() {
    let mut devices: Vec<_> = (0..10).map(device).collect();
    devices[0]["vendor_id"] = "00".into();
    devices[1]["device_class"] = "00".into();
    devices[2]["component_attributes"]["MAIN"] = "1.42.0".into();
    devices[3]["component_attributes"]["MAIN"] = "2.0.0".into();
    devices[4]["vendor_id"] = Value::Null;
    devices[5]["state"] = "deregistered".into();
    devices[6]["lifecycle_status"] = "blocked".into();
    devices[7]["component_attributes"] = Value::Null;
    devices[7]["bootstrapped_timestamp"] = Value::Null;
    let host = service(devices, vec![campaign(1, "stopped")], Vec::new()).await;
    let radius = found(&host, request()).await;
    let counts = [
        &radius.matching,
        &radius.wrong_vendor,
        &radius.wrong_class,
        &radius.up_to_date,
        &radius.newer,
        &radius.cannot_tell,
        &radius.fits,
    ]
    .map(|kind| kind.count);
    assert_eq!(counts, [10, 1, 1, 1, 1, 1, 5]);
    assert_eq!(radius.expected_devices, 10);
    assert_eq!((radius.not_registered.count, radius.blocked.count), (1, 1));
    assert_eq!(
        (radius.version_unknown.count, radius.last_seen_unknown.count),
        (1, 1)
    );
    assert!(radius.may_start() && radius.in_other_campaigns.count == 0);
    let warnings = keys(&radius.warnings);
    for key in [
        "wrong_vendor",
        "wrong_class",
        "up_to_date",
        "newer",
        "not_registered",
        "blocked",
        "cannot_tell",
    ] {
        assert!(warnings.contains(&key), "{key} in {warnings:?}");
    }
}

#[tokio::test]
async fn no_request_is_made_that_the_data_does_not_need() {
    let nothing = service(Vec::new(), Vec::new(), Vec::new()).await;
    let without = BlastRequest::default();
    let radius = found(&nothing, without).await;
    assert_eq!(
        keys(&radius.blockers),
        ["manifest_missing", "filter_missing"]
    );
    assert!(nothing.requests().is_empty());

    let radius = found(&nothing, request()).await;
    assert_eq!(keys(&radius.blockers), ["no_device_matches"]);
    assert_eq!(nothing.requests().len(), 1, "{:?}", nothing.lines());

    let quiet = service(
        vec![device(1)],
        vec![campaign(1, "stopped"), campaign(2, "draft")],
        Vec::new(),
    )
    .await;
    found(&quiet, request()).await;
    let paths: Vec<_> = quiet
        .requests()
        .iter()
        .map(|r| r.target.split('?').next().unwrap().to_owned())
        .collect();
    assert_eq!(paths, ["/v3/devices", "/v3/update-campaigns"]);
}

#[tokio::test]
async fn the_manifest_is_asked_for_only_when_its_facts_are_not_known() {
    let host =
        Recorder::start(
            |request: &Recorded| match request.target.split('?').next().unwrap() {
                "/v3/devices" => page(request, &[device(1)]),
                "/v3/update-campaigns" => page(request, &[]),
                _ => (
                    200,
                    json!({"id": id(9), "device_class": CLASS, "device_vendor": VENDOR})
                        .to_string(),
                ),
            },
        )
        .await;
    let radius = found(
        &host,
        BlastRequest {
            manifest: BlastManifest::Id(id(9)),
            ..request()
        },
    )
    .await;
    assert_eq!(radius.fits.count, 1);
    assert_eq!(
        host.lines()[0],
        format!("GET /v3/firmware-manifests/{}", id(9))
    );
    assert_eq!(host.requests().len(), 3);
}

#[tokio::test]
async fn a_one_shot_campaign_is_stopped_by_a_running_one_and_a_continuous_one_takes_over() {
    let members = vec![
        member(1, "pending"),
        member(2, "deployed"),
        member(3, "manifestremoved"),
        member(77, "pending"),
    ];
    let campaigns = vec![campaign(1, "active"), campaign(2, "archived")];
    let host = service((0..5).map(device).collect(), campaigns, members).await;
    let radius = found(&host, request()).await;
    assert_eq!(radius.in_other_campaigns.count, 2);
    assert_eq!(keys(&radius.blockers), ["in_other_campaign"]);
    let text = &radius.blockers[0].text;
    assert!(
        text.contains("2 devices are in the running campaign “campaign 1”")
            && text.contains("fail to start"),
        "{text}"
    );
    assert_eq!(radius.campaigns[0].devices.sample.len(), 2);

    let continuous = BlastRequest {
        strategy: Strategy::Continuous,
        ..request()
    };
    let radius = found(&host.anew(), continuous.clone()).await;
    assert!(radius.may_start());
    assert!(radius.warnings[0].text.contains("taken over"));

    let itself = BlastRequest {
        campaign_id: Some(id(1)),
        ..request()
    };
    let radius = found(&host.anew(), itself).await;
    assert_eq!(radius.in_other_campaigns.count, 0);
}

#[tokio::test]
async fn a_campaign_that_has_no_list_yet_is_judged_by_its_filter() {
    let mut starting = campaign(2, "starting");
    starting["device_filter"] = format!("id__in={},{}", id(1), id(2)).into();
    let mut strange = campaign(3, "active");
    strange["device_filter"] = "what ever".into();
    let host = service(
        (0..5).map(device).collect(),
        vec![starting, strange],
        Vec::new(),
    )
    .await;
    let radius = found(&host, request()).await;
    assert_eq!(radius.in_other_campaigns.count, 2);
    assert!(radius.campaigns[0].is_estimate);
    assert!(radius.may_start(), "an estimate does not block");
    let warnings = keys(&radius.warnings);
    assert!(
        warnings.contains(&"in_other_campaign") && warnings.contains(&"campaign_not_known"),
        "{warnings:?}"
    );
}

#[tokio::test]
async fn a_campaign_whose_devices_have_all_left_it_is_not_judged_by_its_filter() {
    let mut left = campaign(1, "active");
    left["device_filter"] = format!("id__in={}", id(1)).into();
    let members = vec![member(1, "manifestremoved")];
    let host = service((0..5).map(device).collect(), vec![left], members).await;
    let radius = found(&host, request()).await;
    assert_eq!(
        (radius.in_other_campaigns.count, radius.campaigns.len()),
        (0, 0)
    );
}

#[tokio::test]
async fn ten_thousand_devices_take_ten_pages_and_stay_few_in_memory() {
    let devices: Vec<_> = (0..10_000).map(device).collect();
    let host = service(devices, Vec::new(), Vec::new()).await;
    let stated = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&stated);
    let pelion = host.pelion();
    let progress = move |progress: firmdrop_cloud::pelion::blast_radius::BlastProgress| {
        heard.lock().unwrap().push((progress.devices, progress.of));
    };
    let radius = blast_radius(&pelion, &request(), &progress).await.unwrap();
    assert_eq!(
        (radius.expected_devices, radius.fits.sample.len()),
        (10_000, 20)
    );
    assert_eq!(radius.requests, 11);
    assert_eq!(stated.lock().unwrap()[0], (1000, Some(10_000)));
    assert_eq!(stated.lock().unwrap().len(), 10);
}

#[tokio::test]
async fn a_count_that_lies_and_a_list_that_never_ends_are_survived_and_told() {
    let endless =
        Recorder::start(
            |request: &Recorded| match request.target.split('?').next().unwrap() {
                "/v3/devices" => {
                    let data: Vec<_> = (0..3).map(device).collect();
                    (
                        200,
                        json!({"has_more": true, "total_count": 1_000_000, "data": data})
                            .to_string(),
                    )
                }
                _ => (
                    200,
                    json!({"has_more": true, "data": [campaign(1, "stopped")]}).to_string(),
                ),
            },
        )
        .await;
    let radius = found(&endless, request()).await;
    assert_eq!(radius.expected_devices, 3);
    assert_eq!(endless.requests().len(), 4);
    let lie = radius
        .warnings
        .iter()
        .find(|note| note.key == "count_differs")
        .unwrap();
    assert_eq!(
        lie.text,
        "The service speaks of 1,000,000 devices, but lists 3."
    );
}

#[tokio::test]
async fn a_page_that_fails_for_a_moment_is_asked_for_again_and_a_refusal_is_not() {
    let tries = AtomicU32::new(0);
    let host = Recorder::start(move |request: &Recorded| {
        match request.target.split('?').next().unwrap() {
            "/v3/devices" if tries.fetch_add(1, Ordering::Relaxed) < 2 => (503, "{}".to_owned()),
            "/v3/devices" => page(request, &[device(1)]),
            _ => page(request, &[]),
        }
    })
    .await;
    assert_eq!(found(&host, request()).await.expected_devices, 1);
    assert_eq!(host.requests().len(), 4);

    let refused = Recorder::says(401, "{}").await;
    let error = blast_radius(&refused.pelion(), &request(), &|_| ())
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(401));
    assert_eq!(refused.requests().len(), 1);
}

#[tokio::test]
async fn what_is_no_filter_is_refused_before_anything_is_asked() {
    let host = Recorder::says(200, "{}").await;
    let asked = BlastRequest {
        filter: "this is no filter".to_owned(),
        ..request()
    };
    let error = blast_radius(&host.pelion(), &asked, &|_| ())
        .await
        .unwrap_err();
    assert_eq!(error.diagnose().code, Code::FilterUnreadable);
    assert!(host.requests().is_empty());
}

#[tokio::test]
async fn many_failed_devices_can_be_asked_for_although_no_address_holds_them_all() {
    let host =
        Recorder::start(
            |request: &Recorded| match request.target.split('?').next().unwrap() {
                "/v3/devices" => {
                    let ids = request.parameter("id__in").unwrap().split("%2C");
                    let data: Vec<_> = ids
                        .map(|one| json!({"id": one, "state": "registered"}))
                        .collect();
                    (200, json!({"has_more": false, "data": data}).to_string())
                }
                _ => page(request, &[]),
            },
        )
        .await;
    let ids: Vec<_> = (0..450).map(id).collect();
    let asked = BlastRequest {
        filter: format!("id__in={}", ids.join(",")),
        ..request()
    };
    let radius = found(&host, asked).await;
    assert_eq!((radius.expected_devices, radius.requests), (450, 6));
}
