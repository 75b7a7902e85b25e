//! Chooses among the commands that talk to an account.

use firmdrop_api::Diagnosis;

use super::arguments::Online;
use super::{deployments, import, sign_in, updates};
use crate::context::Context;
use crate::exit::Exit;

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
