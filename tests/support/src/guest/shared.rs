//! The folder that the virtual computer shares with the one that started it.

use std::fs::File;
use std::path::Path;

/// Set in the virtual computer: this folder.
pub(super) const SHARED: &str = "FIRMDROP_GUEST";

/// A file that is shown when a test fails: what a program that runs in the virtual computer prints.
pub(super) fn log(name: &str) -> File {
    let shared = std::env::var_os(SHARED).unwrap();
    let path = Path::new(&shared).join(name);
    let mut options = File::options();
    options.create(true).append(true).open(path).unwrap()
}
