//! The grammar of `console`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct Console {
    /// The reader: its id or name as `devices` lists it, a port, or how it is written for `deliver`.
    pub(crate) device: String,
    /// Bits per second; those of the address, or 115200, when absent.
    #[arg(long, value_name = "RATE", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) baud: Option<u32>,
    /// What is sent at the end of each line that is typed.
    #[arg(long, value_enum, default_value_t = LineEnding::Cr)]
    pub(crate) line_ending: LineEnding,
    /// Put the time in front of each line.
    #[arg(long)]
    pub(crate) timestamps: bool,
    /// Append everything that is shown to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
}

/// What ends a line that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LineEnding {
    /// A carriage return, as the Enter key of a terminal sends it.
    Cr,
    /// A line feed.
    Lf,
    /// Both.
    Crlf,
    /// Nothing.
    None,
}

impl LineEnding {
    /// Its bytes.
    pub(crate) const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Cr => b"\r",
            Self::Lf => b"\n",
            Self::Crlf => b"\r\n",
            Self::None => b"",
        }
    }
}
