//! The vendor's tutorial, from the image to the archive.

use firmdrop_cloud::pelion::blast_radius::{BlastManifest, BlastRequest, ManifestFacts};
use firmdrop_cloud::pelion::campaign::{
    CampaignCounts, CampaignPhase, DeploymentProgress, EventCategory, deployment_meaning,
    event_meaning, start_failure, status_of,
};
use firmdrop_cloud::pelion::{
    CampaignDraft, Collection, Device, FilterDialect, FilterText, ListQuery, Operator, Pelion,
    Strategy,
};
use firmdrop_core::Code;
use firmdrop_manifest::parse;

use super::campaign_world::{AT_ONCE, code, manifest, pucks, radius, world};

/// The first device, found again by its id in both dialects, and the filter that finds it.
async fn first_device(pelion: &Pelion) -> (Device, FilterText) {
    let first = pelion
        .devices(&ListQuery::default().limit(2))
        .await
        .unwrap()
        .data
        .remove(0);
    let filter = FilterText::parse(&format!("id={}", first.id), Collection::Devices).unwrap();
    for dialect in [FilterDialect::Flat, FilterDialect::OneParameter] {
        let query = ListQuery::default().matching(&filter).dialect(dialect);
        let page = pelion.devices(&query).await.unwrap();
        assert_eq!(page.data.len(), 1, "{dialect:?}");
        assert_eq!(page.data[0].id, first.id);
    }
    (first, filter)
}

/// The numbers, the events and the device itself say that it was updated.
async fn assert_updated(pelion: &Pelion, campaign: &str, device: &str) {
    let counts = CampaignCounts::of(&pelion.campaign_statistics(campaign).await.unwrap());
    assert_eq!((counts.success, counts.total), (1, 1));
    let types = pelion
        .campaign_event_types(campaign, "success")
        .await
        .unwrap();
    assert_eq!(
        event_meaning(&types[0].event_type).category,
        EventCategory::Success
    );
    let members = pelion
        .campaign_devices(campaign, &ListQuery::default())
        .await
        .unwrap();
    let progress = deployment_meaning(&members.data[0].deployment_state).progress;
    assert_eq!(progress, DeploymentProgress::Updated);
    let query = ListQuery::default().filter("device_id", Operator::Equal, device);
    let events = pelion.device_events(&query).await.unwrap();
    let event = events.data.last().unwrap();
    assert_eq!(event.data.get("campaign_id"), Some(&campaign.to_owned()));
    assert!(
        event_meaning(&event.event_type).is_known,
        "{}",
        event.event_type
    );
}

#[tokio::test]
async fn the_tutorial_runs_from_the_image_to_the_archive() {
    let world = world(vec![pucks(3)], AT_ONCE).await;
    let pelion = world.pelion();
    let (manifest_id, bytes) = manifest(&pelion).await;
    let kept = pelion.firmware_manifest(&manifest_id).await.unwrap();
    assert_eq!(
        pelion
            .firmware_manifest_bytes(&kept.datafile)
            .await
            .unwrap(),
        bytes
    );

    let (first, filter) = first_device(&pelion).await;
    let request = BlastRequest {
        filter: filter.to_string(),
        manifest: BlastManifest::Facts(ManifestFacts::from(&parse(&bytes).unwrap())),
        ..BlastRequest::default()
    };
    let before = radius(&pelion, &request).await;
    assert!(before.may_start(), "{:?}", before.blockers);
    assert_eq!((before.expected_devices, before.fits.count), (1, 1));

    let campaign = pelion
        .create_campaign(&CampaignDraft {
            name: "Demo campaign".to_owned(),
            description: "from the tutorial".to_owned(),
            device_filter: before.filter.clone(),
            root_manifest_id: Some(manifest_id),
            campaign_strategy: Strategy::Continuous,
            ..CampaignDraft::default()
        })
        .await
        .unwrap();
    assert_eq!(CampaignPhase::of(&campaign), CampaignPhase::Draft);
    pelion.start_campaign(&campaign.id).await.unwrap();
    let running = pelion.update_campaign(&campaign.id).await.unwrap();
    assert_eq!(CampaignPhase::of(&running), CampaignPhase::Active);
    assert_eq!(running.strategy(), Some(Strategy::Continuous));
    assert_eq!(start_failure(&running, None), None);

    assert_updated(&pelion, &campaign.id, &first.id).await;
    pelion.stop_campaign(&campaign.id).await.unwrap();
    let stopped = pelion.update_campaign(&campaign.id).await.unwrap();
    assert_eq!(status_of(&stopped).state, "Stopped by a user");
    pelion.archive_campaign(&campaign.id).await.unwrap();
    let archived = pelion.update_campaign(&campaign.id).await.unwrap();
    assert!(status_of(&archived).is_archived);
    let after = radius(&pelion, &request).await;
    assert_eq!(
        after.up_to_date.count, 1,
        "the device tells its new version"
    );
    pelion.delete_campaign(&campaign.id).await.unwrap();
    let gone = pelion.update_campaign(&campaign.id).await.unwrap_err();
    assert_eq!(code(&gone), Code::CampaignGone);
}
