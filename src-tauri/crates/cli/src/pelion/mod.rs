//! Pelion on the command line: one command for each operation of the service, the offline manifests,
//! and what `deliver` and `job` show of a campaign.

mod arguments;
mod campaign_devices;
mod campaign_watch;
mod campaigns;
mod chunks;
mod devices;
mod events;
mod groups;
mod images;
pub(crate) mod job;
pub(crate) mod manifest;
mod manifests;
mod queries;
mod upload_jobs;

use firmdrop_api::Diagnosis;
use firmdrop_api::pelion::{
    Collection, FilterDialect, FilterText, ListQuery, Pelion as Client, PelionError,
};
use serde::Serialize;

use self::arguments::{OfAccount, Page};
use crate::commands::Context;
use crate::exit::Exit;
use crate::{print, prompt};

pub(crate) use self::arguments::{CampaignOptions, DemoParts, Pelion};

pub(crate) async fn run(context: &Context, command: Pelion) -> Result<Exit, Diagnosis> {
    match command {
        Pelion::UploadJobs(command) => Box::pin(upload_jobs::run(context, command)).await,
        Pelion::Chunks(command) => Box::pin(chunks::run(context, command)).await,
        Pelion::Images(command) => Box::pin(images::run(context, command)).await,
        Pelion::Manifests(command) => Box::pin(manifests::run(context, command)).await,
        Pelion::Campaigns(command) => Box::pin(campaigns::run(context, command)).await,
        Pelion::Devices(command) => Box::pin(devices::run(context, command)).await,
        Pelion::Queries(command) => Box::pin(queries::run(context, command)).await,
        Pelion::Groups(command) => Box::pin(groups::run(context, command)).await,
        Pelion::Events(command) => Box::pin(events::run(context, command)).await,
    }
}

async fn client(context: &Context, of: &OfAccount) -> Result<Client, Diagnosis> {
    context.firmdrop.pelion(&of.account).client().await
}

/// The service's answer, in its own words.
fn answer(answer: Result<impl Serialize, PelionError>) -> Result<Exit, Diagnosis> {
    print::json(&answer?);
    Ok(Exit::Done)
}

/// Asks before something that cannot be undone. Anything but a yes is how the command ends.
fn may(context: &Context, yes: bool, question: &str) -> Result<(), Exit> {
    if yes {
        Ok(())
    } else {
        prompt::confirm(question, context.json)
    }
}

/// Says that it is done, where the service says nothing more.
fn done(context: &Context, answer: Result<(), PelionError>) -> Result<Exit, Diagnosis> {
    answer?;
    print::done(context.json);
    Ok(Exit::Done)
}

fn query(page: &Page, collection: Collection) -> Result<ListQuery, Diagnosis> {
    let filter = FilterText::parse(&page.filter.join("&"), collection);
    let filter = filter?;
    for warning in &filter.warnings {
        print::line_to_error(&warning.text);
    }
    let mut query = ListQuery {
        limit: page.position.limit.map(u32::from),
        after: page.position.after.clone(),
        total_count: page.position.count,
        ..ListQuery::default()
    };
    if page.position.newest_first {
        query = query.newest_first();
    }
    if page.one_filter_parameter {
        query = query.dialect(FilterDialect::OneParameter);
    }
    Ok(query.matching(&filter))
}
