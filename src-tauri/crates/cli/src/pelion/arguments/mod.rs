//! The grammar of `pelion`: one command for each operation of the service.

mod campaign;
mod fleet;

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub(crate) use self::campaign::{CampaignFields, CampaignOptions, Campaigns};
pub(crate) use self::fleet::{Devices, Events, Groups, Queries};

#[derive(Debug, Subcommand)]
pub(crate) enum Pelion {
    /// Upload jobs.
    #[command(subcommand)]
    UploadJobs(UploadJobs),
    /// Chunks of an upload job.
    #[command(subcommand)]
    Chunks(Chunks),
    /// Firmware images.
    #[command(subcommand)]
    Images(Images),
    /// Firmware manifests.
    #[command(subcommand)]
    Manifests(Manifests),
    /// Update campaigns.
    #[command(subcommand)]
    Campaigns(Campaigns),
    /// Devices.
    #[command(subcommand)]
    Devices(Devices),
    /// Saved device queries.
    #[command(subcommand)]
    Queries(Queries),
    /// Device groups.
    #[command(subcommand)]
    Groups(Groups),
    /// Device events.
    #[command(subcommand)]
    Events(Events),
}

impl Pelion {
    /// Whether its exit code says how a delivery ended.
    pub(crate) fn is_delivery(&self) -> bool {
        matches!(self, Self::Campaigns(Campaigns::Watch(_)))
    }
}

/// Which parts of the demo world are served.
#[derive(Debug, Args)]
pub(crate) struct DemoParts {
    /// Serve no simulated readers.
    #[arg(long)]
    pelion_only: bool,
}

impl DemoParts {
    /// Whether the simulated readers are served.
    pub(crate) fn has_readers(&self) -> bool {
        !self.pelion_only
    }
}

/// The account a command talks to.
#[derive(Debug, Args)]
pub(crate) struct OfAccount {
    /// Name of the account.
    #[arg(long, short, default_value = "demo")]
    pub(crate) account: String,
}

/// Where in a list.
#[derive(Debug, Args)]
pub(crate) struct Position {
    /// At most this many, 2 to 1000.
    #[arg(long, value_parser = clap::value_parser!(u16).range(2..=1000))]
    pub(crate) limit: Option<u16>,
    /// After the entry with this id.
    #[arg(long)]
    pub(crate) after: Option<String>,
    /// Newest first.
    #[arg(long)]
    pub(crate) newest_first: bool,
    /// Count all of them.
    #[arg(long)]
    pub(crate) count: bool,
}

/// Which part of a list that the service can filter.
#[derive(Debug, Args)]
pub(crate) struct Page {
    #[command(flatten)]
    pub(crate) position: Position,
    /// Conditions in the service's own words, joined by `&` or given one by one:
    /// `name__eq=gate`, `status__neq=completed`.
    #[arg(long, value_name = "FIELD__OP=VALUE")]
    pub(crate) filter: Vec<String>,
    /// Write the conditions as one `filter` parameter, the service's other dialect.
    #[arg(long)]
    pub(crate) one_filter_parameter: bool,
}

// What most commands take. Their help is that of the command, so these have none.

#[derive(Debug, Args)]
pub(crate) struct Listed {
    #[command(flatten)]
    pub(crate) page: Page,
    #[command(flatten)]
    pub(crate) of: OfAccount,
}

#[derive(Debug, Args)]
pub(crate) struct One {
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) of: OfAccount,
}

#[derive(Debug, Args)]
pub(crate) struct Confirmed {
    pub(crate) id: String,
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) of: OfAccount,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UploadJobs {
    /// Create an upload job.
    Create {
        #[arg(long)]
        name: String,
        #[arg(long)]
        description: Option<String>,
        #[command(flatten)]
        of: OfAccount,
    },
    /// List upload jobs.
    List(Listed),
    /// View an upload job.
    Show(One),
    /// Give an upload job another name or description.
    Update {
        id: String,
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        description: Option<String>,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Delete an upload job. It cannot be undone or continued afterwards.
    Delete(Confirmed),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Chunks {
    /// View the metadata of the chunks of an upload job.
    List {
        job: String,
        #[command(flatten)]
        page: Page,
        #[command(flatten)]
        of: OfAccount,
    },
    /// View the metadata of one chunk.
    Show {
        job: String,
        chunk: u32,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Append a file as the next chunk, or mark the upload job as complete.
    Append {
        job: String,
        /// The chunk's bytes, at most 100 MiB; at least 5 MiB unless it is the last one.
        #[arg(required_unless_present = "finish", conflicts_with = "finish")]
        file: Option<PathBuf>,
        /// Send the zero-length chunk that ends the upload.
        #[arg(long)]
        finish: bool,
        #[command(flatten)]
        of: OfAccount,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Images {
    /// List firmware images.
    List(Listed),
    /// View a firmware image.
    Show(One),
    /// Upload a file below 100 MiB in one request, without a job.
    Create {
        file: PathBuf,
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        description: Option<String>,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Delete a firmware image. It cannot be undone.
    Delete(Confirmed),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Manifests {
    /// List manifests.
    List(Listed),
    /// View a manifest: what the service says, and what its bytes say.
    Show(One),
    /// Upload a signed manifest.
    Create {
        file: PathBuf,
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        description: Option<String>,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Write the bytes of a manifest to a file.
    Download {
        id: String,
        #[arg(long, short)]
        output: PathBuf,
        #[command(flatten)]
        of: OfAccount,
    },
    /// Delete a manifest. It cannot be undone.
    Delete(Confirmed),
}
