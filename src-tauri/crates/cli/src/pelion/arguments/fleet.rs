//! The grammar of a fleet: devices, saved queries, groups and events.

use clap::Subcommand;

use super::{Confirmed, Listed, OfAccount, One, Page};

#[derive(Debug, Subcommand)]
pub(crate) enum Devices {
    /// List devices.
    List(Listed),
    /// View a device.
    Show(One),
    /// Count the devices that match a filter.
    Count {
        #[arg(long, default_value = "")]
        filter: String,
        #[command(flatten)]
        of: OfAccount,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Queries {
    /// List saved queries.
    List(Listed),
    /// View a saved query.
    Show(One),
    /// Save a query.
    Create {
        #[arg(long)]
        name: String,
        /// `device_class__eq=…&state__eq=registered`
        #[arg(long)]
        query: String,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Change a saved query.
    Update {
        id: String,
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        query: Option<String>,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Delete a saved query.
    Delete(Confirmed),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Groups {
    /// List groups.
    List(Listed),
    /// View a group.
    Show(One),
    /// Make an empty group.
    Create {
        #[arg(long)]
        name: String,
        #[arg(long)]
        description: Option<String>,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Change a group.
    Update {
        id: String,
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        description: Option<String>,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Delete a group; its devices stay.
    Delete(Confirmed),
    /// List the devices of a group.
    Devices {
        id: String,
        #[command(flatten)]
        page: Page,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Put a device into a group.
    Add {
        id: String,
        device: String,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Take a device out of a group.
    Remove {
        id: String,
        device: String,
        #[command(flatten)]
        of: OfAccount,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Events {
    /// List device events.
    List(Listed),
    /// View a device event and what its code means.
    Show(One),
}
