//! Which devices failed, and what can be done about it.

use firmdrop_cloud::pelion::ListQuery;
use firmdrop_cloud::pelion::campaign::{CampaignCounts, EventCategory, event_meaning, status_of};
use firmdrop_simulator::pelion::Behaviour;

use super::campaign_world::{AT_ONCE, draft, manifest, pucks, started, world};

#[tokio::test]
async fn the_failed_devices_are_found_with_their_codes_and_what_to_do() {
    let world = world(vec![pucks(3)], AT_ONCE).await;
    let pelion = world.pelion();
    let (manifest_id, _) = manifest(&pelion).await;
    let devices = pelion.devices(&ListQuery::default()).await.unwrap().data;
    assert!(
        world
            .server
            .set_behaviour(&devices[1].id, Behaviour::Fails(504))
    );
    let campaign = started(&pelion, &draft("some fail", &manifest_id)).await;
    let counts = CampaignCounts::of(&pelion.campaign_statistics(&campaign.id).await.unwrap());
    assert_eq!((counts.success, counts.failed, counts.total), (2, 1, 3));
    let types = pelion
        .campaign_event_types(&campaign.id, "fail")
        .await
        .unwrap();
    let meaning = event_meaning(&types[0].event_type);
    assert_eq!((types[0].count, meaning.category), (1, EventCategory::Fail));
    assert!(meaning.is_known && meaning.advice.is_some());
    assert!(status_of(&campaign).reason.is_some());
}
