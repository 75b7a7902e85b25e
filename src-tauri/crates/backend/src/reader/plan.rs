//! The plan of a load.

use firmdrop_core::{Code, Diagnosis, Fit, Remedy};
use firmdrop_engine::{DeliveryOptions, Impact, Plan, PlanRequest, check_file_phase};
use firmdrop_link::LinkAddress;
use firmdrop_loader::{LoadError, Loader, Target};

/// What the reader said when the plan was made, in a plan's own fields.
const PLANNED_FOR: &str = "planned_for";

/// The option of a protocol that writes by addresses.
const ADDRESS: &str = "load_address";

/// The options, with the address of the file as the protocol's own where it has such an option.
fn with_address(loader: &dyn Loader, options: &DeliveryOptions) -> DeliveryOptions {
    let mut options = options.clone();
    let takes_one = loader.options().iter().any(|option| option.name == ADDRESS);
    if let Some(address) = options.address.filter(|_| takes_one) {
        let given = options.own.entry(ADDRESS);
        given.or_insert_with(|| address.into());
    }
    options
}

pub(super) fn plan(
    loader: &dyn Loader,
    link: &LinkAddress,
    target: Option<&Target>,
    request: PlanRequest<'_>,
) -> Result<Plan, Diagnosis> {
    let refused = |why: String| {
        let what = format!(
            "The file {} was not planned for {link}.",
            request.files.first().file_name
        );
        Diagnosis::new(Code::DoesNotFit, what, why)
            .state("The reader was not touched.")
            .remedy(Remedy::ChooseAnotherFile)
    };
    let image = request
        .files
        .only()
        .ok_or_else(|| refused("A reader is loaded with one file at a time.".to_owned()))?;
    let options = with_address(loader, request.options);
    let own = &options.own;
    if let Fit::DoesNotFit { why } = loader.fit(&image.inspection, target, own) {
        // A wrong option is no fault of the image.
        return match loader.plan(&image.inspection, target, own) {
            Err(wrong @ LoadError::BadOption { .. }) => Err(wrong.into()),
            _ => Err(refused(why)),
        };
    }
    let load = loader.plan(&image.inspection, target, own)?;
    let mut plan = Plan::new(
        request.files.clone(),
        request.destination.clone(),
        options.clone(),
        Impact::DeviceWrite,
    );
    link.without_options()
        .clone_into(&mut plan.destination_name);
    plan.simulated = link.is_simulated();
    plan.phases = std::iter::once(check_file_phase())
        .chain(load.phases)
        .collect();
    plan.risks = std::iter::once(load.impact)
        .filter(|impact| !impact.is_empty())
        .chain(load.risks)
        .collect();
    if options.address.is_some() && !options.own.contains_key(ADDRESS) {
        let unused = "The address is not used: the reader decides itself where the image lies.";
        plan.risks.push(unused.into());
    }
    plan.verified_when = load.verified_when;
    plan.verified_by = load.verified_by;
    plan.if_stopped = load.if_stopped;
    plan.save_before = Some(load.save_before);
    if let Some(said) = target.and_then(|target| serde_json::to_value(target).ok()) {
        plan.own.insert(PLANNED_FOR.into(), said);
    }
    Ok(plan)
}

/// What the reader said when the plan was made; `None` when it did not answer then, and in plans of older journals. A plan
/// that says it in a form that is not known here is refused: its reader could not be compared.
pub(super) fn planned_for(plan: &Plan) -> Result<Option<Target>, Diagnosis> {
    let Some(said) = plan.own.get(PLANNED_FOR) else {
        return Ok(None);
    };
    serde_json::from_value(said.clone()).map(Some).map_err(|error| {
        Diagnosis::new(
            Code::AnotherAnswers,
            "The load was not started: what its plan says of the reader cannot be read.",
            format!("Another version of Firmdrop made the plan, or its journal is damaged ({error})."),
        )
        .titled("The plan cannot be compared with the reader")
        .state("The reader was not touched by this run.")
        .remedy(Remedy::PlanAgain)
    })
}
