//! Starts the campaign, after the devices were counted once more.

use firmdrop_core::NoteKind;

use super::run::{Run, Sent};
use super::{RolloutError, RolloutFact, RolloutRequest, phases};
use crate::pelion::campaign::CampaignPhase;
use crate::pelion::settle::CheckTimes;
use crate::pelion::{Campaign, Collection, FilterText, PelionError};

/// Starts it unless it runs already. Fails when another number of devices matches than was
/// confirmed: then nothing was started.
pub(super) async fn start(
    run: &mut Run<'_>,
    request: &RolloutRequest,
    campaign: &Campaign,
    expected_devices: u64,
) -> Result<(), RolloutError> {
    if run.state.started {
        return Ok(());
    }
    run.events.phase(phases::START);
    let mut checks = run.checks_for(run.state.start_attempted);
    loop {
        let now = if run.state.start_attempted {
            settled(run, &campaign.id, &mut checks).await?
        } else {
            campaign.clone()
        };
        if CampaignPhase::of(&now) != CampaignPhase::Draft {
            run.note(
                NoteKind::Kept,
                "The campaign had been started",
                format!("Its phase is {}.", now.phase),
            );
            return run.learn(&RolloutFact::Started).await;
        }
        count_again(run, request, expected_devices).await?;
        let perhaps_ours = run.state.start_attempted;
        run.learn(&RolloutFact::Starting).await?;
        let pelion = run.pelion;
        match run.send_once(pelion.start_campaign(&campaign.id)).await {
            Ok(Sent::Answered(())) => return run.learn(&RolloutFact::Started).await,
            // Whether the start arrived is seen in the phase.
            Ok(Sent::NotKnown(again) | Sent::Unreadable(again, _)) => checks = again,
            Err(RolloutError::Service { source, .. }) if is_refusal(&source) => {
                // An earlier start may be in its way, and not be shown yet; and what was refused in words
                // may have begun all the same.
                let mut checks = run.checks_for(perhaps_ours);
                let now = settled(run, &campaign.id, &mut checks).await?;
                if CampaignPhase::of(&now) == CampaignPhase::Draft {
                    run.learn(&RolloutFact::Refused).await?;
                    return Err(run.failed(*source));
                }
                return run.learn(&RolloutFact::Started).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// The campaign as soon as it is no draft any more, or as it is at the last look.
async fn settled(
    run: &mut Run<'_>,
    id: &str,
    checks: &mut CheckTimes,
) -> Result<Campaign, RolloutError> {
    loop {
        let now = run.campaign(id).await?;
        if CampaignPhase::of(&now) != CampaignPhase::Draft
            || !run.wait_for_next_check(checks).await?
        {
            return Ok(now);
        }
    }
}

/// Whether the service refused the start, to somebody who may ask for the phase.
fn is_refusal(error: &PelionError) -> bool {
    matches!(error.status(), Some(400 | 402 | 405..=499))
}

async fn count_again(
    run: &mut Run<'_>,
    request: &RolloutRequest,
    expected_devices: u64,
) -> Result<(), RolloutError> {
    let filter = FilterText::parse(&request.campaign.device_filter, Collection::Devices);
    let filter = filter.map_err(|source| RolloutError::Filter {
        source,
        held: run.held(),
    })?;
    let counted = run
        .query(|pelion| {
            let filter = filter.clone();
            async move { pelion.count_devices(&filter).await }
        })
        .await?;
    if counted == expected_devices {
        return Ok(());
    }
    Err(RolloutError::CountChanged {
        expected_devices,
        counted_devices: counted,
        held: run.held(),
    })
}
