//! `adu deployments`.

use firmdrop_api::Diagnosis;
use firmdrop_api::azure::{DEPLOYMENT_ID_CHARACTERS, DeploymentView, StartDeployment, UpdateId};

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
            let made = made_id(&update, milliseconds);
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
        Deployments::Cancel { one, yes } => cancel(context, one, yes).await,
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

async fn cancel(context: &Context, one: OfGroup, yes: bool) -> Result<Exit, Diagnosis> {
    let OfGroup { id, group, of } = one;
    ready(context, &of.account).await?;
    let question =
        format!("Cancel the deployment {id}? Devices that have begun are not called back.");
    if let Err(exit) = context.may(yes, &question) {
        return Ok(exit);
    }
    let service = context.firmdrop.azure(&of.account);
    let view = service.cancel_deployment(&group, &id).await?;
    let shown = context.show(&view, tables::deployment_view);
    if is_cancelled(&view) {
        return Ok(shown);
    }
    let state =
        "The service accepted the cancellation and does not show the deployment as cancelled.";
    print::line_to_error(&format!(
        "{state} Look at it again: `adu deployments show`."
    ));
    Ok(Exit::Sent)
}

/// Whether the service shows it as cancelled.
fn is_cancelled(view: &DeploymentView) -> bool {
    let words = ["canceled", "cancelled"];
    let is_word = |word: &&str| view.state.eq_ignore_ascii_case(word);
    view.deployment.is_canceled || words.iter().any(is_word)
}

/// The id of a deployment that nobody named: the update, cut to what the service takes, and the time.
fn made_id(update: &UpdateId, milliseconds: i64) -> String {
    let time = format!("-{milliseconds}");
    let room = DEPLOYMENT_ID_CHARACTERS.saturating_sub(time.len());
    let update = format!("{}-{}", update.name, update.version).to_lowercase();
    let update: String = update.chars().take(room).collect();
    update + &time
}

#[cfg(test)]
mod tests {
    use firmdrop_api::azure::DeploymentRow;

    use super::*;

    #[test]
    fn a_deployment_is_cancelled_when_the_service_shows_it_so() {
        let view = |state: &str, is_canceled| DeploymentView {
            deployment: DeploymentRow {
                id: "d".to_owned(),
                group: "g".to_owned(),
                update: "u".to_owned(),
                start: String::new(),
                is_canceled,
                is_retried: false,
                is_rollback: false,
                classes: Vec::new(),
            },
            state: state.to_owned(),
            error: None,
            reported: None,
            in_words: String::new(),
            is_over: false,
            not_reported: None,
        };
        assert!(is_cancelled(&view("Active", true)));
        assert!(is_cancelled(&view("Canceled", false)));
        assert!(!is_cancelled(&view("Active", false)));
        assert!(!is_cancelled(&view("", false)));
    }

    #[test]
    fn an_id_that_is_made_is_one_that_the_service_takes_however_long_the_name() {
        let id = |name: &str| UpdateId {
            provider: "Contoso".to_owned(),
            name: name.to_owned(),
            version: "2147483647.2147483647.2147483647.2147483647".to_owned(),
        };
        let long = made_id(&id(&"T".repeat(64)), 1_796_004_912_903);
        assert_eq!(long.chars().count(), DEPLOYMENT_ID_CHARACTERS);
        assert!(
            long.starts_with("ttt") && long.ends_with("-1796004912903"),
            "{long}"
        );
        let short = made_id(
            &UpdateId {
                version: "1.0".to_owned(),
                ..id("Toaster")
            },
            7,
        );
        assert_eq!(short, "toaster-1.0-7");
    }
}
