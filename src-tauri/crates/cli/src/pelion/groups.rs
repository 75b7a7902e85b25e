//! `pelion groups`: device groups.

use firmdrop_api::Diagnosis;
use firmdrop_api::pelion::Collection;

use super::answer::{answer, done};
use super::arguments::{Confirmed, Groups, Listed, One};
use super::client::client;
use super::query::query;
use crate::context::Context;
use crate::exit::Exit;

pub(super) async fn run(context: &Context, command: Groups) -> Result<Exit, Diagnosis> {
    match command {
        Groups::List(Listed { page, of }) => answer(
            client(context, &of)
                .await?
                .device_groups(&query(&page, Collection::DeviceGroups)?)
                .await,
        ),
        Groups::Show(One { id, of }) => answer(client(context, &of).await?.device_group(&id).await),
        Groups::Create {
            name,
            description,
            of,
        } => {
            let client = client(context, &of).await?;
            let description = description.unwrap_or_default();
            answer(client.create_device_group(&name, &description).await)
        }
        Groups::Update {
            id,
            name,
            description,
            of,
        } => {
            let client = client(context, &of).await?;
            let changed = client.change_device_group(&id, name.as_deref(), description.as_deref());
            answer(changed.await)
        }
        Groups::Delete(Confirmed { id, yes, of }) => {
            if let Err(exit) =
                context.may(yes, &format!("Delete the group {id}? Its devices stay."))
            {
                return Ok(exit);
            }
            let client = client(context, &of).await?;
            done(context, client.delete_device_group(&id).await)
        }
        Groups::Devices { id, page, of } => answer(
            client(context, &of)
                .await?
                .group_devices(&id, &query(&page, Collection::Devices)?)
                .await,
        ),
        Groups::Add { id, device, of } => {
            let client = client(context, &of).await?;
            done(context, client.add_device_to_group(&id, &device).await)
        }
        Groups::Remove { id, device, of } => {
            let client = client(context, &of).await?;
            done(context, client.remove_device_from_group(&id, &device).await)
        }
    }
}
