//! `/v3/update-campaigns/ID/statistics` and the older `metrics`: how many devices have come how far.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Value, json};

use super::handlers::find;
use crate::pelion::{
    http::shared::Shared,
    state::{
        Account, Code, Id, Refusal, Summary,
        campaign::{Campaign, Phase},
    },
};

/// A campaign that has something to count: before it is active there is nothing.
fn counted<'a>(account: &'a Account, id: &str) -> Result<(Id, &'a Campaign), Refusal> {
    let (id, campaign) = find(account, id)?;
    match campaign.phase {
        Phase::Draft | Phase::AwaitingApproval | Phase::Starting => {
            Err(Refusal::not_found("The campaign's statistics"))
        }
        _ => Ok((id, campaign)),
    }
}

fn summary(id: &str) -> Result<Summary, Refusal> {
    let found = Summary::ALL.into_iter().find(|summary| summary.id() == id);
    found.ok_or_else(|| Refusal::not_found("The statistic"))
}

fn summary_json(id: Id, campaign: &Campaign, summary: Summary) -> Value {
    json!({
        "object": "summary_status",
        "id": summary.id(),
        "summary_status": summary.word(),
        "campaign_id": id,
        "count": campaign.members.count(summary),
        "created_at": campaign.updated_at.to_string(),
    })
}

fn event_json(id: Id, campaign: &Campaign, code: Code, count: usize) -> Value {
    let summary = code.summary();
    json!({
        "object": "event-type",
        "id": code.id(),
        "event_type": code.to_string(),
        "description": code.description(),
        "summary_status": summary.word(),
        "summary_status_id": summary.id(),
        "count": count,
        "campaign_id": id,
        "created_at": campaign.updated_at.to_string(),
    })
}

fn events(campaign: &Campaign, summary: Summary) -> impl Iterator<Item = (Code, usize)> {
    let tally = campaign.members.tally.iter();
    tally
        .filter(move |(code, count)| code.summary() == summary && **count > 0)
        .map(|(code, count)| (*code, *count))
}

/// These lists have no pages.
fn listed(data: &[Value]) -> Json<Value> {
    Json(json!({
        "object": "list",
        "limit": data.len(),
        "after": null,
        "order": "ASC",
        "has_more": false,
        "total_count": data.len(),
        "data": data,
    }))
}

pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Path(campaign): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let account = shared.account();
    let (id, campaign) = counted(&account, &campaign)?;
    let all = Summary::ALL.into_iter();
    let data: Vec<_> = all
        .map(|summary| summary_json(id, campaign, summary))
        .collect();
    Ok(listed(&data))
}

pub(crate) async fn view(
    State(shared): State<Arc<Shared>>,
    Path((campaign, status)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let account = shared.account();
    let (id, campaign) = counted(&account, &campaign)?;
    Ok(Json(summary_json(id, campaign, summary(&status)?)))
}

pub(crate) async fn event_types(
    State(shared): State<Arc<Shared>>,
    Path((campaign, status)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let account = shared.account();
    let (id, campaign) = counted(&account, &campaign)?;
    let events = events(campaign, summary(&status)?);
    let json = |(code, count)| event_json(id, campaign, code, count);
    Ok(listed(&events.map(json).collect::<Vec<_>>()))
}

pub(crate) async fn event_type(
    State(shared): State<Arc<Shared>>,
    Path((campaign, status, code)): Path<(String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    let account = shared.account();
    let (id, campaign) = counted(&account, &campaign)?;
    let mut events = events(campaign, summary(&status)?);
    let found = events.find(|(event, _)| event.id() == code.to_lowercase());
    let (event, count) = found.ok_or_else(|| Refusal::not_found("The event type"))?;
    Ok(Json(event_json(id, campaign, event, count)))
}

pub(crate) async fn metrics(
    State(shared): State<Arc<Shared>>,
    Path(campaign): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let account = shared.account();
    let (_, campaign) = counted(&account, &campaign)?;
    let members = &campaign.members;
    Ok(Json(json!({
        "object": "update-campaign-metrics",
        "success_count": members.count(Summary::Success),
        "failed_count": members.count(Summary::Fail),
        "skipped_count": members.count(Summary::Skipped),
        "pending_count": members.count(Summary::Info),
        "total_count": members.all.len(),
    })))
}
