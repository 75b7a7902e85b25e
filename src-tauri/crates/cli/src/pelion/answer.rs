//! How the answers of the service are printed.

use firmdrop_api::Diagnosis;
use firmdrop_api::pelion::PelionError;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::print;

/// The service's answer, in its own words.
pub(super) fn answer(answer: Result<impl Serialize, PelionError>) -> Result<Exit, Diagnosis> {
    print::json(&answer?);
    Ok(Exit::Done)
}

/// Says that it is done, where the service says nothing more.
pub(super) fn done(context: &Context, answer: Result<(), PelionError>) -> Result<Exit, Diagnosis> {
    answer?;
    print::done(context.json);
    Ok(Exit::Done)
}
