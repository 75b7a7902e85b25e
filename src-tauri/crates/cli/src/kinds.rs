//! The kinds of destinations that have commands or options of their own: the one list of this face.
//!
//! The general commands know only this file; what belongs to a kind is in its folder.

use clap::{Args, Subcommand};
use firmdrop_api::{Diagnosis, Job, JobState, JobSummary, Plan};
use firmdrop_demo::ServedReader;
use serde_json::{Map, Value};

use crate::{azure, pelion};

pub(crate) use crate::pelion::DemoParts;
pub(crate) use crate::pelion::job::show_planned_in_job;

/// Where a delivery can go, for the help of `deliver`.
pub(crate) const DESTINATIONS: &str = "Where to: pelion:ACCOUNT, adu:ACCOUNT, device:ID, smp+serial:PORT[?baud=N], smp+udp:HOST:PORT, smp+ble:ADDRESS, dfu+usb:VID:PID[@PLACE], volume:FOLDER, sim:ID";

/// Commands that plan, for the remedy to plan again; `destination` as it is written, when it is known.
pub(crate) fn plan_commands(destination: Option<&str>) -> &'static str {
    if destination.is_none() {
        return "`deliver`, `pelion campaigns preview ID` or `adu deployments preview UPDATE`";
    }
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
        "dfu+usb" => "Plug the reader in again, into the same USB port.",
        "smp+ble" => {
            "Check that the reader has power and is near, and that `devices` lists it at this address: one with a random address has another one after a restart."
        }
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

/// Whether a job waits for devices now: it moves no bytes, its notes are all there is to see.
pub(crate) fn is_watching(job: &JobSummary) -> bool {
    let JobState::Running { phase } = &job.state else {
        return false;
    };
    [pelion::job::watch_phase(), azure::job::watch_phase()].contains(&phase.as_str())
}

/// What a paused job leaves running at the service.
pub(crate) fn still_running(job: &Job) -> Option<&'static str> {
    let watched = |key: &str| {
        let mut runs = job.phases.iter();
        runs.any(|run| run.key == key && run.seconds > 0.0)
    };
    if watched(pelion::job::watch_phase()) {
        return Some("Only the watch is paused: the campaign continues at the service.");
    }
    if watched(azure::job::watch_phase()) {
        return Some("Only the watch is paused: the deployment continues at the service.");
    }
    None
}

/// What a cancelled job left at the other side, and how it is removed.
pub(crate) fn left_behind(job: &Job) -> Option<String> {
    pelion::job::left_behind(job)
}

/// The kinds of accounts.
pub(crate) const ACCOUNTS: [&str; 2] = ["pelion", "adu"];

/// Options of a delivery that belong to one kind of destination.
#[derive(Debug, Args)]
pub(crate) struct KindOptions {
    #[command(flatten)]
    campaign: pelion::CampaignOptions,
    #[command(flatten)]
    update: azure::job::UpdateOptions,
}

impl KindOptions {
    /// Those that were given, together with the description that all kinds take.
    pub(crate) fn given(
        &self,
        description: Option<&str>,
        chunk_bytes: Option<u64>,
    ) -> Result<Map<String, Value>, Diagnosis> {
        let mut own = pelion::job::options(&self.campaign, description, chunk_bytes);
        own.extend(azure::job::options(&self.update)?);
        Ok(own)
    }

    /// Whether a number of devices was given: it is the confirmation of a start.
    pub(crate) fn is_confirmed(&self) -> bool {
        self.campaign.expect_devices.is_some() || self.update.deploy_devices.is_some()
    }
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
    /// Whether its exit code says how a delivery ended.
    pub(crate) fn is_delivery(&self) -> bool {
        match self {
            Self::Pelion(command) => command.is_delivery(),
            Self::Adu(azure::Adu::Online(command)) => command.is_delivery(),
            Self::Adu(azure::Adu::Offline(_)) => false,
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

#[cfg(test)]
mod tests {
    use super::*;

    // btferret #9: a random address changes with each start.
    #[test]
    fn a_reader_on_the_air_that_stayed_away_may_have_another_address() {
        let advice = reconnect(Some("smp+ble:C0:DE:00:00:00:01"));
        assert!(advice.contains("another one after a restart"), "{advice}");
        assert!(!advice.contains("Plug"), "{advice}");
    }
}
