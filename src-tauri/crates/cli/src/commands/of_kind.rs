//! Carries out the commands of one kind of destination.

use std::path::Path;

use firmdrop_api::Diagnosis;

use crate::context::Context;
use crate::exit::Exit;
use crate::kinds::{KindCommand, OfflineCommand};
use crate::{azure, pelion};

impl KindCommand {
    /// Carries one command out.
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Diagnosis> {
        match self {
            Self::Pelion(command) => pelion::run(context, command).await,
            Self::Adu(azure::Adu::Offline(command)) => {
                azure::run_offline(context.json, command).await
            }
            Self::Adu(azure::Adu::Online(command)) => {
                Box::pin(azure::run_online(context, *command)).await
            }
        }
    }
}

impl OfflineCommand {
    /// Carries one command out.
    pub(crate) async fn run(self, home: &Path, json: bool) -> Result<Exit, Diagnosis> {
        match self {
            Self::Manifest(command) => pelion::manifest::run(home, json, command),
            Self::Adu(command) => azure::run_offline(json, command).await,
        }
    }
}
