//! What the window can be started with. Commands belong to `firmdrop-cli`, not here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Parser;

/// Drop a firmware file, see what it is, deliver it, know that it arrived.
#[derive(Debug, Clone, Default, Parser)]
#[command(name = "firmdrop", version)]
pub(crate) struct Arguments {
    /// Folder of journal, ledger and accounts
    #[arg(long, env = "FIRMDROP_HOME", value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,

    /// Open the demo world: simulated accounts and readers
    #[arg(long)]
    pub(crate) demo: bool,

    /// Firmware files, or https addresses of them
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Arguments {
    /// The arguments of a second start, or `None` when they are no arguments of ours.
    pub(crate) fn of_second_start(argv: impl IntoIterator<Item = String>) -> Option<Self> {
        Self::try_parse_from(argv.into_iter().map(OsString::from)).ok()
    }

    /// The files, made absolute against the folder the program was started in.
    pub(crate) fn paths(&self, folder: &Path) -> Vec<String> {
        let absolute = |file: &PathBuf| match file.to_str() {
            Some(text) if is_address(text) => text.to_owned(),
            _ => folder.join(file).to_string_lossy().into_owned(),
        };
        self.files.iter().map(absolute).collect()
    }
}

fn is_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(argv: &[&str]) -> Option<Arguments> {
        Arguments::of_second_start(argv.iter().map(|text| (*text).to_owned()))
    }

    #[test]
    fn files_are_taken_relative_to_the_folder_of_the_start_and_addresses_as_they_are() {
        let arguments = of(&["firmdrop", "a.bin", "/b.hex", "https://example.org/c.uf2"]).unwrap();
        assert_eq!(
            arguments.paths(Path::new("/srv/images")),
            ["/srv/images/a.bin", "/b.hex", "https://example.org/c.uf2"]
        );
    }

    #[test]
    fn a_second_start_with_foreign_arguments_is_ignored() {
        assert!(of(&["firmdrop", "--no-such-thing"]).is_none());
    }
}
