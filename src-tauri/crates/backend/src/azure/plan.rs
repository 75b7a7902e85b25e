//! The plan of an import, and of the deployment after it.

use firmdrop_core::Diagnosis;
use firmdrop_engine::{Plan, PlanRequest, blocking};

use super::account::{Connected, client};
use super::gather::{Recipe, gather};
use super::options::AzureOptions;
use super::{deploy_planner, held, import_planner};

pub(super) async fn plan(request: PlanRequest<'_>) -> Result<Plan, Diagnosis> {
    let options = AzureOptions::read(request.options)?;
    let account: Connected = client(request.accounts, &request.destination.address).await?;
    let recipe = Recipe {
        new: options.update.clone(),
        description: request.options.description.clone(),
        profile: account.profile,
        now: request.clock.now(),
    };
    let files = request.files.clone();
    let mut gathered = blocking(move || gather(&files, &recipe)).await?;
    let asked = held::ask(&account, &gathered).await;
    gathered.check_together(asked.known().as_deref())?;
    asked.leave_out_held(&mut gathered);
    let (mut plan, mut planned) =
        import_planner::import_plan(&request, &account, gathered, &options);
    asked.say(&mut plan)?;
    if let Some(deploy) = &options.deploy {
        deploy_planner::add(&mut plan, &mut planned, &account, deploy).await?;
    }
    planned.put_into(&mut plan)?;
    Ok(plan)
}
