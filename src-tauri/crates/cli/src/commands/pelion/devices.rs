//! `pelion devices`.

use firmdrop_api::Diagnosis;
use firmdrop_api::pelion::Collection;
use serde_json::json;

use super::{answer, client, query};
use crate::arguments::{FleetDevices, Listed, One};
use crate::commands::Context;
use crate::exit::Exit;
use crate::print;

pub(super) async fn run(context: &Context, command: FleetDevices) -> Result<Exit, Diagnosis> {
    match command {
        FleetDevices::List(Listed { page, of }) => answer(
            client(context, &of)
                .await?
                .devices(&query(&page, Collection::Devices)?)
                .await,
        ),
        FleetDevices::Show(One { id, of }) => {
            let detail = context.firmdrop.cloud_device(&of.account, &id).await?;
            print::json(&detail);
            Ok(Exit::Done)
        }
        FleetDevices::Count { filter, of } => {
            let firmdrop = &context.firmdrop;
            let devices = firmdrop.count_cloud_devices(&of.account, &filter).await?;
            print::json(&json!({ "filter": filter, "devices": devices }));
            Ok(Exit::Done)
        }
    }
}
