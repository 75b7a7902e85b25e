//! Commands that talk to an account of Device Update: `adu updates`, `operations`, `groups`, `devices`,
//! `classes`, `deployments`, `sign-in`.

mod arguments;
mod deployments;
mod import;
mod sign_in;
mod tables;
mod updates;

use firmdrop_api::{Code, Diagnosis};
use serde::Serialize;

use crate::commands::Context;
use crate::exit::Exit;
use crate::{print, prompt};

pub(crate) use self::arguments::Online;

/// Carries one command out.
pub(crate) async fn run(context: &Context, command: Online) -> Result<Exit, Diagnosis> {
    match command {
        Online::Import(command) => import::run(context, command).await,
        Online::Updates(command) => updates::run(context, command).await,
        Online::Operations(command) => updates::operations(context, command).await,
        Online::Groups(of) => deployments::groups(context, &of).await,
        Online::Devices { group, of } => deployments::devices(context, group, &of).await,
        Online::Classes(of) => deployments::classes(context, &of).await,
        Online::Deployments(command) => Box::pin(deployments::run(context, command)).await,
        Online::SignIn { account, code } => sign_in::sign_in(context, &account, code).await,
        Online::SignOut { account } => sign_in::sign_out(context, &account).await,
    }
}

/// Prints an answer: as one document, or as lines for a user.
fn shown<T: Serialize>(
    context: &Context,
    value: &T,
    lines: impl FnOnce(&T) -> Vec<String>,
) -> Exit {
    if context.json {
        print::json(value);
    } else {
        for line in lines(value) {
            print::line(&line);
        }
    }
    Exit::Done
}

/// The demo world is opened when its account is meant.
async fn ready(context: &Context, account: &str) -> Result<(), Diagnosis> {
    let known = context.firmdrop.accounts().await?;
    let is_demo = account == "demo"
        && !known
            .iter()
            .any(|one| one.name == "demo" && one.kind == "adu");
    if is_demo {
        context.firmdrop.open_demo().await?;
    }
    Ok(())
}

/// Asks before something that cannot be undone. Anything but a yes is how the command ends.
fn may(context: &Context, yes: bool, question: &str) -> Result<(), Exit> {
    if yes {
        return Ok(());
    }
    prompt::confirm(question, context.json)
}

/// `PROVIDER/NAME/VERSION` as the id of an update.
fn update_id(text: &str) -> Result<firmdrop_api::azure::UpdateId, Diagnosis> {
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        [provider, name, version] if parts.iter().all(|part| !part.is_empty()) => {
            Ok(firmdrop_api::azure::UpdateId {
                provider: (*provider).to_owned(),
                name: (*name).to_owned(),
                version: (*version).to_owned(),
            })
        }
        _ => Err(Diagnosis::new(
            Code::OptionUnknown,
            format!("{text:?} is no update."),
            "An update is written PROVIDER/NAME/VERSION, as `adu updates list` prints it.",
        )
        .state("Nothing was sent.")),
    }
}
