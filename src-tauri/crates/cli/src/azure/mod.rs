//! Azure Device Update on the command line.
//!
//! What concerns import manifests happens on this computer: it needs no account and opens no home.
//! What an account holds is in `online`, what `deliver` takes in `job`.

mod arguments;
mod code;
mod draft;
mod findings;
mod hash;
mod init;
pub(crate) mod job;
mod online;
mod pairs;
mod run;
mod update_hashes;
mod validate;
mod written_files;

pub(crate) use self::arguments::{Adu, Offline};
pub(crate) use self::online::run as run_online;
pub(crate) use self::run::run_offline;
