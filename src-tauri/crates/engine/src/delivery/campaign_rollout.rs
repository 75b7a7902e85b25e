//! Rolls an uploaded image out to a fleet.

use std::sync::Arc;

use firmdrop_cloud::pelion::rollout::{
    self, RolloutError, RolloutFact, RolloutRecord, RolloutRequest, RolloutState,
};
use firmdrop_cloud::pelion::upload::RecordError;
use firmdrop_cloud::pelion::{CampaignDraft, Pelion};
use firmdrop_core::{Diagnose as _, Diagnosis, Moment};
use firmdrop_manifest::{KeyStore, ManifestError};

use super::engine::Shared;
use super::events::JobEvents;
use super::runner::{Ended, Run, task_died};
use crate::journal::Event;
use crate::{Plan, PlannedCampaign};

/// What earlier runs of a job wrote down about its rollout.
pub(super) fn state_of(history: &[(Moment, Event)]) -> RolloutState {
    let mut state = RolloutState::default();
    for (_, event) in history {
        if let Event::Rollout { fact } = event {
            state.learn(fact);
        }
    }
    state
}

/// Goes on after the upload, or after an earlier run.
pub(super) async fn run(
    run: &Run,
    pelion: &Pelion,
    campaign: &PlannedCampaign,
    state: RolloutState,
) -> Ended {
    let (shared, plan, planned) = (Arc::clone(&run.shared), run.plan.clone(), campaign.clone());
    let asked = tokio::task::spawn_blocking(move || request(&shared, &plan, &planned)).await;
    let request = match asked {
        Ok(Ok(request)) => request,
        Ok(Err(error)) => return Ended::Failed(Box::new(error.diagnose().state(run.kept()))),
        Err(error) => return Ended::Failed(Box::new(task_died(&error))),
    };
    let (events, stop) = (&*run.events, run.control.stop());
    match rollout::rollout(pelion, &request, state, events, events, stop).await {
        Ok(outcome) => Ended::Done(outcome),
        Err(RolloutError::Stopped { .. }) => Ended::Stopped(run.kept()),
        Err(error) => Ended::Failed(Box::new(error.diagnose())),
    }
}

/// Blocks: reads the key.
fn request(
    shared: &Shared,
    plan: &Plan,
    campaign: &PlannedCampaign,
) -> Result<RolloutRequest, ManifestError> {
    let keys = KeyStore::new(shared.home.manifest_keys());
    Ok(RolloutRequest {
        image: plan.image.expected,
        manifest: campaign.manifest.request(&keys, &campaign.description)?,
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
        watch: shared.watch_policy,
    })
}

#[async_trait::async_trait]
impl RolloutRecord for JobEvents {
    async fn rollout(&self, fact: &RolloutFact) -> Result<(), RecordError> {
        let event = Event::Rollout { fact: fact.clone() };
        self.write(&[event]).map_err(RecordError)
    }
}

/// What a started or prepared campaign leaves with the service when its job stops.
pub(super) fn kept(history: &[(Moment, Event)]) -> Option<String> {
    let state = state_of(history);
    let begun = state.manifest.is_some() || state.manifest_attempted || state.campaign_attempted;
    begun.then(|| rollout::RolloutRemote::of(&state).to_string())
}

/// Said when the upload ended without a proof: nothing is rolled out on hope.
pub(super) fn unproved(reason: &str) -> Diagnosis {
    Diagnosis::new(
        firmdrop_core::Code::RemoteDiffers,
        "The firmware image is with the service, but nothing proves that it is this file.",
        reason.to_owned(),
    )
    .titled("The image could not be proved")
    .state("The service keeps the firmware image. No manifest was made and no device was touched.")
    .remedy(firmdrop_core::Remedy::Resume)
}
