//! Drafts the campaign exactly once, and reads it back.

use firmdrop_core::NoteKind;

use super::run::{PAGES, Run, Sent};
use super::{RolloutError, RolloutFact, RolloutRequest, phases};
use crate::pelion::changed_name::may_be_ours;
use crate::pelion::filter::decoded_whole;
use crate::pelion::limits::LARGEST_PAGE;
use crate::pelion::settle::CheckTimes;
use crate::pelion::{
    Campaign, CampaignDraft, Collection, FilterText, ListQuery, Page, PelionError,
};

/// The list that is asked for.
const CAMPAIGNS: &str = "GET /v3/update-campaigns";

/// The campaign as the service holds it.
pub(super) async fn draft(
    run: &mut Run<'_>,
    request: &RolloutRequest,
    manifest_id: &str,
) -> Result<Campaign, RolloutError> {
    run.events.phase(phases::DRAFT);
    let draft = CampaignDraft {
        root_manifest_id: Some(manifest_id.to_owned()),
        ..request.campaign.clone()
    };
    if let Some(id) = run.state.campaign_id.clone() {
        let campaign = run.campaign(&id).await?;
        return says_what_was_asked(run, &draft, campaign);
    }
    let mut checks = run.checks_for(run.state.campaign_attempted);
    loop {
        if run.state.campaign_attempted
            && let Some(campaign) = settled(run, &draft, &mut checks).await?
        {
            run.note(
                NoteKind::Kept,
                "The campaign had been drafted",
                format!("The service holds it as {}.", campaign.id),
            );
            return keep(run, &draft, campaign).await;
        }
        let perhaps_ours = run.state.campaign_attempted;
        run.learn(&RolloutFact::CreatingCampaign).await?;
        let pelion = run.pelion;
        match run.send_once(pelion.create_campaign(&draft)).await {
            Ok(Sent::Answered(campaign)) => return keep(run, &draft, campaign).await,
            Ok(Sent::NotKnown(again)) => checks = again,
            Ok(Sent::Unreadable(mut shown, error)) => {
                return match settled(run, &draft, &mut shown).await? {
                    Some(campaign) => keep(run, &draft, campaign).await,
                    None => Err(run.failed(error)),
                };
            }
            Err(RolloutError::Service { source, .. }) if is_taken(&source) => {
                // Ours after all, when only the answer was lost; it may not be listed yet.
                let mut checks = run.checks_for(perhaps_ours);
                if let Some(campaign) = settled(run, &draft, &mut checks).await? {
                    return keep(run, &draft, campaign).await;
                }
                run.learn(&RolloutFact::Refused).await?;
                return Err(RolloutError::CampaignNameTaken {
                    name: draft.name,
                    source,
                    held: run.held(),
                });
            }
            Err(error) => return Err(error),
        }
    }
}

fn is_taken(error: &PelionError) -> bool {
    error.is_name_taken()
}

/// Takes the campaign over when it says what was asked for.
async fn keep(
    run: &mut Run<'_>,
    draft: &CampaignDraft,
    campaign: Campaign,
) -> Result<Campaign, RolloutError> {
    run.learn(&RolloutFact::Campaign {
        id: campaign.id.clone(),
    })
    .await?;
    let campaign = if campaign.root_manifest_id.is_empty() || campaign.device_filter.is_empty() {
        // An answer may say less than the campaign does.
        run.campaign(&campaign.id).await?
    } else {
        campaign
    };
    says_what_was_asked(run, draft, campaign)
}

/// Nothing is started that says something else. What the service does not tell is not compared.
fn says_what_was_asked(
    run: &Run<'_>,
    draft: &CampaignDraft,
    campaign: Campaign,
) -> Result<Campaign, RolloutError> {
    let difference = if campaign.root_manifest_id.is_empty() {
        Some("the service does not say which manifest it has".to_owned())
    } else if campaign.root_manifest_id != draft.root_manifest_id.as_deref().unwrap_or_default() {
        Some(format!("its manifest is {}", campaign.root_manifest_id))
    } else if !says_the_same(&draft.device_filter, &campaign.device_filter) {
        Some(format!("its filter is \"{}\"", campaign.device_filter))
    } else if campaign.strategy() != Some(draft.campaign_strategy) {
        Some(format!("its strategy is {}", campaign.campaign_strategy))
    } else {
        stops_otherwise(draft, &campaign)
    };
    if draft.autostop.is_some() && campaign.autostop.is_none() {
        let text = "Whether the campaign stops by itself is not known";
        run.note(NoteKind::Warning, text, "The service does not say it.");
    }
    match difference {
        None => Ok(campaign),
        Some(what) => Err(RolloutError::CampaignDiffers {
            what,
            held: run.held(),
        }),
    }
}

