//! `load-firmware`: one file or blob into one reader, answered in the words of the contract.
//!
//! What is checked and accepted, the api decides; here it is asked for, printed, and followed.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::time::Duration;

use firmdrop_api::{
    CheckedLoad, Code, ConfirmationAbout, Diagnosis, LARGEST_BLOB_BYTES, LoadBegun, LoadProgress,
    LoadRefusal, LoadRules, Remedy,
};
use serde_json::json;

use super::{deliver, load_apart};
use crate::arguments::LoadFirmware;
use crate::context::Context;
use crate::exit::Exit;
use crate::{failure, kinds, print, progress, prompt};

/// Longest base64 that is read from standard input, with room for line breaks. The api refuses what is longer
/// than it takes.
const LONGEST_INPUT_BYTES: u64 = LARGEST_BLOB_BYTES as u64 / 2 * 3;

pub(super) async fn run(context: &Context, command: LoadFirmware) -> Result<Exit, Diagnosis> {
    if command.no_wait {
        return load_apart::run(context.json);
    }
    let firmdrop = &context.firmdrop;
    let plain = command.device.strip_prefix("device:");
    if kinds::is_simulated(plain.unwrap_or(&command.device)) {
        firmdrop.open_demo().await?;
    }
    let rules = LoadRules {
        deadline: Duration::from_secs(command.deadline),
        allowed_hosts: command
            .fetch
            .allow_host
            .iter()
            .cloned()
            .collect::<BTreeSet<_>>(),
        ..LoadRules::of_this_user()
    };
    let request = match request(&command) {
        Ok(request) => request,
        Err(error) => {
            let refusal = LoadRefusal::of(not_read(&error));
            return Ok(refused(&refusal, context.json));
        }
    };
    context.waiting.for_something_harmless();
    let checked = match firmdrop
        .check_firmware(&command.device, request, &rules)
        .await
    {
        Ok(checked) => checked,
        Err(refusal) => return Ok(refused(&refusal, context.json)),
    };
    deliver::show(std::slice::from_ref(checked.plan()), context.json);
    let (confirmed, declined) = confirmations(&checked, &command, context.json);
    context.waiting.is_over();
    let watch = firmdrop.engine().watch();
    let beginning = firmdrop.begin_load_until(checked, &confirmed, progress::interrupted());
    let begun = match beginning.await {
        Ok(begun) => begun,
        Err(refusal) => return Ok(not_begun(refusal, declined, context.json)),
    };
    accepted(&begun, context.json);
    let jobs = [begun.job.clone()];
    let exit = progress::follow(firmdrop, watch, &jobs, context.json).await?;
    ended(context, &begun).await?;
    Ok(exit)
}

/// The request of the contract. `-` is base64 on standard input, as programs print it: in lines.
fn request(command: &LoadFirmware) -> std::io::Result<firmdrop_api::LoadFirmware> {
    let mut request = firmdrop_api::LoadFirmware {
        file: command.file.clone(),
        blob: command.blob.clone(),
    };
    // What is refused anyway is not waited for.
    if command.file.is_none() && command.blob.as_deref() == Some("-") {
        let mut bytes = Vec::new();
        let input = std::io::stdin().lock();
        input.take(LONGEST_INPUT_BYTES).read_to_end(&mut bytes)?;
        bytes.retain(|byte| !matches!(byte, b'\n' | b'\r'));
        // What is no text is no base64 either, and the api says so.
        request.blob = Some(String::from_utf8_lossy(&bytes).into_owned());
    }
    Ok(request)
}

fn not_read(error: &std::io::Error) -> Diagnosis {
    Diagnosis::new(
        Code::ReadFailed,
        "Standard input was not read.",
        error.to_string(),
    )
    .state("Nothing was sent.")
}

/// What was confirmed: by an option, or by the user who is asked; and how the command ends when that user says no.
fn confirmations(
    checked: &CheckedLoad,
    command: &LoadFirmware,
    as_json: bool,
) -> (Vec<ConfirmationAbout>, Option<Exit>) {
    let needed = checked.confirmations().iter().map(|each| each.about);
    let needed: Vec<ConfirmationAbout> = needed.collect();
    let given = |about: &ConfirmationAbout| command.confirm.contains(about);
    if command.yes || needed.iter().all(given) {
        return (needed, None);
    }
    if !prompt::at_terminal() {
        return (command.confirm.clone(), None);
    }
    let plan = checked.plan();
    let question = format!("Load {} into {}?", plan.image_name(), plan.destination_name);
    match prompt::confirm(&question, as_json) {
        Ok(()) => (needed, None),
        Err(exit) => (command.confirm.clone(), Some(exit)),
    }
}

/// The answer to a load that did not begin. A user who said no knows why.
fn not_begun(mut refusal: LoadRefusal, declined: Option<Exit>, as_json: bool) -> Exit {
    match (refusal.diagnosis.code, declined) {
        (Code::ConfirmationMissing, Some(exit)) => {
            if as_json {
                refused(&refusal, as_json);
            }
            exit
        }
        (Code::ConfirmationMissing, None) => {
            refusal.diagnosis.remedies = vec![Remedy::advice(
                "Give each with --confirm, or all of them with --yes, when you are sure.",
            )];
            refused(&refusal, as_json);
            Exit::Usage
        }
        (Code::WriteStopped, _) => {
            refused(&refusal, as_json);
            Exit::Cancelled
        }
        _ => refused(&refusal, as_json),
    }
}

fn accepted(begun: &LoadBegun, as_json: bool) {
    if as_json {
        print::json_line(&json!({
            "event": "load_firmware",
            "status": LoadBegun::STATUS,
            "answer": begun.answer(),
        }));
    } else {
        print::line_to_error(&format!("The reader accepted. Job {}", begun.job));
    }
}

/// The message of the contract first, word for word, then what is known beyond it.
fn refused(refusal: &LoadRefusal, as_json: bool) -> Exit {
    if as_json {
        print::json_line(&json!({
            "event": "load_firmware",
            "status": refusal.status,
            "answer": refusal.answer(),
            "error": refusal.diagnosis,
        }));
    } else {
        print::line_to_error(refusal.text());
        failure::show(&refusal.diagnosis, false);
    }
    Exit::of_failure(&refusal.diagnosis)
}

/// How the load ended, as a face would push it.
async fn ended(context: &Context, begun: &LoadBegun) -> Result<(), Diagnosis> {
    let job = context.firmdrop.job(&begun.job).await?;
    let progress = LoadProgress::of(&begun.device, &job.summary);
    if context.json {
        print::json_line(&progress.into_event());
    } else if let Some(message) = progress.message {
        print::line_to_error(message.text());
    }
    Ok(())
}
