//! The grammar of campaigns: `pelion campaigns`, and what `deliver` takes for a fleet.

use clap::{Args, Subcommand};

use super::{Confirmed, OfAccount, One, Page, Position};

/// A campaign that brings the image to a fleet. Pelion only.
#[derive(Debug, Args)]
#[group(requires = "campaign")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub(crate) struct CampaignOptions {
    /// Draft a campaign of this name; its manifest is made and signed here.
    #[arg(long, value_name = "NAME", requires = "filter")]
    pub(crate) campaign: Option<String>,
    /// Which devices, in the service's words: `device_class__eq=…&state__eq=registered`.
    #[arg(long)]
    pub(crate) filter: Option<String>,
    /// Start it. Devices that have begun are not called back.
    #[arg(long, requires = "expect_devices")]
    pub(crate) start: bool,
    /// How many devices must match at the start; any other number starts nothing.
    #[arg(long, value_name = "N", requires = "start")]
    pub(crate) expect_devices: Option<u64>,
    /// Take devices over from other campaigns and stay open for those that register later.
    #[arg(long)]
    pub(crate) continuous: bool,
    /// The service stops it at this share of successes.
    #[arg(long, value_name = "PERCENT", default_value_t = 100, value_parser = clap::value_parser!(u8).range(1..=100), conflicts_with = "no_autostop")]
    pub(crate) stop_at_percent: u8,
    /// The service never stops it by itself.
    #[arg(long)]
    pub(crate) no_autostop: bool,
    /// Key that signs the manifest; the only one there is when absent.
    #[arg(long, value_name = "NAME")]
    pub(crate) key: Option<String>,
    /// Version of the manifest; the image's own, or the next after the devices' highest, when absent.
    #[arg(long, value_name = "X.Y.Z")]
    pub(crate) fw_version: Option<String>,
    /// Vendor id; what the matching devices say when absent.
    #[arg(long, value_name = "UUID")]
    pub(crate) vendor_id: Option<String>,
    /// Class id; what the matching devices say when absent.
    #[arg(long, value_name = "UUID")]
    pub(crate) class_id: Option<String>,
    /// Which part of the device; MAIN when absent.
    #[arg(long)]
    pub(crate) component: Option<String>,
    /// Urgency, as the device's application understands it.
    #[arg(long, default_value_t = 0)]
    pub(crate) priority: u32,
    /// A manifest of schema 1, for older devices.
    #[arg(long)]
    pub(crate) schema_1: bool,
    /// Sign the image as well, for devices that ask for it.
    #[arg(long, conflicts_with = "schema_1")]
    pub(crate) sign_image: bool,
}

/// What a campaign says.
#[derive(Debug, Args)]
pub(crate) struct CampaignFields {
    /// Description.
    #[arg(long)]
    pub(crate) description: Option<String>,
    /// Which devices: `device_class__eq=…&state__eq=registered`, or the id of a saved query.
    #[arg(long)]
    pub(crate) filter: Option<String>,
    /// Id of the manifest.
    #[arg(long, value_name = "ID")]
    pub(crate) manifest: Option<String>,
    /// The service stops it at this share of successes; its own default is 100.
    #[arg(long, value_name = "PERCENT", value_parser = percent, conflicts_with = "no_autostop")]
    pub(crate) stop_at_percent: Option<f64>,
    /// The service never stops it by itself.
    #[arg(long)]
    pub(crate) no_autostop: bool,
    /// It waits for an approval. No client can give one; the vendor's portal can.
    #[arg(long)]
    pub(crate) approval_required: bool,
    /// When it should start (RFC 3339). Services disagree whether they obey: do not rely on it.
    #[arg(long, value_name = "TIME")]
    pub(crate) when: Option<String>,
}

/// Reads a share of devices; the service takes fractions of a percent.
fn percent(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(percent) if percent > 0.0 && percent <= 100.0 => Ok(percent),
        _ => Err("write a number above 0, at most 100".to_owned()),
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Campaigns {
    /// List campaigns; archived ones only when asked for.
    List {
        #[command(flatten)]
        page: Page,
        /// Archived ones too.
        #[arg(long)]
        archived: bool,
        #[command(flatten)]
        of: OfAccount,
    },
    /// View a campaign, what its phase means and what may be done to it.
    Show(One),
    /// Draft a campaign. No device is touched.
    Create {
        #[arg(long)]
        name: String,
        /// Take devices over from other campaigns and stay open for those that register later.
        #[arg(long)]
        continuous: bool,
        #[command(flatten)]
        fields: CampaignFields,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Change a draft, or name and description of any campaign.
    Update {
        id: String,
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        fields: CampaignFields,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Draft a campaign that says the same under another name, also for its failed devices only.
    Copy {
        id: String,
        #[arg(long)]
        name: String,
        /// Only the devices that failed.
        #[arg(long)]
        failed: bool,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Show who a campaign would touch. Changes nothing.
    Preview(One),
    /// Start a campaign. Devices that have begun are not called back.
    Start {
        id: String,
        /// How many devices must match now; any other number starts nothing.
        #[arg(long, value_name = "N")]
        expect_devices: u64,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Stop a campaign. A device the service has already served is not called back.
    Stop(Confirmed),
    /// Archive a stopped campaign: lists leave it out.
    Archive(One),
    /// Delete a campaign. It cannot be undone; an active one has to be stopped first.
    Delete {
        id: String,
        /// Stop it first, and wait until it has stopped.
        #[arg(long)]
        stop: bool,
        /// Do not ask.
        #[arg(long, short)]
        yes: bool,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Count how the devices of a campaign ended, and why.
    Statistics(One),
    /// List the devices of a campaign with their last events.
    Devices {
        id: String,
        #[command(flatten)]
        position: Position,
        /// All of them, as comma-separated values.
        #[arg(long)]
        csv: bool,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Follow a campaign until it stops. A service or a network that is out is waited for, an hour at
    /// most.
    #[command(
        after_help = "Exit codes: 0 every device reported success (or had the version), 3 some did, 1 none did or the campaign never started, 4 you stopped watching."
    )]
    Watch(One),
}
