//! What an option gives by name is given once: of two values, nobody knows which is meant.

use firmdrop_api::{Code, Diagnosis, Remedy};

/// Refuses a name that was given two values; `what` is what the names are: `property`.
pub(crate) fn ensure_once(what: &str, pairs: &[(String, String)]) -> Result<(), Diagnosis> {
    let is_before = |(at, (name, _)): &(usize, &(String, String))| {
        pairs.iter().take(*at).any(|(before, _)| before == name)
    };
    let Some((_, (name, _))) = pairs.iter().enumerate().find(is_before) else {
        return Ok(());
    };
    let twice = format!("The {what} {name} is given twice.");
    let why = format!("A {what} has one value.");
    Err(Diagnosis::new(Code::OptionUnknown, twice, why)
        .titled("An option is given twice")
        .state("Nothing was begun.")
        .remedy(Remedy::advice("Write it once.")))
}
