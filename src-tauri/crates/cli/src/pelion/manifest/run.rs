//! Chooses the command of manifests.

use std::path::Path;

use firmdrop_api::Diagnosis;

use super::arguments::Manifest;
use super::desk::Desk;
use super::{create, key, show, verify};
use crate::exit::Exit;

/// Carries one command out.
pub(crate) fn run(home: &Path, json: bool, command: Manifest) -> Result<Exit, Diagnosis> {
    let desk = Desk::new(home, json);
    match command {
        Manifest::Key(command) => key::run(&desk, command),
        Manifest::Create(command) => create::run(&desk, &command),
        Manifest::Show { file } => show::run(&desk, &file),
        Manifest::Verify(command) => verify::run(&desk, &command),
    }
}
