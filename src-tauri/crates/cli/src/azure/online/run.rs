//! Chooses among the commands that talk to an account.

use firmdrop_api::Diagnosis;

use super::arguments::Online;
use super::{classes, deployments, fleet, import, logs, sign_in, updates};
use crate::context::Context;
use crate::exit::Exit;

/// Carries one command out.
pub(crate) async fn run(context: &Context, command: Online) -> Result<Exit, Diagnosis> {
    match command {
        Online::Import(command) => import::run(context, command).await,
        Online::Updates(command) => updates::run(context, command).await,
        Online::Operations(command) => updates::operations(context, command).await,
        Online::Groups(of) => fleet::groups(context, &of).await,
        Online::Devices { group, of } => fleet::devices(context, group, &of).await,
        Online::Health { device, of } => fleet::health(context, &device, &of).await,
        Online::Compliance { group, of } => fleet::compliance(context, group, &of).await,
        Online::BestUpdates { group, of } => fleet::best_updates(context, &group, &of).await,
        Online::Classes { of_one: None, of } => classes::list(context, &of).await,
        Online::Classes {
            of_one: Some(command),
            ..
        } => classes::run(context, command).await,
        Online::Logs(command) => logs::run(context, command).await,
        Online::Deployments(command) => Box::pin(deployments::run(context, command)).await,
        Online::SignIn { account, code } => sign_in::sign_in(context, &account, code).await,
        Online::SignOut { account } => sign_in::sign_out(context, &account).await,
    }
}
