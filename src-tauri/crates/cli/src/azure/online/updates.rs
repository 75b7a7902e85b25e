//! `adu updates` and `adu operations`.

use firmdrop_api::Diagnosis;

use super::arguments::{Operations, Updates};
use super::ready::ready;
use super::tables;
use super::update_id::update_id;
use crate::context::Context;
use crate::exit::Exit;
use crate::print;

pub(super) async fn run(context: &Context, command: Updates) -> Result<Exit, Diagnosis> {
    let firmdrop = &context.firmdrop;
    match command {
        Updates::List { search, of } => {
            ready(context, &of.account).await?;
            let updates = firmdrop.azure(&of.account).updates(search).await?;
            Ok(context.show(&updates, |updates| {
                if updates.is_empty() {
                    return vec!["No update.".to_owned()];
                }
                updates.iter().map(tables::update).collect()
            }))
        }
        Updates::Show { update, of } => {
            let id = update_id(&update)?;
            ready(context, &of.account).await?;
            let view = firmdrop.azure(&of.account).update(&id).await?;
            Ok(context.show(&view, tables::update_view))
        }
        Updates::Delete { update, yes, of } => {
            let id = update_id(&update)?;
            ready(context, &of.account).await?;
            if let Err(exit) = context.may(
                yes,
                &format!("Delete the update {id}? It cannot be undone."),
            ) {
                return Ok(exit);
            }
            firmdrop.azure(&of.account).delete_update(&id).await?;
            print::done(context.json);
            Ok(Exit::Done)
        }
    }
}

pub(super) async fn operations(context: &Context, command: Operations) -> Result<Exit, Diagnosis> {
    let firmdrop = &context.firmdrop;
    match command {
        Operations::List { running, of } => {
            ready(context, &of.account).await?;
            let operations = firmdrop.azure(&of.account).operations(running).await?;
            Ok(context.show(&operations, |operations| {
                if operations.is_empty() {
                    return vec!["No operation.".to_owned()];
                }
                operations.iter().flat_map(tables::operation).collect()
            }))
        }
        Operations::Show { id, of } => {
            ready(context, &of.account).await?;
            let operation = firmdrop.azure(&of.account).operation(&id).await?;
            Ok(context.show(&operation, tables::operation))
        }
    }
}
