//! The grammar of the command line.

mod console;
mod devices;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::kinds::{self, DemoParts, KindCommand, KindOptions, OfflineCommand};

pub(crate) use self::console::Console;
pub(crate) use self::devices::{DeviceAct, Devices};

/// Says what a firmware file is, delivers it, and proves that it arrived.
#[derive(Debug, Parser)]
#[command(name = "firmdrop-cli", version, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 verified or done, 1 failed, 2 wrong usage: what was written cannot be meant, 3 sent but not verified, 4 stopped by the user. Of several destinations, the worst."
)]
pub(crate) struct Arguments {
    /// Folder with journal, ledger and accounts.
    #[arg(long, global = true, env = "FIRMDROP_HOME", value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Answer as JSON: one document, or one line for each event where it streams.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say what a file is, whether it is sound and where it may go.
    Inspect(Inspect),
    /// List the readers that can be seen.
    Devices(Devices),
    /// Show what a reader on a serial port prints, and send it lines. Stands aside while the reader is loaded.
    Console(Console),
    /// Find what stands in the way on this computer; change it on consent, and undo that.
    Doctor(DoctorArguments),
    /// Deliver a file to one or more destinations.
    Deliver(Box<Deliver>),
    /// Load one file, or base64, into one reader; answers in the words of the load-firmware contract.
    LoadFirmware(Box<LoadFirmware>),
    /// Load one image into every reader that is plugged into a bench of up to 32 lanes.
    Bench(Box<Bench>),
    /// List the jobs of this home, newest first.
    Jobs {
        /// How many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// One job: show it, resume it, stop it, read its log.
    #[command(subcommand)]
    Job(Job),
    /// Cloud accounts.
    #[command(subcommand)]
    Account(Account),
    #[command(flatten)]
    Kind(KindCommand),
    #[command(flatten)]
    Offline(OfflineCommand),
    /// What was delivered, sealed entry by entry.
    #[command(subcommand)]
    Ledger(Ledger),
    /// Serve the demo world on this computer and make its account `demo`.
    Demo(Demo),
}

impl Command {
    /// Whether its exit code says how a delivery ended.
    pub(crate) fn is_delivery(&self) -> bool {
        match self {
            Self::Deliver(command) => !command.dry_run,
            Self::LoadFirmware(_) | Self::Bench(_) | Self::Job(Job::Resume { .. }) => true,
            Self::Kind(command) => command.is_delivery(),
            _ => false,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// File, or https address.
    pub(crate) file: String,
    /// Compute MD5 also for files above 64 MiB.
    #[arg(long)]
    pub(crate) md5: bool,
    /// Check the signatures of images with this public key, PEM or DER; may be given more than once.
    #[arg(long, value_name = "FILE", conflicts_with = "compare")]
    pub(crate) key: Vec<String>,
    /// Write what lies inside to a file of its own: the name of the part, or its number (1, or 2.1 for the first part of the second).
    #[arg(long, value_name = "PART", requires = "output", conflicts_with_all = ["compare", "key", "md5"])]
    pub(crate) extract: Option<String>,
    /// File that `--extract` writes; it must not be there yet.
    #[arg(long, short, value_name = "FILE", requires = "extract")]
    pub(crate) output: Option<String>,
    /// Say what is different in this second file, which comes after the first.
    #[arg(long, value_name = "FILE", conflicts_with = "md5")]
    pub(crate) compare: Option<String>,
    /// How the answer is written: `full`, or `short` for one line.
    #[arg(long, value_enum, default_value_t = InspectFormat::Full)]
    pub(crate) format: InspectFormat,
    #[command(flatten)]
    pub(crate) fetch: Fetch,
}

/// How the answer of `inspect` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum InspectFormat {
    /// Everything that is known.
    Full,
    /// One line: file, what it is, integrity, SHA-256.
    Short,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Make this change, which the check offers; shows it to the byte and asks first.
    #[arg(long, value_name = "ID", conflicts_with = "undo")]
    pub(crate) fix: Option<String>,
    /// Restore the files of a change as they were before it: its number, or `last`.
    #[arg(long, value_name = "ID")]
    pub(crate) undo: Option<String>,
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Whose rights are looked at. Without it who began `sudo`, or who runs the command.
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Test the connection of this account first; its host's clock is compared with this computer's.
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) ask: Option<String>,
    /// Look at the system in this folder instead of the running one; no command is run for it.
    #[arg(long, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Fetch {
    /// Host of the own network that may be downloaded from.
    #[arg(long, value_name = "HOST", value_parser = crate::words::host)]
    pub(crate) allow_host: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Deliver {
    /// Files, or https addresses.
    #[arg(required = true)]
    pub(crate) files: Vec<String>,
    #[arg(long, required = true, num_args = 1.., value_name = "DESTINATION", help = kinds::DESTINATIONS)]
    pub(crate) to: Vec<String>,
    /// Print the plan and send nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Name of the firmware image in the cloud.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Description in the cloud.
    #[arg(long)]
    pub(crate) description: Option<String>,
    /// Where a raw image belongs, hexadecimal with 0x or decimal.
    #[arg(long, value_parser = crate::words::address)]
    pub(crate) address: Option<u64>,
    /// Size of a chunk, 5 MiB to 100 MiB: `8MiB`, `8 MB` or a number of bytes; `5 MB` is the least.
    /// Chosen by the line when absent.
    #[arg(long, value_name = "SIZE", value_parser = crate::words::chunk_bytes)]
    pub(crate) chunk_bytes: Option<u64>,
    /// Option of the destination's protocol, such as image=1 for a reader with several images.
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = crate::words::pair)]
    pub(crate) options: Vec<(String, String)>,
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Confirm that a file is sent although a check of it failed; --yes alone does not. Readers refuse it.
    #[arg(long)]
    pub(crate) send_damaged: bool,
    #[command(flatten)]
    pub(crate) of_kind: KindOptions,
    #[command(flatten)]
    pub(crate) fetch: Fetch,
}

