//! `/v3/update-campaigns/ID/campaign-device-metadata`: the devices of a campaign, one by one.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, RawQuery, State},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

use super::handlers::find;
use crate::pelion::{
    http::{list::Listing, shared::Shared},
    state::{Id, Refusal, campaign::Member, filter::Field},
};

/// The service has no filters here.
static FIELDS: [Field; 0] = [];

#[derive(Debug, Serialize)]
struct MemberJson {
    object: &'static str,
    id: Id,
    campaign: Id,
    device_id: Id,
    deployment_state: &'static str,
    name: String,
    description: &'static str,
    mechanism: &'static str,
    mechanism_url: &'static str,
    created_at: String,
    updated_at: String,
    etag: String,
}

impl MemberJson {
    fn new(campaign: Id, id: Id, member: &Member) -> Self {
        let updated_at = member.updated_at.to_string();
        Self {
            object: "update-campaign-device-metadata",
            id,
            campaign,
            device_id: member.device,
            deployment_state: member.deployment_state(),
            name: id.to_string(),
            description: "",
            mechanism: "connector",
            mechanism_url: "",
            created_at: member.created_at.to_string(),
            updated_at: updated_at.clone(),
            etag: updated_at,
        }
    }
}

pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Path(campaign): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let listing = Listing::read(query.as_deref(), &FIELDS)?;
    let account = shared.account();
    let (campaign_id, campaign) = find(&account, &campaign)?;
    let json = |id, member| MemberJson::new(campaign_id, id, member);
    let page = listing.page_of(&campaign.members.all, json)?;
    Ok(Json(page).into_response())
}

pub(crate) async fn view(
    State(shared): State<Arc<Shared>>,
    Path((campaign, member)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let account = shared.account();
    let (campaign_id, campaign) = find(&account, &campaign)?;
    let unknown = || Refusal::not_found("The campaign device metadata");
    let id = Id::read(&member).ok_or_else(unknown)?;
    let member = campaign.members.all.get(&id).ok_or_else(unknown)?;
    Ok(Json(MemberJson::new(campaign_id, id, member)).into_response())
}
