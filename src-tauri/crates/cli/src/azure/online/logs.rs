//! `adu logs`.

use firmdrop_api::Diagnosis;
use firmdrop_api::azure::StartLogs;

use super::arguments::Logs;
use super::ready::ready;
use super::tables;
use crate::context::Context;
use crate::exit::Exit;

pub(super) async fn run(context: &Context, command: Logs) -> Result<Exit, Diagnosis> {
    let service = |account: &str| context.firmdrop.azure(account);
    match command {
        Logs::Collect {
            devices,
            description,
            id,
            of,
        } => {
            ready(context, &of.account).await?;
            let milliseconds = context.firmdrop.engine().now().as_millisecond();
            let start = StartLogs {
                id: id.unwrap_or_else(|| format!("logs-{milliseconds}")),
                devices,
                description,
            };
            let begun = service(&of.account).collect_logs(&start).await?;
            Ok(context.show(&begun, |begun| vec![tables::log(begun)]))
        }
        Logs::List(of) => {
            ready(context, &of.account).await?;
            let rows = service(&of.account).log_collections().await?;
            Ok(context.show(&rows, |rows| {
                tables::or_none(rows.iter().map(tables::log), "No collection of logs.")
            }))
        }
        Logs::Show { id, of } => {
            ready(context, &of.account).await?;
            let view = service(&of.account).log_collection(&id).await?;
            Ok(context.show(&view, tables::log_view))
        }
    }
}
