//! Chooses the command of manifests.

use std::path::Path;

use firmdrop_api::Diagnosis;

use super::arguments::Manifest;
use super::context::ManifestContext;
use super::{create, key, show, verify};
use crate::exit::Exit;

/// Carries one command out.
pub(crate) fn run(home: &Path, json: bool, command: Manifest) -> Result<Exit, Diagnosis> {
    let context = ManifestContext::new(home, json);
    match command {
        Manifest::Key(command) => key::run(&context, command),
        Manifest::Create(command) => create::run(&context, &command),
        Manifest::Show { file } => show::run(&context, &file),
        Manifest::Verify(command) => verify::run(&context, &command),
    }
}
