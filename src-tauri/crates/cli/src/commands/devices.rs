//! `devices`: the readers that can be seen.

use firmdrop_api::{Code, Diagnosis, ReaderView, Recovery};

use serde_json::json;

use super::deliver::Delivery;
use super::reader_list::print_readers;
use super::watched_readers;
use crate::arguments::{DeviceAct, Devices};
use crate::context::Context;
use crate::exit::Exit;
use crate::words;
use crate::{kinds, print};

pub(super) async fn run(context: &Context, command: &Devices) -> Result<Exit, Diagnosis> {
    if let Some(act) = &command.act {
        return one(context, act).await;
    }
    if !command.watch {
        context.firmdrop.listen_for_readers().await;
        for trouble in context.firmdrop.reader_troubles() {
            print::line_to_error(&trouble.what_happened);
        }
        let readers = context.firmdrop.readers().await;
        if context.json {
            print::json(&readers);
        } else {
            print_readers(&readers);
        }
        return Ok(Exit::Done);
    }
    Ok(watched_readers::run(context, &command.identify).await)
}

async fn one(context: &Context, act: &DeviceAct) -> Result<Exit, Diagnosis> {
    let firmdrop = &context.firmdrop;
    match act {
        DeviceAct::Identify { reader } => {
            let reader = firmdrop.meant_reader(reader).await?;
            let view = firmdrop.probe(&reader.destination).await?;
            Ok(context.show(&view, identified))
        }
        DeviceAct::Name { reader, name } => {
            let reader = firmdrop.meant_reader(reader).await?;
            let view = firmdrop.rename_reader(&reader.destination, name).await?;
            Ok(context.show(&view, |view| {
                vec![format!(
                    "{} is called {}.",
                    view.reader.id, view.reader.name
                )]
            }))
        }
        DeviceAct::Add { address } => {
            let view = firmdrop.add_reader(address).await?;
            Ok(context.show(&view, |view| vec![format!("Added: {}", view.destination)]))
        }
        DeviceAct::Forget { reader } => {
            let reader = firmdrop.meant_reader(reader).await?;
            firmdrop.forget_reader(&reader.destination)?;
            print::done(context.json);
            Ok(Exit::Done)
        }
        DeviceAct::Restart { reader, yes } => restart(context, reader, *yes).await,
        DeviceAct::Recover {
            reader,
            dry_run,
            yes,
        } => recover(context, reader, *dry_run, *yes).await,
        DeviceAct::Label { reader, template } => {
            let reader = firmdrop.meant_reader(reader).await?;
            let label = firmdrop.reader_label(&reader, template.as_deref())?;
            Ok(context.show(&label, |label| vec![label.clone()]))
        }
        DeviceAct::History { reader, limit } => {
            firmdrop.recover(Recovery::MarkOnly).await?;
            let reader = firmdrop.meant_reader(reader).await?;
            let jobs = firmdrop.deliveries_to(&reader, *limit)?;
            Ok(context.show(&jobs, |jobs| {
                let lines = jobs.iter().map(|job| {
                    let version = job.image_version.as_deref().unwrap_or("no version");
                    format!(
                        "{}  {}  {} ({version})  {}",
                        job.id,
                        job.created,
                        job.image_name,
                        words::state(&job.state)
                    )
                });
                let lines: Vec<_> = lines.collect();
                if lines.is_empty() {
                    vec![format!(
                        "The journal of this home holds no delivery to {}.",
                        reader.destination
                    )]
                } else {
                    lines
                }
            }))
        }
    }
}

async fn restart(context: &Context, reader: &str, yes: bool) -> Result<Exit, Diagnosis> {
    let firmdrop = &context.firmdrop;
    let reader = firmdrop.meant_reader(reader).await?;
    context.waiting.for_a_reader();
    let restarted = firmdrop.restart_reader(&reader.destination, yes).await;
    let restarted = match restarted {
        Err(needed) if needed.code == Code::ConfirmationMissing && !context.json => {
            print::line_to_error(&needed.why);
            let question = format!("Restart {}?", reader.reader.name);
            // Nothing was sent yet.
            context.waiting.for_something_harmless();
            if let Err(exit) = context.may(false, &question) {
                return Ok(exit);
            }
            context.waiting.for_a_reader();
            firmdrop.restart_reader(&reader.destination, true).await?
        }
        restarted => restarted?,
    };
    Ok(context.show(&restarted, |restarted| vec![restarted.statement.clone()]))
}

async fn recover(
    context: &Context,
    reader: &str,
    dry_run: bool,
    yes: bool,
) -> Result<Exit, Diagnosis> {
    let firmdrop = &context.firmdrop;
    if kinds::is_simulated(reader) {
        firmdrop.open_demo().await?;
    }
    firmdrop.recover(Recovery::MarkOnly).await?;
    let reader = firmdrop.meant_reader(reader).await?;
    let offer = firmdrop.recovery(&reader.destination).await?;
    if context.json {
        print::json_line(&json!({ "event": "recovery", "offer": offer }));
    } else {
        for line in &offer.known {
            print::line_to_error(line);
        }
    }
    let delivery = Delivery {
        paths: vec![offer.path],
        to: vec![reader.destination],
        options: offer.options,
        dry_run,
        is_confirmed: yes,
        send_damaged: false,
    };
    delivery.carry_out(context).await
}

/// What a reader said of itself.
fn identified(view: &ReaderView) -> Vec<String> {
    let mut lines = vec![format!("{}  {}", view.destination, view.reader.name)];
    if let Some(target) = &view.target {
        let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "not reported".into());
        lines.push(format!("product {}", said(&target.product)));
        lines.push(format!("version {}", said(&target.version)));
    }
    lines
}
