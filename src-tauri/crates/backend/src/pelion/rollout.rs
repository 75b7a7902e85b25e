//! Rolls an uploaded image out to a fleet.

use firmdrop_cloud::pelion::rollout::{self, RolloutError, RolloutRequest};
use firmdrop_cloud::pelion::{CampaignDraft, Pelion};
use firmdrop_core::{Diagnose as _, Diagnosis, ExpectedFile, Remedy};
use firmdrop_manifest::{KeyStore, ManifestError};

use firmdrop_engine::{Ended, JobContext};

use super::facts::{rollout_state, since_last_fact};
use super::record::Record;
use super::{PlannedCampaign, WatchPolicy};

/// Makes manifest and campaign after the upload, or continues where an earlier run stopped.
pub(super) async fn run(
    context: &JobContext,
    record: Record<'_>,
    pelion: &Pelion,
    campaign: &PlannedCampaign,
    watch: WatchPolicy,
) -> Ended {
    let history = match context.history().await {
        Ok(history) => history,
        Err(error) => return Ended::resumable(error),
    };
    let mut state = rollout_state(&history);
    state.ago = since_last_fact(&history, context.clock().now());
    if state.started {
        context.release_destination();
    }
    let (home, image) = (context.home().clone(), context.plan().image().expected);
    let planned = campaign.clone();
    let keys = KeyStore::new(home.manifest_keys());
    let made = tokio::task::spawn_blocking(move || request(&keys, image, &planned, watch)).await;
    let request = match made {
        Ok(Ok(request)) => request,
        Ok(Err(error)) => {
            let held = super::remote_state::remote_state(context.plan(), &history).sentence;
            return Ended::failed(error.diagnose().state(held));
        }
        Err(error) => return Ended::resumable(firmdrop_engine::task_died(&error)),
    };
    let (events, stop) = (context.events(), context.stop());
    match rollout::rollout(pelion, &request, state, &record, &*events, stop).await {
        Ok(outcome) => Ended::Done(outcome),
        Err(RolloutError::Stopped { .. }) => Ended::Stopped {
            state_now: state_now(context).await,
        },
        Err(error) if error.is_resumable() => Ended::resumable(error),
        Err(error) => Ended::failed(error),
    }
}

/// What the service holds now, by what was written down until now.
pub(super) async fn state_now(context: &JobContext) -> String {
    let history = context.history().await.unwrap_or_default();
    super::remote_state::remote_state(context.plan(), &history).sentence
}

/// Blocks: reads the key.
fn request(
    keys: &KeyStore,
    image: ExpectedFile,
    campaign: &PlannedCampaign,
    watch: WatchPolicy,
) -> Result<RolloutRequest, ManifestError> {
    Ok(RolloutRequest {
        image,
        manifest: campaign.manifest.request(keys, &campaign.description)?,
        campaign: CampaignDraft {
            name: campaign.name.clone(),
            description: campaign.description.clone(),
            device_filter: campaign.filter.clone(),
            root_manifest_id: None,
            campaign_strategy: campaign.strategy,
            autostop: Some(campaign.stop_at_percent.is_some()),
            autostop_success_percent: campaign.stop_at_percent.map(f64::from),
            approval_required: None,
            when: None,
        },
        start: campaign.start.then_some(campaign.matching_devices),
        watch,
    })
}

/// Said when the upload ended without a proof: nothing is rolled out on hope.
pub(super) fn unproved(reason: &str) -> Diagnosis {
    Diagnosis::new(
        firmdrop_core::Code::RemoteDiffers,
        "The firmware image is with the service, but nothing proves that it is this file.",
        reason.to_owned(),
    )
    .titled("The image could not be proved")
    .state("The service holds the firmware image. No manifest was made and no device was touched.")
    .remedy(Remedy::Resume)
}
