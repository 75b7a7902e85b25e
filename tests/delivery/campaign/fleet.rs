//! A service with devices, a key that signs, and what must be true of both at the end.

use firmdrop_backend::pelion::{CampaignSpec, ManifestSpec};
use firmdrop_cloud::pelion::{Campaign, FirmwareManifest, ListQuery, Pelion, Strategy};
use firmdrop_core::Diagnosis;
use firmdrop_engine::{DeliveryOptions, Engine, ImageFile, Job, JobId, JobState, JobSummary, Plan};
use firmdrop_manifest::{KeyPurpose, KeyStore, Manifest, SigningKey, Trust, parse, verify};
use firmdrop_simulator::pelion::{
    Behaviour, DEMO_PUCK_CLASS_ID, DEMO_VENDOR_ID, Fleet, Inventory, PelionOptions,
};

use crate::engine_world::{KEY, World, bytes, pelion, settled, until};

/// The key that signs.
pub(crate) const SIGNER: &str = "front";
/// The campaign.
pub(crate) const NAME: &str = "Pucks of spring";

/// Matches every puck.
pub(crate) fn everyone() -> String {
    format!("device_class__eq={DEMO_PUCK_CLASS_ID}")
}

/// A service with this many pucks that all update, and the key that signs for them.
pub(crate) async fn world(pucks: usize) -> World {
    let fleet = Fleet::new(pucks, "puck", DEMO_VENDOR_ID, DEMO_PUCK_CLASS_ID);
    world_of(Inventory::of(fleet)).await
}

pub(crate) async fn world_of(inventory: Inventory) -> World {
    let world = World::start_with(PelionOptions {
        inventory,
        ..PelionOptions::new(KEY)
    })
    .await;
    let key = SigningKey::generate().unwrap();
    keys(&world)
        .add(SIGNER, &key, KeyPurpose::Production)
        .unwrap();
    world
}

pub(crate) fn keys(world: &World) -> KeyStore {
    KeyStore::new(world.home().manifest_keys())
}

/// A small file, which is sent in one request.
pub(crate) fn image(world: &World) -> ImageFile {
    ImageFile::read(&world.file("puck.bin", &bytes(40_000, 1))).unwrap()
}

/// A one-shot campaign for every puck; a draft, or started for so many devices.
pub(crate) fn spec(start_for_devices: Option<u64>) -> CampaignSpec {
    CampaignSpec {
        name: NAME.into(),
        description: "The spring release".into(),
        filter: everyone(),
        strategy: Strategy::OneShot,
        stop_at_percent: Some(100),
        manifest: ManifestSpec::default(),
        start_for_devices,
    }
}

/// Plans the upload and its campaign; the image has the campaign's name, which is free.
pub(crate) async fn planned(
    world: &World,
    engine: &Engine,
    spec: &CampaignSpec,
) -> Result<Plan, Diagnosis> {
    let path = world.folder.path().join("puck.bin");
    let image = ImageFile::read(&path).unwrap();
    let own = firmdrop_backend::pelion::PelionOptions {
        campaign: Some(spec.clone()),
        chunk_bytes: None,
    };
    let options = DeliveryOptions {
        name: Some(spec.name.clone()),
        own: own.to_map(),
        ..DeliveryOptions::default()
    };
    engine.plan(&image.into(), &pelion(), &options).await
}

/// Plans, submits and waits for the end.
pub(crate) async fn roll_out(world: &World, engine: &Engine, spec: &CampaignSpec) -> JobSummary {
    let id = engine
        .submit(&planned(world, engine, spec).await.unwrap())
        .await
        .unwrap();
    settled(engine, &id).await
}

/// Waits until a job notes something that begins so.
pub(crate) async fn until_noted(engine: &Engine, id: &JobId, beginning: &str) {
    let mut watch = engine.watch();
    until(&mut watch, || noted(&engine.job(id).unwrap(), beginning)).await;
}

/// Whether a job noted something that begins so.
pub(crate) fn noted(job: &Job, beginning: &str) -> bool {
    let mut notes = job.notes.iter();
    notes.any(|timed| timed.note.text.starts_with(beginning))
}

/// Makes the first devices behave like this.
pub(crate) async fn behave(world: &World, engine: &Engine, count: usize, behaviour: Behaviour) {
    let client = client(engine).await;
    let page = client.devices(&ListQuery::default()).await.unwrap();
    for device in page.data.iter().take(count) {
        assert!(world.server.set_behaviour(&device.id, behaviour));
    }
}

pub(crate) async fn client(engine: &Engine) -> Pelion {
    firmdrop_backend::pelion::client(engine.accounts(), "bench")
        .await
        .unwrap()
}

