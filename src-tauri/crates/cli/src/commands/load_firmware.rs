//! `load-firmware`: one file or blob into one reader, answered in the words of the contract.
//!
//! What is checked and accepted, the api decides; here it is asked for, printed, and followed.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::time::Duration;

use firmdrop_api::{
    CheckedLoad, ConfirmationAbout, Diagnosis, LARGEST_BLOB_BYTES, LoadBegun, LoadProgress,
    LoadRefusal, LoadRules,
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
            print::line_to_error(&format!("Standard input cannot be read: {error}"));
            return Ok(Exit::Usage);
        }
    };
    let checked = match firmdrop
        .check_firmware(&command.device, request, &rules)
        .await
    {
        Ok(checked) => checked,
        Err(refusal) => return Ok(refused(&refusal, context.json)),
    };
    deliver::show(std::slice::from_ref(checked.plan()), context.json);
    let confirmed = match confirmations(&checked, &command, context.json) {
        Ok(confirmed) => confirmed,
        Err(exit) => return Ok(exit),
    };
    let watch = firmdrop.engine().watch();
    let begun = match firmdrop.begin_load(checked, &confirmed).await {
        Ok(begun) => begun,
        Err(refusal) => return Ok(refused(&refusal, context.json)),
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
        let mut text = String::new();
        let input = std::io::stdin().lock();
        input.take(LONGEST_INPUT_BYTES).read_to_string(&mut text)?;
        text.retain(|character| !matches!(character, '\n' | '\r'));
        request.blob = Some(text);
    }
    Ok(request)
}

/// What was confirmed: by an option, or by the user who is asked.
fn confirmations(
    checked: &CheckedLoad,
    command: &LoadFirmware,
    as_json: bool,
) -> Result<Vec<ConfirmationAbout>, Exit> {
    let needed = checked.confirmations().iter().map(|each| each.about);
    let needed: Vec<ConfirmationAbout> = needed.collect();
    let given = |about: &ConfirmationAbout| command.confirm.contains(about);
    if !command.yes && !needed.iter().all(given) {
        let plan = checked.plan();
        let question = format!("Load {} into {}?", plan.image_name(), plan.destination_name);
        prompt::confirm(&question, as_json)?;
    }
    Ok(needed)
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
