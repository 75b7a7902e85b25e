//! Starts the campaign, after the devices were counted once more.

use firmdrop_core::NoteKind;

use super::conversation::Conversation;
use super::{RolloutError, RolloutFact, RolloutRequest, phases};
use crate::pelion::campaign::CampaignPhase;
use crate::pelion::{Campaign, Collection, FilterText, PelionError};

/// Starts it unless it runs already. Fails when another number of devices matches than was
/// confirmed: then nothing was started.
pub(super) async fn start(
    talk: &mut Conversation<'_>,
    request: &RolloutRequest,
    campaign: &Campaign,
    expected_devices: u64,
) -> Result<(), RolloutError> {
    if talk.state.started {
        return Ok(());
    }
    talk.events.phase(phases::START);
    loop {
        let now = if talk.state.start_attempted {
            talk.campaign(&campaign.id).await?
        } else {
            campaign.clone()
        };
        if CampaignPhase::of(&now) != CampaignPhase::Draft {
            talk.note(
                NoteKind::Kept,
                "The campaign had been started",
                format!("Its phase is {}.", now.phase),
            );
            return talk.learn(&RolloutFact::Started);
        }
        count_again(talk, request, expected_devices).await?;
        talk.learn(&RolloutFact::Starting)?;
        let pelion = talk.pelion;
        match talk.ask_once(pelion.start_campaign(&campaign.id)).await {
            Ok(Some(())) => return talk.learn(&RolloutFact::Started),
            // Whether the start arrived is seen in the phase.
            Ok(None) => {}
            Err(RolloutError::Service { source, .. }) if is_wrong_phase(&source) => {
                let now = talk.campaign(&campaign.id).await?;
                if CampaignPhase::of(&now) == CampaignPhase::Draft {
                    return Err(talk.failed(*source));
                }
                return talk.learn(&RolloutFact::Started);
            }
            Err(error) => return Err(error),
        }
    }
}

fn is_wrong_phase(error: &PelionError) -> bool {
    error.status() == Some(409)
}

async fn count_again(
    talk: &mut Conversation<'_>,
    request: &RolloutRequest,
    expected_devices: u64,
) -> Result<(), RolloutError> {
    let filter = FilterText::parse(&request.campaign.device_filter, Collection::Devices);
    let filter = filter.map_err(|source| RolloutError::Filter {
        source,
        kept: talk.kept(),
    })?;
    let counted = talk
        .ask(|pelion| {
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
        kept: talk.kept(),
    })
}
