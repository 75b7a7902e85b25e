//! Chooses the command of manifests.

use std::path::Path;

use firmdrop_api::{Code, Diagnosis};

use super::arguments::Manifest;
use super::context::ManifestContext;
use super::{create, key, show, verify};
use crate::exit::Exit;
use crate::failure;

/// Carries one command out.
pub(crate) fn run(home: &Path, json: bool, command: Manifest) -> Result<Exit, Diagnosis> {
    let context = ManifestContext::new(home, json);
    let ended = match command {
        Manifest::Key(command) => key::run(&context, command),
        Manifest::Create(command) => create::run(&context, &command),
        Manifest::Show { file } => show::run(&context, &file),
        Manifest::Verify(command) => verify::run(&context, &command),
    };
    // Of what was given, no manifest, key or certificate can be made.
    failure::as_usage(ended, &[Code::ManifestImpossible], json)
}