// Exactly one of file and blob is a rule of the contract, which has its own message for it.
#[derive(Debug, Args)]
pub(crate) struct LoadFirmware {
    /// The reader: its id or name as `devices` lists it, or how it is written for `deliver`.
    pub(crate) device: String,
    /// Where the firmware lies: file:// and a path, https:// or http:// and the rest of the address.
    #[arg(long, value_name = "URL")]
    pub(crate) file: Option<String>,
    /// The firmware in base64; - for standard input, in which lines may be broken.
    #[arg(long, value_name = "BASE64", allow_hyphen_values = true)]
    pub(crate) blob: Option<String>,
    /// Time for the download and the reader's acceptance together; the transfer takes as long as it takes.
    #[arg(long, value_name = "SECONDS", default_value_t = 90, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) deadline: u64,
    /// Confirm this of the plan, and no more: downgrade, same-version or unsigned.
    #[arg(long, value_name = "WHAT", value_parser = crate::words::confirmation)]
    pub(crate) confirm: Vec<firmdrop_api::ConfirmationAbout>,
    /// Do not ask: confirm whatever the plan needs.
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// End when the reader accepted, with exit code 3: nothing is proved yet. A process of its own carries the
    /// load on.
    #[arg(long)]
    pub(crate) no_wait: bool,
    #[command(flatten)]
    pub(crate) fetch: Fetch,
}

#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// File, or https address.
    pub(crate) file: String,
    /// A lane and the reader whose place it is: an id or name as `devices` lists it, a port, or how it is written
    /// for `deliver`. Lanes are numbered from 1 where no name is given. Without any, the lanes that were taught.
    #[arg(long, value_name = "[NAME=]READER")]
    pub(crate) lane: Vec<String>,
    /// Teach so many lanes: the place that appears next is the next lane.
    #[arg(long, value_name = "N", conflicts_with = "lane", value_parser = clap::value_parser!(u8).range(1..=32))]
    pub(crate) teach: Option<u8>,
    /// Name of the lot. One that was begun before is continued.
    #[arg(long, value_name = "NAME")]
    pub(crate) lot: String,
    /// Units of the lot.
    #[arg(long, value_name = "N")]
    pub(crate) lot_size: Option<u32>,
    /// File with one record for each unit, appended as units end: CSV, or JSON Lines when its name ends with .jsonl.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<String>,
    /// Label of each unit, of {lot}, {unit}, {unit:4}, {lane}, {serial}, {version} and {date}.
    #[arg(long, value_name = "TEMPLATE")]
    pub(crate) label: Option<String>,
    /// Start nothing more after so many failed units.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) stop_after: Option<u32>,
    /// One unit for each lane, then end.
    #[arg(long)]
    pub(crate) once: bool,
    /// Product that each reader has to report.
    #[arg(long)]
    pub(crate) product: Option<String>,
    /// Confirm this for every reader: downgrade, same-version or unsigned.
    #[arg(long, value_name = "WHAT", value_parser = crate::words::confirmation)]
    pub(crate) confirm: Vec<firmdrop_api::ConfirmationAbout>,
    /// Let a reader pass that cannot prove what it holds.
    #[arg(long)]
    pub(crate) accept_unverified: bool,
    /// Where a raw image belongs, hexadecimal with 0x or decimal.
    #[arg(long, value_parser = crate::words::address)]
    pub(crate) address: Option<u64>,
    /// Option of the readers' protocol.
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = crate::words::pair)]
    pub(crate) options: Vec<(String, String)>,
    /// Arm without a question.
    #[arg(long, short)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) fetch: Fetch,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Job {
    /// Everything that is known about a job.
    Show { id: String },
    /// Resume a job and wait for its end.
    Resume {
        id: String,
        /// The service holds these bytes already: compare with that firmware image, send nothing.
        #[arg(long)]
        use_existing: bool,
        /// An unfinished upload job that nobody here began has the name: continue it. Only when no
        /// other program is still sending into it.
        #[arg(long, conflicts_with = "use_existing")]
        adopt: bool,
    },
    /// Stop a job at the next safe point, to resume it later.
    Pause { id: String },
    /// Stop a job at the next safe point for good.
    Cancel { id: String },
    /// Print a job's history.
    Log { id: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// Add an account. The access key is asked for, or read from a file or the environment.
    Add(AccountAdd),
    /// Change an account. Another address, proxy or authority needs the access key again.
    Edit(AccountEdit),
    /// Replace the access key of an account; its address, proxy and certificates stay.
    Key {
        name: String,
        /// File with the access key. Without it, the environment or a prompt is asked.
        #[arg(long, value_name = "FILE")]
        key_file: Option<PathBuf>,
    },
    /// List the accounts.
    List,
    /// Show one account, without its key.
    Show { name: String },
    /// Try the connection layer by layer.
    Test { name: String },
    /// Remove an account and its key.
    Remove { name: String },
}