/// What the service was asked and carried out: `METHOD path`, without what follows a `?`.
pub(crate) fn carried_out(world: &World, method: &str, path_end: &str) -> usize {
    let record = world.server.record();
    let requests = record.requests.iter().filter(|request| {
        let path = request.target.split('?').next().unwrap();
        let done = request.status.is_some_and(|status| status < 300);
        done && request.method == method && path.trim_end_matches('/').ends_with(path_end)
    });
    requests.count()
}

/// Another campaign of every puck runs and never ends, since none of them answers.
pub(crate) async fn another_runs(world: &World, engine: &Engine, pucks: usize) {
    behave(world, engine, pucks, Behaviour::Silent).await;
    let mut other = spec(Some(pucks as u64));
    other.name = "Other".into();
    let plan = planned(world, engine, &other).await.unwrap();
    let id = engine.submit(&plan).await.unwrap();
    until_noted(engine, &id, "The campaign is: Active").await;
    engine.cancel(&id).await.unwrap();
    settled(engine, &id).await;
}

/// The campaigns the service holds.
pub(crate) async fn campaigns(engine: &Engine) -> Vec<Campaign> {
    let query = ListQuery::default();
    let page = client(engine).await.update_campaigns(&query).await;
    page.unwrap().data
}

/// Asserts that the service holds one image, one manifest and one campaign that belong together
/// and are what was asked for, made by one request each. Answers the campaign.
pub(crate) async fn holds_exactly_one_chain(
    world: &World,
    engine: &Engine,
    spec: &CampaignSpec,
) -> Campaign {
    for (what, path) in [
        ("image", "/v3/firmware-images"),
        ("manifest", "/v3/firmware-manifests"),
        ("campaign", "/v3/update-campaigns"),
    ] {
        let made = carried_out(world, "POST", path);
        assert_eq!(made, 1, "requests that made a {what}");
    }
    let starts = usize::from(spec.start_for_devices.is_some());
    assert_eq!(carried_out(world, "POST", "/start"), starts, "starts");
    let manifest = only_manifest(world, engine).await;
    let [campaign] = <[Campaign; 1]>::try_from(campaigns(engine).await).unwrap();
    assert_eq!(campaign.root_manifest_id, manifest.id);
    assert_eq!(campaign.name, spec.name);
    assert_eq!(campaign.description, spec.description);
    assert_eq!(campaign.device_filter, spec.filter);
    assert_eq!(campaign.strategy(), Some(spec.strategy));
    assert_eq!(campaign.autostop, Some(spec.stop_at_percent.is_some()));
    campaign
}

/// The one manifest, which must be signed by our key and speak of the one image.
async fn only_manifest(world: &World, engine: &Engine) -> FirmwareManifest {
    let client = client(engine).await;
    let page = client.firmware_manifests(&ListQuery::default()).await;
    let [stated] = <[FirmwareManifest; 1]>::try_from(page.unwrap().data).unwrap();
    let bytes = client
        .firmware_manifest_bytes(&stated.datafile)
        .await
        .unwrap();
    let manifest: Manifest = parse(&bytes).unwrap();
    let key = keys(world).key(SIGNER).unwrap().public_key();
    assert!(verify(&manifest, Some(&Trust::key(key))).is_verified());

    let local = image(world).expected;
    let [stored] = <[_; 1]>::try_from(world.server.images()).unwrap();
    assert_eq!(stored.sha256, local.sha256);
    let remote = client.firmware_image(&stored.id).await.unwrap();
    let payload = manifest.payload.unwrap();
    assert_eq!(payload.digest, local.sha256);
    assert_eq!(payload.size_bytes, local.size_bytes);
    assert_eq!(payload.uri, remote.datafile);
    stated
}

/// Why a job was *Sent, not verified*.
#[track_caller]
pub(crate) fn sent(state: &JobState) -> &str {
    match state {
        JobState::Finished {
            outcome: firmdrop_core::Outcome::Sent { reason },
        } => reason,
        other => panic!("not sent: {other:?}"),
    }
}

/// What proves a *Verified* job.
#[track_caller]
pub(crate) fn proof(state: &JobState) -> &str {
    match state {
        JobState::Finished {
            outcome: firmdrop_core::Outcome::Verified { proof },
        } => &proof.statement,
        other => panic!("not verified: {other:?}"),
    }
}

/// Says after what it is not *Verified*.
#[track_caller]
pub(crate) fn assert_verified_though(state: &JobState, what: &dyn std::fmt::Debug) {
    let verified = matches!(
        state,
        JobState::Finished {
            outcome: firmdrop_core::Outcome::Verified { .. }
        }
    );
    assert!(verified, "{what:?}: {state:?}");
}
