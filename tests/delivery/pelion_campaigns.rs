//! The vendor's tutorial of update campaigns against the simulated service, from the image to the
//! archive, and everything that a campaign can be refused for.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod pelion_world;

use std::time::Duration;

use firmdrop_cloud::pelion::{
    Campaign, CampaignChange, CampaignDraft, Collection, Device, FilterDialect, FilterText,
    ListQuery, NewImage, NewManifest, Operator, Pelion, PelionError, Strategy,
    blast_radius::{
        BlastManifest, BlastRadius, BlastRequest, ManifestFacts, blast_radius, count_changed,
    },
    campaign::{
        CampaignCounts, CampaignPhase, DeploymentProgress, EventCategory, deployment_meaning,
        event_meaning, standing, start_failure,
    },
};
use firmdrop_core::{Code, Diagnose, Sha256};
use firmdrop_manifest::{
    Draft, Id, Nonces, Payload, PayloadFormat, SchemaDraft, SemanticVersion, SigningKey, parse,
};
use firmdrop_net::StreamedBody;
use firmdrop_simulator::{
    fault::{Effect, Rule},
    pelion::{
        Behaviour, DEMO_GATE_CLASS_ID, DEMO_PUCK_CLASS_ID, DEMO_VENDOR_ID, Estate, Fleet, Pace,
        PelionOptions,
    },
};
use pelion_world::{KEY, World};

const HOUR: Duration = Duration::from_hours(1);
/// All that is due happens before the next answer.
const AT_ONCE: Pace = Pace {
    state: Duration::ZERO,
    delivery: Duration::ZERO,
    installation: Duration::ZERO,
    stopping: Duration::ZERO,
};
/// Campaigns become active at once; their devices stand still.
const BUSY: Pace = Pace {
    delivery: HOUR,
    installation: HOUR,
    ..AT_ONCE
};
const FIRMWARE: &[u8] = b"new firmware";
const ALL: &str = "state__eq=registered";

fn pucks(devices: usize) -> Fleet {
    Fleet::new(devices, "puck", DEMO_VENDOR_ID, DEMO_PUCK_CLASS_ID)
}

async fn world(fleets: Vec<Fleet>, pace: Pace) -> World {
    World::with(PelionOptions {
        estate: Estate {
            fleets,
            queries: Vec::new(),
        },
        pace,
        ..PelionOptions::new(KEY)
    })
    .await
}

fn body(bytes: &[u8]) -> StreamedBody {
    StreamedBody {
        length_bytes: bytes.len() as u64,
        pieces: Box::pin(futures::stream::iter([Ok(bytes.to_vec().into())])),
    }
}

fn signed(uri: &str) -> Vec<u8> {
    let draft = Draft {
        vendor_id: Id::read(DEMO_VENDOR_ID).unwrap(),
        class_id: Id::read(DEMO_PUCK_CLASS_ID).unwrap(),
        priority: Some(1),
        payload: Payload {
            format: PayloadFormat::Raw,
            digest: Sha256::of(FIRMWARE),
            size_bytes: FIRMWARE.len() as u64,
            uri: uri.to_owned(),
            installed: None,
            precursor_digest: None,
        },
        vendor_data: Vec::new(),
        schema: SchemaDraft::V3 {
            component: "MAIN".to_owned(),
            version: SemanticVersion::read("2.0.0").unwrap(),
            image_signature: None,
        },
    };
    let key = SigningKey::generate().unwrap();
    draft.prepare().unwrap().sign(&key, Nonces::Random).unwrap()
}

/// Uploads the firmware and a manifest for it; returns the manifest's id and bytes.
async fn manifest(pelion: &Pelion) -> (String, Vec<u8>) {
    let image = NewImage {
        name: "firmware",
        description: "",
        file_name: "f.bin",
    };
    let image = pelion
        .post_firmware_image(image, body(FIRMWARE))
        .await
        .unwrap();
    let bytes = signed(&image.datafile);
    let manifest = NewManifest {
        name: "manifest",
        description: "d",
        file_name: "m.bin",
    };
    let stored = pelion
        .post_firmware_manifest(manifest, bytes.clone())
        .await
        .unwrap();
    assert_eq!(
        stored.delivered_payload_digest,
        Some(Sha256::of(FIRMWARE).to_string())
    );
    (stored.id, bytes)
}

