//! The grammar of `adu`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use firmdrop_api::azure::import_manifest::{ApiProfile, ManifestVersion};

use super::online::Online;
use super::pairs::{Pairs, pairs};

#[derive(Debug, Subcommand)]
pub(crate) enum Adu {
    #[command(flatten)]
    Offline(Offline),
    #[command(flatten)]
    Online(Box<Online>),
}

/// Commands that need neither account nor home.
#[derive(Debug, Subcommand)]
pub(crate) enum Offline {
    /// Make an import manifest from files, and manifests of its children.
    #[command(
        disable_version_flag = true,
        after_help = "Handlers are chosen by the files: an image of SWUpdate, an APT manifest, a script with its data. Other files need --handler: the one that is registered on the devices, or microsoft/simulator:1."
    )]
    Init(Box<Init>),
    /// Check import manifests with the files beside them: every rule, field by field. Several are
    /// one import: a parent and its children.
    Validate(Validate),
    /// Print size and SHA-256 of files, hexadecimal and as an import manifest writes it.
    Hash {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Explain an extended result code of an agent.
    Code {
        /// As a log, a page or a device shows it: `0x30100206`, `806355462`, or a negative number.
        #[arg(allow_negative_numbers = true)]
        code: String,
    },
    /// Renew the sizes and hashes in an import manifest from the files beside it. Nothing else in it
    /// is changed.
    UpdateHashes {
        /// The manifest.
        manifest: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The files of the update, in the order in which they are used. None for an update that only
    /// installs others.
    pub(crate) files: Vec<PathBuf>,
    /// Who makes the update: letters, digits, dots and dashes.
    #[arg(long)]
    pub(crate) provider: String,
    /// What it is for: letters, digits, dots and dashes.
    #[arg(long)]
    pub(crate) name: String,
    /// Its version: two to four numbers with dots between.
    #[arg(long)]
    pub(crate) version: String,
    /// Devices it is for, by the properties that they report. Once for each kind of device.
    #[arg(long = "compat", required = true, value_name = "manufacturer=M,model=N", value_parser = pairs)]
    pub(crate) compatibility: Vec<Pairs>,
    /// What it is, in words.
    #[arg(long)]
    pub(crate) description: Option<String>,
    /// The handler of all files.
    #[arg(long, conflicts_with = "steps", value_name = "PROVIDER/NAME:N")]
    pub(crate) handler: Option<String>,
    /// A property of the handler, such as installedCriteria=1.0.
    #[arg(long = "property", conflicts_with = "steps", value_name = "NAME=VALUE", value_parser = crate::words::pair)]
    pub(crate) properties: Vec<(String, String)>,
    /// One step for each file instead of one with all of them.
    #[arg(long, conflicts_with = "steps")]
    pub(crate) each: bool,
    /// A step: files=A+B, handler, description; everything else is a property of the handler. Once
    /// for each step. In a name, + is written \+ and a comma \,.
    #[arg(long = "step", value_name = "files=A+B,handler=H,NAME=VALUE", value_parser = pairs)]
    pub(crate) steps: Vec<Pairs>,
    /// A child that the update installs: manifest=FILE, or name, version, files=A+B, handler,
    /// provider, compat.NAME=VALUE; everything else is a property of its handler. Once for each. In
    /// a name, + is written \+ and a comma \,.
    #[arg(long = "child", value_name = "name=N,version=V,files=A+B,compat.NAME=VALUE", value_parser = pairs)]
    pub(crate) children: Vec<Pairs>,
    /// It is installed through a parent only.
    #[arg(long)]
    pub(crate) not_deployable: bool,
    /// Version of the manifest: 5.0, 4.0, or 2.0 for the first preview; that of the API when absent.
    #[arg(long, value_name = "VERSION", value_parser = manifest_version)]
    pub(crate) manifest_version: Option<ManifestVersion>,
    /// Generation of the API it is for.
    #[arg(long, value_enum, default_value_t = Api::Current)]
    pub(crate) api: Api,
    /// Where it is written; PROVIDER.NAME.VERSION.importmanifest.json beside the first file when
    /// absent. Children are written beside it.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Replace files that are there.
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// The manifests.
    #[arg(required = true)]
    pub(crate) manifests: Vec<PathBuf>,
    /// Look at the manifests alone, not at the files that they name.
    #[arg(long)]
    pub(crate) without_files: bool,
    /// Each manifest is an import of its own.
    #[arg(long)]
    pub(crate) separately: bool,
    /// Generation of the API they are for; any when absent.
    #[arg(long, value_enum)]
    pub(crate) api: Option<Api>,
    /// Limit of all files of an update together, where support raised it.
    #[arg(long, value_name = "SIZE", value_parser = crate::words::bytes)]
    pub(crate) files_limit: Option<u64>,
}

/// Generations of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Api {
    /// 2022-07-01-preview and everything since.
    Current,
    /// 2021-06-01-preview.
    #[value(name = "2021-06-01-preview")]
    Preview2021,
    /// The first preview, 2020-09-01.
    Legacy,
}

impl From<Api> for ApiProfile {
    fn from(api: Api) -> Self {
        match api {
            Api::Current => Self::Current,
            Api::Preview2021 => Self::Preview2021,
            Api::Legacy => Self::Legacy,
        }
    }
}

fn manifest_version(text: &str) -> Result<ManifestVersion, String> {
    ManifestVersion::read(text).ok_or_else(|| "there are 2.0, 3.0, 4.0 and 5.0".to_owned())
}
