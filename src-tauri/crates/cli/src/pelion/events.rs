//! `pelion events`: what happened to devices.

use firmdrop_api::Diagnosis;
use firmdrop_api::pelion::{Collection, TimedEvent};

use super::answer::answer;
use super::arguments::{Events, Listed, One};
use super::client::client;
use super::query::query;
use crate::context::Context;
use crate::exit::Exit;
use crate::print;

pub(super) async fn run(context: &Context, command: Events) -> Result<Exit, Diagnosis> {
    match command {
        Events::List(Listed { page, of }) => answer(
            client(context, &of)
                .await?
                .device_events(&query(&page, Collection::DeviceEvents)?)
                .await,
        ),
        Events::Show(One { id, of }) => {
            let event = client(context, &of).await?.device_event(&id).await?;
            print::json(&TimedEvent::from(event));
            Ok(Exit::Done)
        }
    }
}
