//! `adu deployments`.

use firmdrop_api::Diagnosis;
use firmdrop_api::azure::StartDeployment;

use super::arguments::{Deployments, OfGroup};
use super::ready::ready;
use super::update_id::update_id;
use super::{tables, watch};
use crate::context::Context;
use crate::exit::Exit;
use crate::print;

pub(super) async fn run(context: &Context, command: Deployments) -> Result<Exit, Diagnosis> {
    let service = |account: &str| context.firmdrop.azure(account);
    match command {
        Deployments::List { group, of } => {
            ready(context, &of.account).await?;
            let rows = service(&of.account).deployments(&group).await?;
            Ok(context.show(&rows, |rows| {
                if rows.is_empty() {
                    return vec!["No deployment.".to_owned()];
                }
                rows.iter().map(tables::deployment).collect()
            }))
        }
        Deployments::Show(OfGroup { id, group, of }) => {
            ready(context, &of.account).await?;
            let view = service(&of.account).deployment(&group, &id).await?;
            Ok(context.show(&view, tables::deployment_view))
        }
        Deployments::Preview { update, group, of } => {
            let id = update_id(&update)?;
            ready(context, &of.account).await?;
            let reach = service(&of.account).reach(&group, &id).await?;
            Ok(context.show(&reach, tables::reach))
        }
        Deployments::Start {
            update,
            group,
            expect_devices,
            id,
            of,
        } => {
            let update = update_id(&update)?;
            ready(context, &of.account).await?;
            let milliseconds = context.firmdrop.engine().now().as_millisecond();
            let made = format!("{}-{}-{milliseconds}", update.name, update.version).to_lowercase();
            let start = StartDeployment {
                group,
                provider: update.provider,
                name: update.name,
                version: update.version,
                deployment_id: id.unwrap_or(made),
                expect_devices,
                download_security: None,
            };
            let row = service(&of.account).start_deployment(&start).await?;
            Ok(context.show(&row, |row| vec![tables::deployment(row)]))
        }
        Deployments::Watch { one, within } => watch::run(context, &one, within).await,
        Deployments::Retry(OfGroup { id, group, of }) => {
            ready(context, &of.account).await?;
            let view = service(&of.account).retry_deployment(&group, &id).await?;
            Ok(context.show(&view, tables::deployment_view))
        }
        Deployments::Cancel { one, yes } => {
            let OfGroup { id, group, of } = one;
            ready(context, &of.account).await?;
            let question =
                format!("Cancel the deployment {id}? Devices that have begun are not called back.");
            if let Err(exit) = context.may(yes, &question) {
                return Ok(exit);
            }
            let view = service(&of.account).cancel_deployment(&group, &id).await?;
            Ok(context.show(&view, tables::deployment_view))
        }
        Deployments::Delete { one, yes } => {
            let OfGroup { id, group, of } = one;
            ready(context, &of.account).await?;
            let question = format!("Delete the deployment {id}? It cannot be undone.");
            if let Err(exit) = context.may(yes, &question) {
                return Ok(exit);
            }
            service(&of.account).delete_deployment(&group, &id).await?;
            print::done(context.json);
            Ok(Exit::Done)
        }
    }
}
