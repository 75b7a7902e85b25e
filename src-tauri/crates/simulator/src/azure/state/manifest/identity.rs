//! The identity of an update, as a manifest says it.

use super::read::{Object, pattern, wrong};
use crate::azure::state::{Problem, UpdateId, version};

/// The identity, its version without leading zeros.
pub(super) fn update_id(id: &Object<'_>) -> Result<UpdateId, Problem> {
    let name = |key| {
        let text = id.text(key, 1..=64)?;
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        pattern(&id.at(key), text, |text| text.chars().all(is_allowed))
    };
    let given = id.text("version", 1..=64)?;
    let canonical = version::canonical(&given);
    Ok(UpdateId {
        provider: name("provider")?,
        name: name("name")?,
        version: canonical.ok_or_else(|| {
            let why = format!("{given} is not 2 to 4 numbers up to 2147483647.");
            wrong(&id.at("version"), why)
        })?,
    })
}
