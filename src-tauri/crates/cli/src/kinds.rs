//! The kinds of destinations that have commands or options of their own: the one list of this face.
//!
//! The general commands know only this file; what belongs to a kind is in its folder.

use std::path::Path;

use clap::Subcommand;
use firmdrop_api::{Diagnosis, Plan};
use firmdrop_demo::ServedReader;
use serde_json::{Map, Value};

use crate::arguments::Deliver;
use crate::commands::Context;
use crate::exit::Exit;
use crate::{azure, pelion};

pub(crate) use crate::azure::job::UpdateOptions;
pub(crate) use crate::pelion::job::{is_watching, show_planned_in_job, still_going_on};
pub(crate) use crate::pelion::{CampaignOptions, DemoParts};

/// Where a delivery can go, for the help of `deliver`.
pub(crate) const DESTINATIONS: &str = "Where to: pelion:ACCOUNT, adu:ACCOUNT, device:ID, smp+serial:PORT[?baud=N], smp+udp:HOST:PORT, volume:FOLDER, sim:ID";
/// Commands that plan, for the remedy to plan again; `destination` as it is written, when it is known.
pub(crate) fn plan_commands(destination: Option<&str>) -> &'static str {
    match scheme(destination) {
        "pelion" => "`deliver`, or `pelion campaigns preview ID`",
        "adu" => "`deliver`, or `adu deployments preview UPDATE`",
        _ => "`deliver`",
    }
}

/// What brings a reader back, by the way it is reached.
pub(crate) fn reconnect(destination: Option<&str>) -> &'static str {
    match scheme(destination) {
        "smp+serial" => "Plug the reader in again, and see that its port has the same name.",
        "volume" => "Plug the reader in again, so that it shows its drive.",
        "smp+udp" => {
            "Check that the reader has power, and that it can be reached at this address and port."
        }
        "pelion" | "adu" => "Check the connection to the network.",
        _ => "Check that the reader has power and is connected.",
    }
}

fn scheme(destination: Option<&str>) -> &str {
    let parts = destination.and_then(|destination| destination.split_once(':'));
    parts.map_or("", |(scheme, _)| scheme)
}

/// The kinds of accounts.
pub(crate) const ACCOUNTS: [&str; 2] = ["pelion", "adu"];

/// The options of their own kind that a delivery was given.
pub(crate) fn options(command: &Deliver) -> Map<String, Value> {
    let description = command.description.as_deref();
    let mut own = pelion::job::options(&command.campaign, description, command.chunk_bytes);
    own.extend(azure::job::options(&command.update));
    let given = command.options.iter();
    own.extend(given.map(|(key, value)| (key.clone(), Value::from(value.clone()))));
    own
}

/// Whether a number of devices was given: it is the confirmation of a start.
pub(crate) fn is_confirmed(command: &Deliver) -> bool {
    command.campaign.expect_devices.is_some() || command.update.deploy_devices.is_some()
}

/// What a plan has beyond what all plans have, for the user who confirms it.
pub(crate) fn planned(plan: &Plan) -> Vec<String> {
    let mut lines = pelion::job::planned(plan);
    lines.extend(azure::job::planned(plan));
    lines
}

/// The key of a simulated account, where a program needs only that.
pub(crate) fn demo_key(scheme: &str) -> Option<&'static str> {
    (scheme == "pelion").then_some(firmdrop_demo::DEMO_ACCESS_KEY)
}

/// Whether a destination takes a file as it is, without a description of it.
pub(crate) fn takes_any_file(scheme: &str) -> bool {
    scheme != "adu"
}

/// Where a delivery reaches a simulated reader that is served.
pub(crate) fn destinations(reader: &ServedReader) -> String {
    let serial = reader.serial.display();
    format!("smp+serial:{serial}  smp+udp:{}", reader.udp)
}

/// Whether a destination is there only once the simulated world is open.
pub(crate) fn is_simulated(destination: &str) -> bool {
    destination.starts_with("sim:")
}

/// Commands of one kind.
#[derive(Debug, Subcommand)]
pub(crate) enum KindCommand {
    /// The Pelion service, one command for each of its operations.
    #[command(subcommand)]
    Pelion(pelion::Pelion),
    /// Azure Device Update.
    #[command(subcommand)]
    Adu(azure::Adu),
}

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

    /// The command, when it opens neither journal nor network; itself otherwise.
    pub(crate) fn offline(self) -> Result<OfflineCommand, Box<Self>> {
        match self {
            Self::Adu(azure::Adu::Offline(command)) => Ok(OfflineCommand::Adu(command)),
            Self::Pelion(_) | Self::Adu(azure::Adu::Online(_)) => Err(Box::new(self)),
        }
    }
}

/// Commands of one kind that open neither journal nor network.
#[derive(Debug, Subcommand)]
pub(crate) enum OfflineCommand {
    /// Pelion firmware manifests and their keys, offline.
    #[command(subcommand)]
    Manifest(pelion::manifest::Manifest),
    /// A part of `adu`, which is a command of its kind.
    #[command(skip)]
    Adu(azure::Offline),
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
