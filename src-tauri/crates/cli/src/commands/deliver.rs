//! `deliver`: plan, confirm, carry out, wait for the proof.

use firmdrop_api::{ConfirmationAbout, ConfirmedPlan, DeliveryOptions, Diagnosis, Plan};
use serde_json::{Value, json};

use super::source;
use crate::arguments::Deliver;
use crate::context::Context;
use crate::exit::Exit;
use crate::once::ensure_once;
use crate::{kinds, print, progress, prompt, words};

pub(super) async fn run(context: &Context, command: Deliver) -> Result<Exit, Diagnosis> {
    let firmdrop = &context.firmdrop;
    if command.to.iter().any(|to| kinds::is_simulated(to)) {
        firmdrop.open_demo().await?;
    }
    let (of_kind, description) = (&command.of_kind, command.description.as_deref());
    let mut own = of_kind.given(description, command.chunk_bytes)?;
    ensure_once("option", &command.options)?;
    let given = command.options.iter();
    own.extend(given.map(|(key, value)| (key.clone(), Value::from(value.clone()))));
    // The number of devices is the confirmation of a start.
    let is_confirmed = command.yes || of_kind.is_confirmed();
    let options = DeliveryOptions {
        name: command.name,
        description: command.description,
        address: command.address,
        own,
    };
    // Downloads, at first.
    context.waiting.for_something_harmless();
    let mut paths = Vec::new();
    for file in &command.files {
        paths.push(source::path_of(context, file, &command.fetch).await?);
    }
    let delivery = Delivery {
        paths,
        to: command.to,
        options,
        dry_run: command.dry_run,
        is_confirmed,
        send_damaged: command.send_damaged,
    };
    delivery.carry_out(context).await
}

/// Files on their way, whichever command was given.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) paths: Vec<String>,
    pub(crate) to: Vec<String>,
    pub(crate) options: DeliveryOptions,
    /// Print the plan and send nothing.
    pub(crate) dry_run: bool,
    /// Do not ask.
    pub(crate) is_confirmed: bool,
    /// That a file is damaged was confirmed too.
    pub(crate) send_damaged: bool,
}

impl Delivery {
    /// Plans, asks, carries out, waits for the proof.
    pub(crate) async fn carry_out(self, context: &Context) -> Result<Exit, Diagnosis> {
        let firmdrop = &context.firmdrop;
        // Planning asks readers and services what they hold.
        context.waiting.for_something_harmless();
        let plans = firmdrop
            .plan_files(&self.paths, &self.to, self.options)
            .await?;
        show(&plans, context.json);
        if self.dry_run {
            return Ok(Exit::Done);
        }
        if !self.is_confirmed
            && let Err(exit) = prompt::confirm(&question(&plans), context.json)
        {
            return Ok(exit);
        }
        let watch = firmdrop.engine().watch();
        // Damage is confirmed by whoever read it, or by its own option.
        let damage_is_confirmed = self.send_damaged || !self.is_confirmed;
        let mut confirmed: Vec<ConfirmedPlan> = plans.iter().map(ConfirmedPlan::whole).collect();
        for plan in &mut confirmed {
            let is_given = |about: &ConfirmationAbout| {
                damage_is_confirmed || *about != ConfirmationAbout::Damaged
            };
            plan.confirmed.retain(is_given);
        }
        context.waiting.is_over();
        let jobs = firmdrop.deliver_confirmed(&confirmed).await?;
        progress::follow(firmdrop, watch, &jobs, context.json).await
    }
}

/// The plans as a user confirms them, or as a script stores them.
pub(super) fn show(plans: &[Plan], as_json: bool) {
    for plan in plans {
        if as_json {
            print::json_line(&json!({ "event": "plan", "plan": plan }));
            continue;
        }
        for line in lines(plan) {
            print::line_to_error(&line);
        }
    }
}

/// A plan for the user: what goes where, what is at risk, what proves it, and only then the steps.
fn lines(plan: &Plan) -> Vec<String> {
    let sizes = plan.files.iter().map(|file| file.expected.size_bytes);
    let size = words::size(sizes.sum());
    let mark = if plan.simulated {
        ", simulated"
    } else if plan.production {
        ", PRODUCTION"
    } else {
        ""
    };
    let row = |label: &str, text: &str| format!("  {label:<14} {text}");
    let head = format!(
        "{} ({size}) to {}{mark}",
        plan.image_name(),
        plan.destination
    );
    let mut lines = vec![head];
    lines.extend(kinds::planned(plan));
    for (number, each) in plan.confirmations.iter().enumerate() {
        let text = format!("{}. {}", each.title, each.consequence);
        lines.push(row(if number == 0 { "Confirms" } else { "" }, &text));
    }
    for (number, risk) in plan.risks.iter().enumerate() {
        lines.push(row(if number == 0 { "Risks" } else { "" }, risk));
    }
    lines.push(row("Verified when", &plan.verified_when));
    if !plan.if_stopped.is_empty() {
        lines.push(row("If interrupted", &plan.if_stopped));
    }
    let mut undo = "";
    for (number, phase) in plan.phases.iter().enumerate() {
        let label = if number == 0 { "Steps" } else { "" };
        let expected = match phase.usual_seconds {
            Some(seconds) => format!("usually {}", words::seconds(seconds)),
            None if phase.bytes > 0 => words::size(phase.bytes),
            None => String::new(),
        };
        // What can be undone is said where it changes.
        let shown = if phase.undo == undo { "" } else { &phase.undo };
        undo = &phase.undo;
        let step = format!("{}. {:<26} {expected:<14} {shown}", number + 1, phase.title);
        lines.push(row(label, step.trim_end()));
    }
    lines
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
