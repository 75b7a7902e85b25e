//! Fleets without a pace of their own, a signed manifest, and campaigns for all devices.

use std::time::Duration;

use firmdrop_cloud::pelion::blast_radius::{
    BlastManifest, BlastRadius, BlastRequest, ManifestFacts, blast_radius,
};
use firmdrop_cloud::pelion::{
    Campaign, CampaignDraft, NewImage, NewManifest, Pelion, PelionError, Strategy,
};
use firmdrop_core::{Code, Diagnose, Sha256};
use firmdrop_manifest::{
    Draft, Id, Nonces, Payload, PayloadFormat, SchemaDraft, SemanticVersion, SigningKey,
};
use firmdrop_net::StreamedBody;
use firmdrop_simulator::pelion::{
    DEMO_PUCK_CLASS_ID, DEMO_VENDOR_ID, Fleet, Inventory, Pace, PelionOptions,
};

use super::pelion_world::{KEY, World};

pub(crate) const HOUR: Duration = Duration::from_hours(1);

/// All that is due happens before the next answer.
pub(crate) const AT_ONCE: Pace = Pace {
    state: Duration::ZERO,
    delivery: Duration::ZERO,
    installation: Duration::ZERO,
    stopping: Duration::ZERO,
};

/// Campaigns become active at once; their devices stand still.
pub(crate) const BUSY: Pace = Pace {
    delivery: HOUR,
    installation: HOUR,
    ..AT_ONCE
};

pub(crate) const FIRMWARE: &[u8] = b"new firmware";

pub(crate) const ALL: &str = "state__eq=registered";

pub(crate) fn pucks(devices: usize) -> Fleet {
    Fleet::new(devices, "puck", DEMO_VENDOR_ID, DEMO_PUCK_CLASS_ID)
}

pub(crate) async fn world(fleets: Vec<Fleet>, pace: Pace) -> World {
    World::with(PelionOptions {
        inventory: Inventory {
            fleets,
            queries: Vec::new(),
        },
        pace,
        ..PelionOptions::new(KEY)
    })
    .await
}

pub(crate) fn body(bytes: &[u8]) -> StreamedBody {
    StreamedBody {
        length_bytes: bytes.len() as u64,
        pieces: Box::pin(futures::stream::iter([Ok(bytes.to_vec().into())])),
    }
}

pub(crate) fn signed(uri: &str) -> Vec<u8> {
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
pub(crate) async fn manifest(pelion: &Pelion) -> (String, Vec<u8>) {
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

pub(crate) fn draft(name: &str, manifest: &str) -> CampaignDraft {
    CampaignDraft {
        name: name.to_owned(),
        device_filter: ALL.to_owned(),
        root_manifest_id: Some(manifest.to_owned()),
        ..CampaignDraft::default()
    }
}

pub(crate) async fn started(pelion: &Pelion, draft: &CampaignDraft) -> Campaign {
    let campaign = pelion.create_campaign(draft).await.unwrap();
    pelion.start_campaign(&campaign.id).await.unwrap();
    pelion.update_campaign(&campaign.id).await.unwrap()
}

pub(crate) fn code(error: &PelionError) -> Code {
    error.diagnose().code
}

pub(crate) async fn radius(pelion: &Pelion, request: &BlastRequest) -> BlastRadius {
    blast_radius(pelion, request, &|_| ()).await.unwrap()
}

pub(crate) fn asked(strategy: Strategy) -> BlastRequest {
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
