//! Azure Device Update on the command line.
//!
//! What concerns import manifests happens on this computer: it needs no account and opens no home.
//! What an account holds is in `online`, what `deliver` takes in `job`.

mod arguments;
mod draft;
mod findings;
mod hash;
mod init;
pub(crate) mod job;
mod online;
mod pairs;
mod update_hashes;
mod validate;

use firmdrop_api::Diagnosis;

use crate::exit::Exit;

pub(crate) use self::arguments::{Adu, Offline};
pub(crate) use self::online::run as run_online;

/// Carries out what needs neither account nor home.
pub(crate) async fn run_offline(json: bool, command: Offline) -> Result<Exit, Diagnosis> {
    match command {
        Offline::Init(command) => init::run(json, *command).await,
        Offline::Validate(command) => validate::run(json, command).await,
        Offline::Hash { files } => hash::run(json, files).await,
        Offline::UpdateHashes { manifest } => update_hashes::run(json, manifest).await,
    }
}