fn draft(name: &str, manifest: &str) -> CampaignDraft {
    CampaignDraft {
        name: name.to_owned(),
        device_filter: ALL.to_owned(),
        root_manifest_id: Some(manifest.to_owned()),
        ..CampaignDraft::default()
    }
}

async fn started(pelion: &Pelion, draft: &CampaignDraft) -> Campaign {
    let campaign = pelion.create_campaign(draft).await.unwrap();
    pelion.start_campaign(&campaign.id).await.unwrap();
    pelion.update_campaign(&campaign.id).await.unwrap()
}

fn code(error: &PelionError) -> Code {
    error.diagnose().code
}

async fn radius(pelion: &Pelion, request: &BlastRequest) -> BlastRadius {
    blast_radius(pelion, request, &|_| ()).await.unwrap()
}

fn asked(strategy: Strategy) -> BlastRequest {
    BlastRequest {
        filter: ALL.to_owned(),
        strategy,
        manifest: BlastManifest::Facts(ManifestFacts {
            vendor_id: Some(DEMO_VENDOR_ID.to_owned()),
            class_id: Some(DEMO_PUCK_CLASS_ID.to_owned()),
            version: Some("2.0.0".to_owned()),
            ..ManifestFacts::default()
        }),
        ..BlastRequest::default()
    }
}

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
    assert_eq!(start_failure(&running), None);

    assert_updated(&pelion, &campaign.id, &first.id).await;
    pelion.stop_campaign(&campaign.id).await.unwrap();
    let stopped = pelion.update_campaign(&campaign.id).await.unwrap();
    assert_eq!(standing(&stopped).state, "Stopped by a person");
    pelion.archive_campaign(&campaign.id).await.unwrap();
    let archived = pelion.update_campaign(&campaign.id).await.unwrap();
    assert!(standing(&archived).is_archived);
    let after = radius(&pelion, &request).await;
    assert_eq!(
        after.up_to_date.count, 1,
        "the device tells its new version"
    );
    pelion.delete_campaign(&campaign.id).await.unwrap();
    let gone = pelion.update_campaign(&campaign.id).await.unwrap_err();
    assert_eq!(code(&gone), Code::CampaignGone);
}

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
    let told = [
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
    for (told, expected) in told {
        assert_eq!(told, expected);
    }
}

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
    let failure = start_failure(&second).unwrap();
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
        let failure = start_failure(&failed).unwrap();
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
    assert!(standing(&campaign).reason.is_some());
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
    let shown = standing(&strange);
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

#[tokio::test]
async fn queries_and_groups_are_kept_by_the_service() {
    let world = world(vec![pucks(3)], AT_ONCE).await;
    let pelion = world.pelion();
    let query = pelion
        .create_device_query("mine", "name__eq=a%20b")
        .await
        .unwrap();
    let changed = pelion
        .change_device_query(&query.id, "mine", ALL)
        .await
        .unwrap();
    assert_eq!(changed.query, ALL);
    assert_eq!(
        pelion
            .device_queries(&ListQuery::default())
            .await
            .unwrap()
            .data
            .len(),
        1
    );
    pelion.delete_device_query(&query.id).await.unwrap();

    let device = pelion
        .devices(&ListQuery::default())
        .await
        .unwrap()
        .data
        .remove(0);
    let group = pelion.create_device_group("bench", "").await.unwrap();
    pelion
        .add_device_to_group(&group.id, &device.id)
        .await
        .unwrap();
    let members = pelion
        .group_devices(&group.id, &ListQuery::default())
        .await
        .unwrap();
    assert_eq!(members.data[0].id, device.id);
    assert_eq!(
        pelion.device(&device.id).await.unwrap().groups,
        std::slice::from_ref(&group.id)
    );
    pelion
        .remove_device_from_group(&group.id, &device.id)
        .await
        .unwrap();
    assert!(pelion.device(&device.id).await.unwrap().groups.is_empty());
    let renamed = pelion
        .change_device_group(&group.id, Some("wall"), None)
        .await
        .unwrap();
    assert_eq!(renamed.name, "wall");
    pelion.delete_device_group(&group.id).await.unwrap();
}
