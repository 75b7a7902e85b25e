//! `deliver`: plan, confirm, carry out, wait for the proof.

use firmdrop_api::{DeliveryOptions, Diagnosis, Plan, PlanId};
use serde_json::json;

use super::{Context, source};
use crate::arguments::Deliver;
use crate::exit::Exit;
use crate::{kinds, print, progress, prompt, words};

pub(super) async fn run(context: &Context, command: Deliver) -> Result<Exit, Diagnosis> {
    let firmdrop = &context.firmdrop;
    if command.to.iter().any(|to| kinds::is_simulated(to)) {
        firmdrop.open_demo().await?;
    }
    let own = kinds::options(&command);
    let options = DeliveryOptions {
        name: command.name,
        description: command.description,
        address: command.address,
        own,
    };
    let mut plans = Vec::new();
    for file in &command.files {
        let path = source::path_of(context, file, &command.fetch).await?;
        plans.extend(firmdrop.plan(&path, &command.to, options.clone()).await?);
    }
    show(&plans, context.json);
    if command.dry_run {
        return Ok(Exit::Done);
    }
    // The number of devices is the confirmation of a start.
    let confirmed = command.yes || command.campaign.expect_devices.is_some();
    if !confirmed && !prompt::confirm(&question(&plans))? {
        return Ok(Exit::Cancelled);
    }
    let watch = firmdrop.engine().watch();
    let ids: Vec<PlanId> = plans.into_iter().map(|plan| plan.id).collect();
    let jobs = firmdrop.deliver(&ids).await?;
    progress::follow(firmdrop, watch, &jobs, context.json).await
}

/// The plan as a user confirms it, or as a script stores it.
fn show(plans: &[Plan], as_json: bool) {
    for plan in plans {
        if as_json {
            print::json_line(&json!({ "event": "plan", "plan": plan }));
            continue;
        }
        let size = words::size(plan.image().expected.size_bytes);
        let mark = if plan.simulated {
            ", simulated"
        } else if plan.production {
            ", PRODUCTION"
        } else {
            ""
        };
        print::line_to_error(&format!(
            "{} ({size}) to {}{mark}",
            plan.image_name(),
            plan.destination
        ));
        for (number, phase) in plan.phases.iter().enumerate() {
            let expected = phase.usual_seconds.map_or_else(
                || {
                    if phase.bytes > 0 {
                        words::size(phase.bytes)
                    } else {
                        String::new()
                    }
                },
                |seconds| format!("usually {}", words::seconds(seconds)),
            );
            print::line_to_error(&format!(
                "  {}. {:<28} {expected:<18} {}",
                number + 1,
                phase.title,
                phase.undo
            ));
        }
        kinds::show_planned(plan);
        for risk in &plan.risks {
            print::line_to_error(&format!("  {risk}"));
        }
        print::line_to_error(&format!("  Verified when: {}", plan.verified_when));
    }
}

fn question(plans: &[Plan]) -> String {
    match plans {
        [plan] => format!(
            "Deliver {} to {}?",
            plan.image_name(),
            plan.destination_name
        ),
        plans => format!("Carry out {} deliveries?", plans.len()),
    }
}
