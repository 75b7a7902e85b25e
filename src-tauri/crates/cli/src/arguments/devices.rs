//! The grammar of `devices`.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Devices {
    #[command(subcommand)]
    pub(crate) act: Option<DeviceAct>,
    /// Continue and print every change.
    #[arg(long)]
    pub(crate) watch: bool,
    /// Ask this reader what it is as soon as it is there, each time that it comes. Repeat it for several.
    #[arg(long, value_name = "READER", requires = "watch")]
    pub(crate) identify: Vec<String>,
}

impl Devices {
    /// Whether it has a reader do something that is not undone by stopping the command.
    pub(crate) fn changes_a_reader(&self) -> bool {
        matches!(
            self.act,
            Some(DeviceAct::Restart { .. } | DeviceAct::Recover { .. })
        )
    }
}

/// A reader is meant by its id or name as `devices` lists it, or by how it is written for `deliver`.
#[derive(Debug, Subcommand)]
pub(crate) enum DeviceAct {
    /// Ask a reader what it is. Changes nothing on it.
    Identify { reader: String },
    /// Give a reader a name, which goes with its chip. An empty name takes the given one away.
    Name { reader: String, name: String },
    /// Add a reader by its address, so that it is listed although nothing finds it. Sends nothing.
    Add {
        /// Its address: `192.0.2.7:1337`, `/dev/ttyACM0`, or as it is written for `deliver`.
        address: String,
    },
    /// Forget a reader that was added by its address. The reader itself is not touched.
    Forget { reader: String },
    /// Restart a reader without writing to it, and wait until it answers again.
    Restart {
        reader: String,
        /// Restart it also when something else than now may run afterwards.
        #[arg(long, short)]
        yes: bool,
    },
    /// Load the last image that was verified at a reader whose last load broke off, or what was saved from it.
    Recover {
        reader: String,
        /// Print the plan and send nothing.
        #[arg(long)]
        dry_run: bool,
        /// Do not ask.
        #[arg(long, short)]
        yes: bool,
    },
    /// Print the label of a reader, for a printer or a clipboard.
    Label {
        reader: String,
        /// Text of {name}, {serial}, {place}, {product}, {version}, {id}, {address} and {date}.
        #[arg(long, value_name = "TEMPLATE")]
        template: Option<String>,
    },
    /// The deliveries to a reader, newest first.
    History {
        reader: String,
        /// How many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
}
