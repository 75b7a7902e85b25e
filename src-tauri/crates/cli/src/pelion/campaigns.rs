//! `pelion campaigns`.

use firmdrop_api::Diagnosis;
use firmdrop_api::pelion::campaign::{CampaignPhase, STOP_DOES_NOT_CALL_BACK};
use firmdrop_api::pelion::{
    BlastQuery, Campaign, CampaignChange, CampaignDraft, Collection, FilterText, Pelion as Client,
    Strategy,
};
use serde_json::json;

use super::answer::done;
use super::arguments::{CampaignFields, Campaigns, Confirmed, OfAccount, One, Page};
use super::client::client;
use super::query::query;
use super::{campaign_devices, campaign_watch};
use crate::context::Context;
use crate::exit::Exit;
use crate::print;

pub(super) async fn run(context: &Context, command: Campaigns) -> Result<Exit, Diagnosis> {
    let firmdrop = &context.firmdrop;
    if !matches!(command, Campaigns::Watch(_)) {
        context.waiting.for_a_service();
    }
    match command {
        Campaigns::List { page, archived, of } => list(context, &page, archived, &of).await?,
        Campaigns::Show(One { id, of }) => {
            print::json(&firmdrop.pelion(&of.account).campaign(&id).await?);
        }
        Campaigns::Statistics(One { id, of }) => {
            let live = firmdrop.pelion(&of.account).campaign_live(&id, 0).await?;
            print::json(&json!({ "counts": live.counts, "causes": live.causes }));
        }
        Campaigns::Preview(One { id, of }) => {
            let service = firmdrop.pelion(&of.account);
            let campaign = service.campaign(&id).await?.campaign;
            let ask = BlastQuery::of_campaign(&campaign);
            print::json(&service.blast_radius(ask).await?);
        }
        Campaigns::Devices {
            id,
            position,
            csv,
            of,
        } => {
            return campaign_devices::run(context, &of, &id, &position, csv).await;
        }
        Campaigns::Watch(One { id, of }) => {
            return campaign_watch::run(context, &of.account, &id).await;
        }
        Campaigns::Create { .. } | Campaigns::Update { .. } | Campaigns::Copy { .. } => {
            return Box::pin(write(context, command)).await;
        }
        Campaigns::Start { .. }
        | Campaigns::Stop(_)
        | Campaigns::Archive(_)
        | Campaigns::Delete { .. } => return Box::pin(act(context, command)).await,
    }
    Ok(Exit::Done)
}

async fn list(
    context: &Context,
    page: &Page,
    archived: bool,
    of: &OfAccount,
) -> Result<(), Diagnosis> {
    let asked = query(page, Collection::UpdateCampaigns)?;
    let client = client(context, of).await?;
    let mut page = client.update_campaigns(&asked).await?;
    if !archived {
        let shown = |campaign: &Campaign| CampaignPhase::of(campaign) != CampaignPhase::Archived;
        page.data.retain(shown);
    }
    print::json(&page);
    Ok(())
}

/// Drafts and changes; no device is touched.
async fn write(context: &Context, command: Campaigns) -> Result<Exit, Diagnosis> {
    let firmdrop = &context.firmdrop;
    let view = match command {
        Campaigns::Create {
            name,
            continuous,
            fields,
            of,
        } => {
            let client = client(context, &of).await?;
            let draft = drafted(&client, name, continuous, fields).await?;
            firmdrop.pelion(&of.account).create_campaign(&draft).await?
        }
        Campaigns::Update {
            id,
            name,
            fields,
            of,
        } => {
            let client = client(context, &of).await?;
            let change = changed(&client, name, fields).await?;
            firmdrop
                .pelion(&of.account)
                .change_campaign(&id, &change)
                .await?
        }
        Campaigns::Copy {
            id,
            name,
            failed,
            of,
        } => {
            let service = firmdrop.pelion(&of.account);
            let draft = service.copy_of_campaign(&id, &name, failed).await?;
            service.create_campaign(&draft).await?
        }
        _ => return Ok(Exit::Done),
    };
    print::json(&view);
    Ok(Exit::Done)
}

/// What moves a campaign on, or ends it.
async fn act(context: &Context, command: Campaigns) -> Result<Exit, Diagnosis> {
    let firmdrop = &context.firmdrop;
    let view = match command {
        Campaigns::Start {
            id,
            expect_devices,
            of,
        } => {
            let service = firmdrop.pelion(&of.account);
            service.start_campaign(&id, expect_devices).await?
        }
        Campaigns::Stop(Confirmed { id, yes, of }) => {
            let question = format!("Stop the campaign {id}? {STOP_DOES_NOT_CALL_BACK}");
            if let Err(exit) = context.may(yes, &question) {
                return Ok(exit);
            }
            firmdrop.pelion(&of.account).stop_campaign(&id).await?
        }
        Campaigns::Archive(One { id, of }) => {
            firmdrop.pelion(&of.account).archive_campaign(&id).await?
        }
        Campaigns::Delete { id, stop, yes, of } => {
            let question = format!("Delete the campaign {id}? It cannot be undone.");
            if let Err(exit) = context.may(yes, &question) {
                return Ok(exit);
            }
            if stop {
                firmdrop.pelion(&of.account).stop_and_wait(&id).await?;
            }
            let client = client(context, &of).await?;
            return done(context, client.delete_campaign(&id).await);
        }
        _ => return Ok(Exit::Done),
    };
    print::json(&view);
    Ok(Exit::Done)
}

async fn drafted(
    client: &Client,
    name: String,
    continuous: bool,
    fields: CampaignFields,
) -> Result<CampaignDraft, Diagnosis> {
    let change = changed(client, None, fields).await?;
    Ok(CampaignDraft {
        name,
        description: change.description.unwrap_or_default(),
        device_filter: change.device_filter.unwrap_or_default(),
        root_manifest_id: change.root_manifest_id,
        campaign_strategy: if continuous {
            Strategy::Continuous
        } else {
            Strategy::OneShot
        },
        autostop: change.autostop,
        autostop_success_percent: change.autostop_success_percent,
        approval_required: change.approval_required,
        when: change.when,
    })
}

async fn changed(
    client: &Client,
    name: Option<String>,
    fields: CampaignFields,
) -> Result<CampaignChange, Diagnosis> {
    let device_filter = match fields.filter {
        Some(filter) => Some(resolved(client, filter).await?),
        None => None,
    };
    let autostop = match (fields.no_autostop, fields.stop_at_percent) {
        (true, _) => Some(false),
        (false, Some(_)) => Some(true),
        (false, None) => None,
    };
    Ok(CampaignChange {
        name,
        description: fields.description,
        device_filter,
        root_manifest_id: fields.manifest,
        autostop,
        autostop_success_percent: fields.stop_at_percent,
        approval_required: fields.approval_required.then_some(true),
        when: fields.when,
    })
}

/// The text of a filter; the id of a saved query becomes that query's text.
async fn resolved(client: &Client, filter: String) -> Result<String, Diagnosis> {
    let Some(id) = FilterText::saved_query_id(&filter) else {
        return Ok(filter);
    };
    let query = client.device_query(id).await?;
    print::line_to_error(&format!("Saved query {}: {}", query.name, query.query));
    Ok(query.query)
}