#[derive(Debug, Args)]
pub(crate) struct AccountAdd {
    /// What it is called here.
    pub(crate) name: String,
    /// Kind of service.
    #[arg(long, default_value = kinds::ACCOUNTS[0], value_parser = kinds::ACCOUNTS)]
    pub(crate) kind: String,
    /// Address of the service; the usual one of its kind when absent.
    #[arg(long)]
    pub(crate) host: Option<String>,
    /// A field of its own kind.
    #[arg(long, value_name = "KEY=VALUE", value_parser = crate::words::pair)]
    pub(crate) set: Vec<(String, String)>,
    /// File with the access key. Without it, the environment or a prompt is asked.
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// File with another secret of its kind: `client_secret=FILE`.
    #[arg(long, value_name = "SECRET=FILE", value_parser = crate::words::pair)]
    pub(crate) secret_file: Vec<(String, String)>,
    /// Proxy: http://, https:// or socks5://.
    #[arg(long)]
    pub(crate) proxy: Option<String>,
    /// Additional CA certificates, PEM.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Mark it as production.
    #[arg(long)]
    pub(crate) production: bool,
    /// Where the system has no key store, store the key in a file that only this user can read, without
    /// a question.
    #[arg(long)]
    pub(crate) key_in_file: bool,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
#[derive(Debug, Args)]
pub(crate) struct AccountEdit {
    /// What it is called here.
    pub(crate) name: String,
    /// Address of the service.
    #[arg(long)]
    pub(crate) host: Option<String>,
    /// A field of its own kind.
    #[arg(long, value_name = "KEY=VALUE", value_parser = crate::words::pair)]
    pub(crate) set: Vec<(String, String)>,
    /// File with the access key. Without it, the environment or a prompt is asked, if it is needed.
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Proxy: http://, https:// or socks5://.
    #[arg(long)]
    pub(crate) proxy: Option<String>,
    /// Use the system's proxy.
    #[arg(long, conflicts_with = "proxy")]
    pub(crate) no_proxy: bool,
    /// Additional CA certificates, PEM.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Trust no additional CA certificates.
    #[arg(long, conflicts_with = "ca")]
    pub(crate) no_ca: bool,
    /// Mark it as production.
    #[arg(long)]
    pub(crate) production: bool,
    /// Take the production mark away.
    #[arg(long, conflicts_with = "production")]
    pub(crate) no_production: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Ledger {
    /// List the entries.
    List(OfLedger),
    /// Print the entries and the signed head as JSON Lines or CSV.
    Export {
        /// Comma-separated values instead of JSON Lines.
        #[arg(long)]
        csv: bool,
        #[command(flatten)]
        of: OfLedger,
    },
    /// Print the signed head: a C2SP checkpoint, to be stored elsewhere and verified against later.
    Head(OfLedger),
    /// Print one entry as it was signed: an in-toto statement in a DSSE envelope.
    Show {
        /// Its number.
        number: u32,
        #[command(flatten)]
        of: OfLedger,
    },
    /// Check every signature, the head and the jobs.
    Verify {
        /// An export to verify instead of the ledger of this home; - for standard input.
        #[arg(value_name = "EXPORT")]
        export: Option<PathBuf>,
        /// The key to believe, NAME+HASH+KEY, as `ledger head` prints it where the ledger was written.
        #[arg(long, value_name = "KEY")]
        key: Vec<String>,
        /// A head of an earlier day, as `ledger head` printed it.
        #[arg(long, value_name = "FILE")]
        head: Vec<PathBuf>,
        #[command(flatten)]
        of: OfLedger,
    },
}

#[derive(Debug, Args)]
pub(crate) struct OfLedger {
    /// The ledger of the demo world instead of the real one.
    #[arg(long)]
    pub(crate) demo: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Port of the simulated service on 127.0.0.1; when absent, the one of the last time if
    /// it is free, else any.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// A fleet of N devices of one class in the account instead of the usual 120: to try large
    /// fleets. It is a world of its own; what one of up to 10,000 devices holds is stored between
    /// runs.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) devices: Option<u32>,
    #[command(flatten)]
    pub(crate) parts: DemoParts,
    /// Store only digests of what is uploaded. The demo world never stores more; scripts may say so.
    #[arg(long)]
    pub(crate) discard: bool,
    /// Deliver a sample to the demo world, show how it goes, and end.
    #[arg(long)]
    pub(crate) deliver: bool,
}
