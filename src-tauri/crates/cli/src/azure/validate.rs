//! `adu validate`: import manifests against every rule, with the files beside them.

use firmdrop_api::Diagnosis;
use firmdrop_api::azure::import_manifest::Limits;
use firmdrop_api::azure::{CheckOptions, CheckedManifest, check_manifests};
use serde_json::json;

use super::arguments::Validate;
use super::findings;
use crate::exit::Exit;
use crate::{print, words};

pub(super) async fn run(json: bool, command: Validate) -> Result<Exit, Diagnosis> {
    let usual = Limits::default();
    let options = CheckOptions {
        without_files: command.without_files,
        separately: command.separately,
        profile: command.api.map(Into::into),
        limits: Limits {
            files_bytes: command.files_limit.unwrap_or(usual.files_bytes),
        },
    };
    let checked = check_manifests(command.manifests, options).await?;
    let is_valid = checked.iter().all(CheckedManifest::is_good);
    if json {
        print::json(&json!({ "valid": is_valid, "manifests": checked }));
    } else {
        checked.iter().for_each(print_one);
    }
    Ok(if is_valid { Exit::Done } else { Exit::Failed })
}

fn print_one(checked: &CheckedManifest) {
    let file = checked.path.display();
    let found = findings::counts(checked.findings.iter().map(|one| &one.finding));
    let head = match &checked.update_id {
        Some(id) => format!(
            "{file}: {id}, {} of {}: {found}",
            files(checked.files),
            words::size(checked.files_bytes)
        ),
        None => format!("{file}: {found}"),
    };
    print::line(&head);
    for one in &checked.findings {
        findings::print(&one.finding, one.line);
    }
}

fn files(count: usize) -> String {
    match count {
        1 => "1 file".to_owned(),
        _ => format!("{count} files"),
    }
}
