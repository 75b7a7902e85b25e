//! `pelion devices`.

use firmdrop_api::Diagnosis;
use firmdrop_api::pelion::Collection;
use serde_json::json;

use super::answer::answer;
use super::arguments::{Devices, Listed, One};
use super::client::client;
use super::query::query;
use crate::context::Context;
use crate::exit::Exit;
use crate::print;

pub(super) async fn run(context: &Context, command: Devices) -> Result<Exit, Diagnosis> {
    match command {
        Devices::List(Listed { page, of }) => answer(
            client(context, &of)
                .await?
                .devices(&query(&page, Collection::Devices)?)
                .await,
        ),
        Devices::Show(One { id, of }) => {
            let detail = context.firmdrop.pelion(&of.account).device(&id).await?;
            print::json(&detail);
            Ok(Exit::Done)
        }
        Devices::Count { filter, of } => {
            let firmdrop = &context.firmdrop;
            let devices = firmdrop.pelion(&of.account).count_devices(&filter).await?;
            print::json(&json!({ "filter": filter, "devices": devices }));
            Ok(Exit::Done)
        }
    }
}
