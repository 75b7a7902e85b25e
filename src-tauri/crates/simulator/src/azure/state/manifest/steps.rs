//! Steps of manifests: inline ones with their handler and files, and references to other updates.

use serde_json::Value;

use super::{
    ManifestFile,
    identity::update_id,
    read::{Object, pattern, wrong},
};
use crate::azure::state::{Problem, UpdateId};

/// Whether this is `vendor/type:number`, the number with 1 to 5 digits.
pub(super) fn is_handler(text: &str) -> bool {
    let Some((name, number)) = text.rsplit_once(':') else {
        return false;
    };
    let is_number = (1..=5).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    let parts = name.split_once('/');
    let has_parts = parts.is_some_and(|(vendor, kind)| !vendor.is_empty() && !kind.is_empty());
    is_number && has_parts && !text.contains(char::is_whitespace)
}

/// 1 to 10 steps, as they were, and the updates they name.
pub(super) fn read(
    root: &Object<'_>,
    id: &UpdateId,
    files: &[ManifestFile],
) -> Result<(Vec<Value>, Vec<UpdateId>), Problem> {
    let instructions = root.object("instructions")?;
    let steps = instructions.objects("steps", 1..=10)?;
    let (mut references, mut used) = (Vec::new(), Vec::new());
    for step in &steps {
        step.optional_text("description", 1..=64)?;
        match step.optional_text("type", 1..=16)?.as_deref() {
            None | Some("inline") => inline(step, files, &mut used)?,
            Some("reference") => references.push(reference(step, id)?),
            Some(other) => {
                let why = format!("There is no step of the type {other}.");
                return Err(wrong(&step.at("type"), why));
            }
        }
    }
    let unused = |name: &String| {
        !used
            .iter()
            .any(|one: &String| one.eq_ignore_ascii_case(name))
    };
    let mut names = files.iter().map(|file| &file.name);
    if let Some(name) = names.find(|name| unused(name)) {
        return Err(wrong(
            &root.at("files"),
            format!("No step uses the file {name}."),
        ));
    }
    Ok((instructions.values("steps", 1..=10)?.to_vec(), references))
}

fn inline(
    step: &Object<'_>,
    files: &[ManifestFile],
    used: &mut Vec<String>,
) -> Result<(), Problem> {
    step.only(&[
        "type",
        "description",
        "handler",
        "files",
        "handlerProperties",
    ])?;
    let handler = step.text("handler", 5..=32)?;
    let handler = pattern(&step.at("handler"), handler, is_handler)?;
    if handler.starts_with("microsoft/steps:") || handler.starts_with("microsoft/update-manifest") {
        return Err(wrong(
            &step.at("handler"),
            "This handler is the agent's own.",
        ));
    }
    if let Some(properties) = step.get("handlerProperties")
        && !properties.is_object()
    {
        return Err(wrong(&step.at("handlerProperties"), "This is no object."));
    }
    for name in step.values("files", 1..=10)? {
        let name = name
            .as_str()
            .filter(|name| (1..=255).contains(&name.chars().count()));
        let name =
            name.ok_or_else(|| wrong(&step.at("files"), "A name has 1 to 255 characters."))?;
        if !files
            .iter()
            .any(|file| file.name.eq_ignore_ascii_case(name))
        {
            let why = format!("The manifest has no file {name}.");
            return Err(wrong(&step.at("files"), why));
        }
        used.push(name.to_owned());
    }
    Ok(())
}

fn reference(step: &Object<'_>, own: &UpdateId) -> Result<UpdateId, Problem> {
    step.only(&["type", "description", "updateId"])?;
    let id = update_id(&step.object("updateId")?)?;
    if id == *own {
        return Err(wrong(
            &step.at("updateId"),
            "An update cannot refer to itself.",
        ));
    }
    Ok(id)
}
