//! `pelion queries`: saved device queries.

use firmdrop_api::Diagnosis;
use firmdrop_api::pelion::{Collection, FilterText};

use super::answer::{answer, done};
use super::arguments::{Confirmed, Listed, One, Queries};
use super::client::client;
use super::query::query;
use crate::context::Context;
use crate::exit::Exit;

pub(super) async fn run(context: &Context, command: Queries) -> Result<Exit, Diagnosis> {
    match command {
        Queries::List(Listed { page, of }) => answer(
            client(context, &of)
                .await?
                .device_queries(&query(&page, Collection::DeviceQueries)?)
                .await,
        ),
        Queries::Show(One { id, of }) => {
            answer(client(context, &of).await?.device_query(&id).await)
        }
        Queries::Create { name, query, of } => {
            readable(&query)?;
            let client = client(context, &of).await?;
            answer(client.create_device_query(&name, &query).await)
        }
        Queries::Update {
            id,
            name,
            query,
            of,
        } => {
            query.as_deref().map(readable).transpose()?;
            let client = client(context, &of).await?;
            // The service replaces both.
            let old = client.device_query(&id).await?;
            let name = name.unwrap_or(old.name);
            let query = query.unwrap_or(old.query);
            answer(client.change_device_query(&id, &name, &query).await)
        }
        Queries::Delete(Confirmed { id, yes, of }) => {
            if let Err(exit) = context.may(yes, &format!("Delete the saved query {id}?")) {
                return Ok(exit);
            }
            let client = client(context, &of).await?;
            done(context, client.delete_device_query(&id).await)
        }
    }
}

/// A query that cannot be read would match nobody, or everybody.
fn readable(query: &str) -> Result<(), Diagnosis> {
    let read = FilterText::parse(query, Collection::Devices);
    read.map(drop).map_err(Diagnosis::from)
}
