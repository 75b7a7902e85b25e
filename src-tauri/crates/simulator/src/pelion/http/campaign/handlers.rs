//! `/v3/update-campaigns`: list, make, view, change, delete, start, stop, archive.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{Path, RawQuery, State as Shares},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::Value;
use tokio::time::Instant;

use super::{
    body::CampaignBody,
    json::{FIELDS, json_of},
};
use crate::pelion::{
    http::{
        body::{self, created},
        list::Listing,
        shared::Shared,
    },
    state::{
        Account, Id, Refusal,
        campaign::{Campaign, Phase, State},
    },
};

fn unknown() -> Refusal {
    Refusal::not_found("The update campaign")
}

/// The refusal of an act that the phase does not allow; the wording is the service's.
fn wrong_phase(act: &str) -> Refusal {
    Refusal::conflict(format!(
        "Cannot {act} the campaign while in the current phase."
    ))
}

/// The id of a campaign that exists.
fn known(account: &Account, id: &str) -> Result<Id, Refusal> {
    let id = Id::read(id).filter(|id| account.campaigns.contains_key(id));
    id.ok_or_else(unknown)
}

/// A campaign that exists.
pub(crate) fn find<'a>(account: &'a Account, id: &str) -> Result<(Id, &'a Campaign), Refusal> {
    let id = known(account, id)?;
    let campaign = account.campaigns.get(&id);
    campaign.map(|campaign| (id, campaign)).ok_or_else(unknown)
}

pub(crate) async fn list(
    Shares(shared): Shares<Arc<Shared>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let listing = Listing::read(query.as_deref(), &FIELDS)?;
    let account = shared.account();
    let json = |id, campaign| json_of(shared.address, id, campaign);
    let page = listing.page_of(&account.campaigns, json)?;
    Ok(Json(page).into_response())
}

pub(crate) async fn create(
    Shares(shared): Shares<Arc<Shared>>,
    body: Body,
) -> Result<Response, Refusal> {
    let body = body::read::<CampaignBody>(body).await?.checked()?;
    let mut account = shared.account();
    if let Some(name) = &body.name
        && account.campaigns.values().any(|other| other.name == *name)
    {
        return Err(Refusal::conflict("An update campaign of this name exists."));
    }
    let scheduled = body.state == Some(State::Scheduled);
    let mut campaign = Campaign::new(account.now());
    body.apply_first(&mut campaign);
    body.apply(&mut campaign);
    if scheduled {
        campaign.begin(&account);
    }
    let id = account.next();
    let json = json_of(shared.address, id, &campaign);
    account.campaigns.insert(id, campaign);
    Ok(created(&format!("/v3/update-campaigns/{id}"), json))
}

pub(crate) async fn view(
    Shares(shared): Shares<Arc<Shared>>,
    Path(campaign): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let account = shared.account();
    let (id, campaign) = find(&account, &campaign)?;
    Ok(Json(json_of(shared.address, id, campaign)))
}

pub(crate) async fn change(
    Shares(shared): Shares<Arc<Shared>>,
    Path(campaign): Path<String>,
    body: Body,
) -> Result<Json<Value>, Refusal> {
    let body = body::read::<CampaignBody>(body).await?.checked()?;
    let mut account = shared.account();
    let id = known(&account, &campaign)?;
    if let Some(name) = &body.name
        && account
            .campaigns
            .iter()
            .any(|(other, campaign)| *other != id && campaign.name == *name)
    {
        return Err(Refusal::invalid("name", "This name is taken."));
    }
    let changed = account.with_campaign(id, |account, campaign| {
        let is_draft = campaign.phase == Phase::Draft;
        if !is_draft && body.needs_draft() {
            let message = "Only name, description and state can be changed outside of a draft.";
            return Err(Refusal::forbidden(message));
        }
        let scheduled = body.state == Some(State::Scheduled);
        body.apply(campaign);
        campaign.updated_at = account.now();
        if is_draft && scheduled {
            // The old way to start it.
            campaign.begin(account);
        }
        Ok(Json(json_of(shared.address, id, campaign)))
    });
    changed.ok_or_else(unknown)?
}

pub(crate) async fn delete(
    Shares(shared): Shares<Arc<Shared>>,
    Path(campaign): Path<String>,
) -> Result<StatusCode, Refusal> {
    let mut account = shared.account();
    let (id, campaign) = find(&account, &campaign)?;
    if campaign.phase.is_running() {
        return Err(wrong_phase("delete"));
    }
    account.campaigns.remove(&id);
    Ok(StatusCode::NO_CONTENT)
}

/// Acts on a campaign whose phase allows it: 202 without a body.
fn act(
    shared: &Shared,
    campaign: &str,
    (name, allowed): (&str, &[Phase]),
    act: impl FnOnce(&Account, &mut Campaign),
) -> Result<StatusCode, Refusal> {
    let mut account = shared.account();
    let id = known(&account, campaign)?;
    let acted = account.with_campaign(id, |account, campaign| {
        if !allowed.contains(&campaign.phase) {
            return Err(wrong_phase(name));
        }
        act(account, campaign);
        Ok(StatusCode::ACCEPTED)
    });
    acted.ok_or_else(unknown)?
}

pub(crate) async fn start(
    Shares(shared): Shares<Arc<Shared>>,
    Path(campaign): Path<String>,
) -> Result<StatusCode, Refusal> {
    act(
        &shared,
        &campaign,
        ("start", &[Phase::Draft]),
        |account, campaign| {
            campaign.begin(account);
        },
    )
}

pub(crate) async fn stop(
    Shares(shared): Shares<Arc<Shared>>,
    Path(campaign): Path<String>,
) -> Result<StatusCode, Refusal> {
    let allowed = ("stop", &[Phase::Starting, Phase::Active][..]);
    act(&shared, &campaign, allowed, |account, campaign| {
        campaign.end(account, Instant::now(), State::UserStopped);
    })
}

pub(crate) async fn archive(
    Shares(shared): Shares<Arc<Shared>>,
    Path(campaign): Path<String>,
) -> Result<StatusCode, Refusal> {
    act(
        &shared,
        &campaign,
        ("archive", &[Phase::Stopped]),
        |account, campaign| {
            let now = account.now();
            campaign.phase = Phase::Archived;
            campaign.times.archived = Some(now);
            campaign.updated_at = now;
        },
    )
}
