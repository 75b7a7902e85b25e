//! `adu import`.

use firmdrop_api::azure::AzureOptions;
use firmdrop_api::{DeliveryOptions, Diagnosis};

use super::arguments::Import;
use super::ready::ready;
use crate::commands::Delivery;
use crate::context::Context;
use crate::exit::Exit;

pub(super) async fn run(context: &Context, command: Import) -> Result<Exit, Diagnosis> {
    ready(context, &command.of.account).await?;
    context.waiting.is_over();
    let own = AzureOptions {
        leave_staged: command.leave_staged,
        ..AzureOptions::default()
    };
    let delivery = Delivery {
        paths: command.manifests,
        to: vec![format!("adu:{}", command.of.account)],
        options: DeliveryOptions {
            name: command.name,
            own: own.to_map(),
            ..DeliveryOptions::default()
        },
        dry_run: command.dry_run,
        is_confirmed: command.yes,
        send_damaged: false,
    };
    delivery.carry_out(context).await
}
