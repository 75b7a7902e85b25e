//! What a start is foretold to do, and what it is refused for.

use firmdrop_cloud::pelion::blast_radius::{BlastRequest, blast_radius, count_changed};
use firmdrop_cloud::pelion::campaign::{CampaignCounts, start_failure, status_of};
use firmdrop_cloud::pelion::{CampaignDraft, ListQuery, Operator, Strategy};
use firmdrop_core::Code;
use firmdrop_simulator::fault::{Effect, Rule};
use firmdrop_simulator::pelion::{DEMO_GATE_CLASS_ID, DEMO_VENDOR_ID, Fleet};

use super::campaign_world::{
    AT_ONCE, BUSY, asked, code, draft, manifest, pucks, radius, started, world,
};

#[tokio::test]
async fn a_device_in_another_campaign_is_foretold_and_then_stops_a_one_shot_start() {
    let world = world(vec![pucks(3)], BUSY).await;
    let pelion = world.pelion();
    let (manifest_id, _) = manifest(&pelion).await;
    started(&pelion, &draft("first", &manifest_id)).await;

    let foretold = radius(&pelion, &asked(Strategy::OneShot)).await;
    assert_eq!(foretold.in_other_campaigns.count, 3);
    assert_eq!(foretold.blockers[0].key, "in_other_campaign");
    let second = started(&pelion, &draft("second", &manifest_id)).await;
    let failure = start_failure(&second, Some(CampaignCounts::default())).unwrap();
    assert_eq!(failure.code, Code::DeviceConflict);
    assert!(failure.state_now.contains("No device was touched"));

    let continuous = radius(&pelion, &asked(Strategy::Continuous)).await;
    assert!(continuous.may_start());
    let third = CampaignDraft {
        campaign_strategy: Strategy::Continuous,
        ..draft("third", &manifest_id)
    };
    assert_eq!(started(&pelion, &third).await.phase, "active");
    let after = radius(&pelion, &asked(Strategy::OneShot)).await;
    let names: Vec<_> = after
        .campaigns
        .iter()
        .map(|campaign| campaign.name.as_str())
        .collect();
    assert_eq!(names, ["third"], "the devices were taken over");
}

#[tokio::test]
async fn a_campaign_without_filter_or_manifest_is_named_before_and_after_the_start() {
    let world = world(vec![pucks(1)], AT_ONCE).await;
    let pelion = world.pelion();
    let (manifest_id, _) = manifest(&pelion).await;
    let without_filter = CampaignDraft {
        device_filter: String::new(),
        ..draft("no filter", &manifest_id)
    };
    let without_manifest = CampaignDraft {
        root_manifest_id: None,
        ..draft("no manifest", "")
    };
    for incomplete in [without_filter, without_manifest] {
        let failed = started(&pelion, &incomplete).await;
        let failure = start_failure(&failed, Some(CampaignCounts::default())).unwrap();
        assert_eq!(
            failure.code,
            Code::CampaignNotStarted,
            "{}",
            incomplete.name
        );
        assert!(failure.why.contains("The service says"), "{}", failure.why);
    }
    let nothing = radius(&pelion, &BlastRequest::default()).await;
    assert_eq!(nothing.blockers.len(), 2);
}

#[tokio::test]
async fn a_filter_that_is_none_is_refused_here_and_by_the_service() {
    let world = world(vec![pucks(1)], AT_ONCE).await;
    let pelion = world.pelion();
    let request = BlastRequest {
        filter: "all of them".to_owned(),
        ..asked(Strategy::OneShot)
    };
    let error = blast_radius(&pelion, &request, &|_| ()).await.unwrap_err();
    assert_eq!(code(&error), Code::FilterUnreadable);
    let strange = CampaignDraft {
        device_filter: "colour__eq=red".to_owned(),
        ..draft("strange", &"0".repeat(32))
    };
    let error = pelion.create_campaign(&strange).await.unwrap_err();
    assert_eq!(code(&error), Code::FilterUnreadable);
    let query = ListQuery::default().filter("colour", Operator::Equal, "red");
    let error = pelion.devices(&query).await.unwrap_err();
    assert_eq!(error.status(), Some(400));
}

#[tokio::test]
async fn a_lying_count_and_an_unknown_phase_mislead_nobody() {
    let world = world(vec![pucks(5)], BUSY).await;
    let pelion = world.pelion();
    let (manifest_id, _) = manifest(&pelion).await;
    let campaign = started(&pelion, &draft("one", &manifest_id)).await;
    let dial = world.server.dial();
    dial.add(Rule::always(Effect::WrongTotalCount { count: 900 }).on("GET", "/devices"));
    dial.add(Rule::always(Effect::UnknownPhase));
    let found = radius(&pelion, &asked(Strategy::OneShot)).await;
    assert_eq!(found.expected_devices, 5);
    assert!(
        found
            .warnings
            .iter()
            .any(|note| note.key == "count_differs")
    );
    assert_eq!(
        found.in_other_campaigns.count, 5,
        "an unknown phase may hold devices"
    );
    assert!(found.may_start(), "what is not certain does not block");
    let strange = pelion.update_campaign(&campaign.id).await.unwrap();
    let shown = status_of(&strange);
    assert_eq!(
        (shown.title.as_str(), shown.is_known),
        ("hibernating", false)
    );
}

#[tokio::test]
async fn the_fleet_is_sorted_by_class_version_and_presence() {
    let old = Fleet {
        versions: ["1.0.0", "2.0.0", "3.0.0", "1.5.0"]
            .map(str::to_owned)
            .to_vec(),
        deregistered_percent: 10,
        ..pucks(100)
    };
    let gates = Fleet::new(20, "gate", DEMO_VENDOR_ID, DEMO_GATE_CLASS_ID);
    let world = world(vec![old, gates], AT_ONCE).await;
    let pelion = world.pelion();
    let request = BlastRequest {
        filter: format!("vendor_id__eq={DEMO_VENDOR_ID}"),
        ..asked(Strategy::OneShot)
    };
    let found = radius(&pelion, &request).await;
    let counts = [
        &found.matching,
        &found.wrong_class,
        &found.up_to_date,
        &found.newer,
        &found.fits,
    ]
    .map(|kind| kind.count);
    assert_eq!(counts, [120, 20, 25, 25, 50]);
    assert_eq!(found.not_registered.count, 10);
    assert_eq!(found.requests, 2);
    assert_eq!(
        count_changed(found.expected_devices, 121).unwrap().code,
        Code::CountChanged
    );
}
