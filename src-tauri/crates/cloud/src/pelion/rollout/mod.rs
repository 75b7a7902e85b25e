//! Brings an uploaded firmware image to a fleet: manifest, campaign, start, and the devices' reports.
//!
//! It begins where [`upload`](super::upload) ends. Like it, it stores nothing on disk itself: what
//! must survive a kill goes through [`RolloutRecord`] before the network is touched, and comes back
//! as [`RolloutState`]. It deletes nothing on the service and stops no campaign.

mod campaign;
mod error;
mod judge;
mod manifest;
mod phases;
mod record;
mod request;
mod run;
mod start;
mod watch;

pub use error::{RolloutError, RolloutRemote, another_name};
pub use phases::{phases, watch_phase};
pub use record::{RolloutFact, RolloutRecord, RolloutState};
pub use request::{ManifestRequest, ManifestVersion, RolloutRequest};

use firmdrop_core::{DeliveryEvents, Outcome, ProofMethod};
use tokio_util::sync::CancellationToken;

use super::Pelion;
use manifest::ReadBack;
use run::Run;

/// Rolls the image out, or continues what an earlier run began.
///
/// Without a start it ends *Verified* when the service holds the manifest byte for byte and the
/// draft campaign says what was asked for, and *Sent* when the service does not hand the manifest
/// out, so that nothing proves its bytes. With one it ends when the campaign does, or when every
/// device that was expected has reported: *Verified* only when all of them run the image. `cancel`
/// ends it with [`RolloutError::Stopped`]; a campaign that was started continues without us.
#[expect(
    clippy::too_many_arguments,
    reason = "whom, what, from where, and three who watch: a struct would only hide them"
)]
pub async fn rollout(
    pelion: &Pelion,
    request: &RolloutRequest,
    state: RolloutState,
    record: &dyn RolloutRecord,
    events: &dyn DeliveryEvents,
    cancel: &CancellationToken,
) -> Result<Outcome, RolloutError> {
    let mut run = Run::new(pelion, record, events, cancel, state);
    let manifest_id = Box::pin(manifest::bring(&mut run, request)).await?;
    let campaign = Box::pin(campaign::draft(&mut run, request, &manifest_id)).await?;
    let Some(expected_devices) = request.start else {
        // With a start the devices prove it: they install nothing that is not signed.
        let read = Box::pin(manifest::read_back(&mut run, &manifest_id)).await?;
        return Ok(drafted(&read, &manifest_id, &campaign.id));
    };
    Box::pin(start::start(&mut run, request, &campaign, expected_devices)).await?;
    Box::pin(watch::watch(
        &mut run,
        &campaign.id,
        expected_devices,
        request.watch,
    ))
    .await
}

/// What may be said of a campaign that stays a draft.
fn drafted(read: &ReadBack, manifest_id: &str, campaign_id: &str) -> Outcome {
    let draft = format!("The campaign {campaign_id} is a draft and has touched no device.");
    match read {
        ReadBack::Same => Outcome::verified(
            ProofMethod::RemoteSizeAndSha256,
            format!(
                "The service holds the image with our size and SHA-256 and the manifest {manifest_id} byte for byte. {draft}"
            ),
        ),
        ReadBack::Withheld(why) => Outcome::sent(format!(
            "The service holds the image with our size and SHA-256. It took the manifest {manifest_id} but does not hand it out, \
             so nothing proves that its bytes are the ones that were sent: {why}. {draft}"
        )),
    }
}
