//! What the service does not let be done: in this phase, with this name, to what is not there.

use firmdrop_cloud::pelion::CampaignChange;
use firmdrop_core::{Code, Diagnose};

use super::campaign_world::{ALL, AT_ONCE, BUSY, code, draft, manifest, pucks, world};

#[tokio::test]
async fn an_act_that_the_phase_does_not_allow_is_refused_and_changes_nothing() {
    let world = world(vec![pucks(2)], BUSY).await;
    let pelion = world.pelion();
    let (manifest_id, _) = manifest(&pelion).await;
    let campaign = pelion
        .create_campaign(&draft("one", &manifest_id))
        .await
        .unwrap();
    let id = &campaign.id;
    for refused in [
        pelion.stop_campaign(id).await,
        pelion.archive_campaign(id).await,
    ] {
        assert_eq!(code(&refused.unwrap_err()), Code::CampaignWrongPhase);
    }
    pelion.start_campaign(id).await.unwrap();
    for refused in [
        pelion.start_campaign(id).await,
        pelion.archive_campaign(id).await,
        pelion.delete_campaign(id).await,
    ] {
        let diagnosis = refused.unwrap_err().diagnose();
        assert_eq!(diagnosis.code, Code::CampaignWrongPhase);
        assert!(
            diagnosis
                .details
                .iter()
                .any(|detail| detail.label == "Request id")
        );
        assert!(!diagnosis.remedies.is_empty());
    }
    assert_eq!(pelion.update_campaign(id).await.unwrap().phase, "active");
    pelion.stop_campaign(id).await.unwrap();
    let twice = pelion.stop_campaign(id).await.unwrap_err();
    assert_eq!(code(&twice), Code::CampaignWrongPhase);
    pelion.archive_campaign(id).await.unwrap();
}

#[tokio::test]
async fn only_a_draft_can_be_changed_and_only_its_name_later() {
    let world = world(vec![pucks(2)], BUSY).await;
    let pelion = world.pelion();
    let (manifest_id, _) = manifest(&pelion).await;
    let campaign = pelion
        .create_campaign(&draft("one", &manifest_id))
        .await
        .unwrap();
    let other_filter = CampaignChange {
        device_filter: Some("name__eq=a%26b".to_owned()),
        ..CampaignChange::default()
    };
    let changed = pelion
        .change_campaign(&campaign.id, &other_filter)
        .await
        .unwrap();
    assert_eq!(changed.device_filter, "name__eq=a%26b");
    let back = CampaignChange {
        device_filter: Some(ALL.to_owned()),
        ..CampaignChange::default()
    };
    pelion.change_campaign(&campaign.id, &back).await.unwrap();
    pelion.start_campaign(&campaign.id).await.unwrap();
    let locked = pelion
        .change_campaign(&campaign.id, &other_filter)
        .await
        .unwrap_err();
    assert_eq!(locked.status(), Some(403));
    assert_eq!(code(&locked), Code::CampaignLocked);
    let renamed = CampaignChange {
        name: Some("two".to_owned()),
        ..CampaignChange::default()
    };
    assert_eq!(
        pelion
            .change_campaign(&campaign.id, &renamed)
            .await
            .unwrap()
            .name,
        "two"
    );
    let taken = pelion
        .create_campaign(&draft("two", &manifest_id))
        .await
        .unwrap_err();
    assert_eq!(code(&taken), Code::NameTaken);
    let other = pelion
        .create_campaign(&draft("three", &manifest_id))
        .await
        .unwrap();
    let taken = pelion
        .change_campaign(&other.id, &renamed)
        .await
        .unwrap_err();
    assert_eq!(code(&taken), Code::NameTaken);
}

#[tokio::test]
async fn what_is_not_there_is_told_as_what_it_is() {
    let world = world(Vec::new(), AT_ONCE).await;
    let pelion = world.pelion();
    let id = "0".repeat(31) + "1";
    let stated = [
        (
            code(&pelion.firmware_manifest(&id).await.unwrap_err()),
            Code::ManifestGone,
        ),
        (
            code(&pelion.update_campaign(&id).await.unwrap_err()),
            Code::CampaignGone,
        ),
        (
            code(&pelion.start_campaign(&id).await.unwrap_err()),
            Code::CampaignGone,
        ),
        (
            code(&pelion.campaign_statistics(&id).await.unwrap_err()),
            Code::NotYetCounted,
        ),
        (
            code(&pelion.device(&id).await.unwrap_err()),
            Code::DeviceGone,
        ),
        (
            code(&pelion.device_query(&id).await.unwrap_err()),
            Code::SavedQueryGone,
        ),
        (
            code(&pelion.device_group(&id).await.unwrap_err()),
            Code::DeviceGroupGone,
        ),
    ];
    for (stated, expected) in stated {
        assert_eq!(stated, expected);
    }
}
