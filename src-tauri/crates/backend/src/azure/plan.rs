//! The plan of an import, and of the deployment after it.

use firmdrop_cloud::azure::FRIENDLY_NAME_CHARACTERS;
use firmdrop_core::{Code, Diagnosis, Remedy};
use firmdrop_engine::{Plan, PlanRequest, blocking};

use super::account::{Connected, client};
use super::gather::{Recipe, gather};
use super::options::AzureOptions;
use super::{deploy_planner, held, import_planner};

pub(super) async fn plan(request: PlanRequest<'_>) -> Result<Plan, Diagnosis> {
    let options = AzureOptions::read(request.options)?;
    ensure_name(request.options.name.as_deref())?;
    let account: Connected = client(request.accounts, &request.destination.address).await?;
    let recipe = Recipe {
        new: options.update.clone(),
        description: request.options.description.clone(),
        profile: account.profile,
        now: request.clock.now(),
    };
    let files = request.files.clone();
    let mut gathered = blocking(move || gather(&files, &recipe)).await?;
    if options.deploy.is_some() {
        deploy_planner::ensure_deployable(&gathered)?;
    }
    let held = held::check(&account, &gathered).await;
    gathered.check_together(held.known().as_deref())?;
    held.leave_out_held(&mut gathered);
    let (mut plan, mut planned) =
        import_planner::import_plan(&request, &account, gathered, &options);
    held.add_to(&mut plan)?;
    if let Some(deploy) = &options.deploy {
        deploy_planner::add(&mut plan, &mut planned, &account, deploy).await?;
    }
    planned.put_into(&mut plan)?;
    Ok(plan)
}

/// Refuses a name for lists that the service would refuse once the files are stored.
fn ensure_name(name: Option<&str>) -> Result<(), Diagnosis> {
    let characters = name.map_or(1, |name| name.chars().count());
    if (1..=FRIENDLY_NAME_CHARACTERS).contains(&characters) {
        return Ok(());
    }
    let why = format!(
        "It has {characters} characters, and the service takes 1 to {FRIENDLY_NAME_CHARACTERS}."
    );
    let what = "The name that lists show cannot be used.";
    Err(Diagnosis::new(Code::NameTooLong, what, why)
        .titled("The name cannot be used")
        .state("Nothing was sent.")
        .remedy(Remedy::advice("Choose another name, or leave it out.")))
}
