//! Chooses among the commands that need no account.

use firmdrop_api::Diagnosis;

use super::arguments::Offline;
use super::{code, hash, init, update_hashes, validate};
use crate::exit::Exit;

/// Carries out what needs neither account nor home.
pub(crate) async fn run_offline(json: bool, command: Offline) -> Result<Exit, Diagnosis> {
    match command {
        Offline::Init(command) => init::run(json, *command).await,
        Offline::Validate(command) => validate::run(json, command).await,
        Offline::Code { code } => code::run(json, &code),
        Offline::Hash { files } => hash::run(json, files).await,
        Offline::UpdateHashes { manifest } => update_hashes::run(json, manifest).await,
    }
}
