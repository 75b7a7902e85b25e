//! Plans as journals of format 1 hold them: the link's address as an object.

use std::sync::Arc;

use firmdrop_link::LinkAddress;
use firmdrop_loader::Loader;
use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::address;

/// Writes the destination in its present form; `false` when the plan is of another kind.
pub(super) fn upgrade_plan(loaders: &[Arc<dyn Loader>], plan: &mut Map<String, Value>) -> bool {
    let Some(old) = plan.get("destination") else {
        return false;
    };
    if old.get("kind") != Some(&Value::from("reader")) {
        return false;
    }
    let link = old
        .get("link")
        .and_then(|link| LinkAddress::deserialize(link).ok());
    let protocol = old.get("protocol").and_then(Value::as_str).unwrap_or("");
    let loader = loaders.iter().find(|loader| loader.id() == protocol);
    let (Some(link), Some(loader)) = (link, loader) else {
        return false;
    };
    let Some(Ok(destination)) = address::destination(loader, &link).map(serde_json::to_value)
    else {
        return false;
    };
    plan.insert("destination".to_owned(), destination);
    // Format 1 held the options of every kind; those of others meant nothing to a reader.
    if let Some(Value::Object(options)) = plan.get_mut("options") {
        options.retain(|key, _| matches!(key.as_str(), "name" | "description" | "address"));
    }
    true
}
