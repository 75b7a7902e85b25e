//! `adu classes`.

use firmdrop_api::Diagnosis;

use super::arguments::{Class, OfAccount};
use super::ready::ready;
use super::tables;
use crate::context::Context;
use crate::exit::Exit;

pub(super) async fn list(context: &Context, of: &OfAccount) -> Result<Exit, Diagnosis> {
    ready(context, &of.account).await?;
    let classes = context.firmdrop.azure(&of.account).device_classes().await?;
    Ok(context.show(&classes, |classes| {
        tables::or_none(classes.iter().flat_map(tables::class), "No device class.")
    }))
}

pub(super) async fn run(context: &Context, command: Class) -> Result<Exit, Diagnosis> {
    let service = |account: &str| context.firmdrop.azure(account);
    match command {
        Class::Updates { class, of } => {
            ready(context, &of.account).await?;
            let updates = service(&of.account).updates_of_class(&class).await?;
            Ok(context.show(&updates, |updates| {
                tables::or_none(updates.iter().cloned(), "No update fits.")
            }))
        }
        Class::Rename { class, name, of } => {
            ready(context, &of.account).await?;
            let renamed = service(&of.account).rename_class(&class, &name).await?;
            Ok(context.show(&renamed, tables::class))
        }
    }
}
