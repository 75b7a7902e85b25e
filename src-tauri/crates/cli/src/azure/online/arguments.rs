//! The grammar of the commands that talk to an account.

use std::time::Duration;

use clap::{Args, Subcommand};

/// The account a command talks to.
#[derive(Debug, Args)]
pub(crate) struct OfAccount {
    /// Name of the account.
    #[arg(long, short, default_value = "demo")]
    pub(crate) account: String,
}

impl Online {
    /// Whether its exit code says how a delivery ended.
    pub(crate) fn is_delivery(&self) -> bool {
        matches!(
            self,
            Self::Import(_) | Self::Deployments(Deployments::Watch { .. })
        )
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Online {
    /// Import updates: manifests with the files beside them. The same as `deliver` to the account.
    Import(Import),
    /// Imported updates.
    #[command(subcommand)]
    Updates(Updates),
    /// Imports of the last seven days.
    #[command(subcommand)]
    Operations(Operations),
    /// List the groups of devices.
    Groups(OfAccount),
    /// List devices with the update they run and what their agents reported.
    Devices {
        /// Those of this group.
        #[arg(long)]
        group: Option<String>,
        #[command(flatten)]
        of: OfAccount,
    },
    /// What the service reports of a device's agent and of its twin.
    Health {
        /// Id of the device.
        device: String,
        #[command(flatten)]
        of: OfAccount,
    },
    /// List the device classes with the properties that updates are compatible with.
    #[command(args_conflicts_with_subcommands = true)]
    Classes {
        #[command(subcommand)]
        of_one: Option<Class>,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Show how many devices have their best update: all, or those of a group.
    Compliance {
        /// Those of this group.
        #[arg(long)]
        group: Option<String>,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Show the newest update that fits each device class of a group.
    BestUpdates {
        /// The group.
        #[arg(long)]
        group: String,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Logs that the service collects from devices into the storage of the instance.
    #[command(subcommand)]
    Logs(Logs),
    /// Deployments of updates to groups.
    #[command(subcommand)]
    Deployments(Deployments),
    /// Sign the user of an account in, in the browser or with a code.
    SignIn {
        /// Name of the account.
        account: String,
        /// Print a code that is entered on any device, and wait for it; also without this where the
        /// account says so.
        #[arg(long)]
        code: bool,
    },
    /// Forget the user of an account on this computer.
    SignOut {
        /// Name of the account.
        account: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Import manifests; several are one import, a parent and its children. Their files lie beside
    /// them, or are named here too.
    #[arg(required = true)]
    pub(crate) manifests: Vec<String>,
    /// The name that lists show.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Leave what was staged in the storage.
    #[arg(long)]
    pub(crate) leave_staged: bool,
    /// Print the plan and send nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) of: OfAccount,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Updates {
    /// List the updates.
    List {
        /// Those with this text.
        #[arg(long)]
        search: Option<String>,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Show an update with its files.
    Show {
        /// PROVIDER/NAME/VERSION.
        update: String,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Delete an update. It cannot be undone; devices that have it retain it.
    Delete {
        /// PROVIDER/NAME/VERSION.
        update: String,
        /// Do not ask.
        #[arg(long, short)]
        yes: bool,
        #[command(flatten)]
        of: OfAccount,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Class {
    /// List the updates that fit a class.
    Updates {
        /// Id of the class.
        class: String,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Give a class a name.
    Rename {
        /// Id of the class.
        class: String,
        /// Its name: 1 to 100 letters, digits, dots and dashes.
        name: String,
        #[command(flatten)]
        of: OfAccount,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Logs {
    /// Collect the logs of devices.
    Collect {
        /// Ids of the devices, at most 100; a module's stands behind its device's: `gate-1/agent`.
        #[arg(required = true, num_args = 1..=100)]
        devices: Vec<String>,
        /// What they are collected for, at most 512 characters.
        #[arg(long)]
        description: Option<String>,
        /// Id of the collection; made from the time when absent.
        #[arg(long)]
        id: Option<String>,
        #[command(flatten)]
        of: OfAccount,
    },
    /// List the collections, the newest first.
    List(OfAccount),
    /// Show a collection device by device, with where the logs are.
    Show {
        /// Id of the collection.
        id: String,
        #[command(flatten)]
        of: OfAccount,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Operations {
    /// List the imports.
    List {
        /// Those that are not over.
        #[arg(long)]
        running: bool,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Show one operation, and why it failed.
    Show {
        /// Its id.
        id: String,
        #[command(flatten)]
        of: OfAccount,
    },
}

/// A deployment of a group.
#[derive(Debug, Args)]
pub(crate) struct OfGroup {
    /// Id of the deployment.
    pub(crate) id: String,
    /// Its group.
    #[arg(long)]
    pub(crate) group: String,
    #[command(flatten)]
    pub(crate) of: OfAccount,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Deployments {
    /// List the deployments of a group.
    List {
        /// The group.
        #[arg(long)]
        group: String,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Show a deployment and what its devices have reported.
    Show(OfGroup),
    /// Show whom a deployment of an update would touch. Changes nothing.
    Preview {
        /// PROVIDER/NAME/VERSION.
        update: String,
        /// The group.
        #[arg(long)]
        group: String,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Start a deployment. Devices that have begun are not called back.
    Start {
        /// PROVIDER/NAME/VERSION.
        update: String,
        /// The group.
        #[arg(long)]
        group: String,
        /// How many devices must match now; any other number starts nothing.
        #[arg(long, value_name = "N")]
        expect_devices: u64,
        /// Id of the deployment; made from the update and the time when absent.
        #[arg(long)]
        id: Option<String>,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Follow a deployment until every device has reported, or no longer than --within.
    #[command(
        after_help = "Exit codes: 0 every device reported success, 3 some did not or have not reported yet, 1 none did, 4 you stopped watching. The deployment itself continues at the service."
    )]
    Watch {
        #[command(flatten)]
        one: OfGroup,
        /// Longest time that it is followed. Up to ten devices that have not reported by then are named, where the API version lists them.
        #[arg(long, value_name = "TIME", default_value = "1d", value_parser = crate::words::time)]
        within: Duration,
    },
    /// Try a deployment again on the devices where it failed.
    Retry(OfGroup),
    /// Cancel a deployment: devices that have not begun do not begin.
    Cancel {
        #[command(flatten)]
        one: OfGroup,
        /// Do not ask.
        #[arg(long, short)]
        yes: bool,
    },
    /// Delete a deployment. Devices that have the update retain it.
    Delete {
        #[command(flatten)]
        one: OfGroup,
        /// Do not ask.
        #[arg(long, short)]
        yes: bool,
    },
}