/// How the campaign stops by itself, when that is not how it was asked to.
fn stops_otherwise(draft: &CampaignDraft, campaign: &Campaign) -> Option<String> {
    let asked = draft.autostop?;
    let stated = campaign.autostop.unwrap_or(asked);
    let percent = |percent: Option<f64>| percent.filter(|_| stated);
    let differs = percent(draft.autostop_success_percent)
        .zip(percent(campaign.autostop_success_percent))
        .filter(|(asked, stated)| (asked - stated).abs() > f64::EPSILON);
    match (asked, stated, differs) {
        (true, false, _) => Some("it never stops by itself".to_owned()),
        (false, true, _) => Some("it stops by itself".to_owned()),
        (_, _, Some((_, stated))) => Some(format!("it stops at {stated} % of successes")),
        _ => None,
    }
}

/// Whether two filters name the same conditions, however they are written. Services hand a filter back as a
/// part of an address: behind a `?`, and encoded as a whole.
fn says_the_same(ours: &str, theirs: &str) -> bool {
    if ours == theirs {
        return true;
    }
    let read = |text: &str| {
        let read = FilterText::parse(text, Collection::Devices);
        read.ok().map(|read| read.conditions)
    };
    let Some(ours) = read(ours) else {
        return false;
    };
    let theirs = theirs.trim().trim_start_matches('?');
    let decoded = decoded_whole(theirs);
    let forms = std::iter::once(theirs).chain(decoded.as_deref());
    forms.filter_map(read).any(|theirs| theirs == ours)
}

/// Our campaign, if a request whose answer is unknown was carried out after all. At the end it is looked for
/// under other names too: services change those that they are given.
async fn settled(
    run: &mut Run<'_>,
    draft: &CampaignDraft,
    checks: &mut CheckTimes,
) -> Result<Option<Campaign>, RolloutError> {
    while run.wait_for_next_check(checks).await? {
        let found = find(run, draft).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let found = find_renamed(run, draft).await?;
    if let Some(campaign) = &found {
        run.note_name(&draft.name, &campaign.name);
    }
    Ok(found)
}

/// A campaign of this name with our manifest. Fails when one of this name cannot be read.
async fn find(run: &mut Run<'_>, draft: &CampaignDraft) -> Result<Option<Campaign>, RolloutError> {
    let page = page(run, draft, &ListQuery::named(&draft.name)).await?;
    let ours = draft.root_manifest_id.as_deref().unwrap_or_default();
    let mut campaigns = page.data.into_iter();
    Ok(campaigns.find(|campaign| campaign.root_manifest_id == ours))
}

/// A campaign with our manifest whose name ours became, wherever it is listed.
async fn find_renamed(
    run: &mut Run<'_>,
    draft: &CampaignDraft,
) -> Result<Option<Campaign>, RolloutError> {
    let ours = draft.root_manifest_id.as_deref().unwrap_or_default();
    let mut query = ListQuery::default().newest_first().limit(LARGEST_PAGE);
    for _ in 0..PAGES {
        let page = page(run, draft, &query).await?;
        let may_have_more = page.may_have_more();
        let last = page.data.last().map(|campaign| campaign.id.clone());
        let mut campaigns = page.data.into_iter();
        let found = campaigns.find(|campaign| {
            campaign.root_manifest_id == ours && may_be_ours(&campaign.name, &draft.name)
        });
        match (found, last) {
            (None, Some(last)) if may_have_more => query = query.after(last),
            (found, _) => return Ok(found),
        }
    }
    Ok(None)
}

/// One page of campaigns. Fails when one of our name cannot be read.
async fn page(
    run: &mut Run<'_>,
    draft: &CampaignDraft,
    query: &ListQuery,
) -> Result<Page<Campaign>, RolloutError> {
    let page = run
        .query(|pelion| {
            let query = query.clone();
            async move { pelion.update_campaigns(&query).await }
        })
        .await?;
    run.readable(&page, &draft.name, CAMPAIGNS)?;
    Ok(page)
}
