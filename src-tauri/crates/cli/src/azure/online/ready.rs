//! Opens the demo world where a command needs it.

use firmdrop_api::Diagnosis;

use crate::context::Context;

/// The demo world is opened when its account is meant.
pub(super) async fn ready(context: &Context, account: &str) -> Result<(), Diagnosis> {
    let known = context.firmdrop.accounts().await?;
    let is_demo = account == "demo"
        && !known
            .iter()
            .any(|one| one.name == "demo" && one.kind == "adu");
    if is_demo {
        context.firmdrop.open_demo().await?;
    }
    // Whoever begins a job, or watches, says so.
    context.waiting.for_a_service();
    Ok(())
}
