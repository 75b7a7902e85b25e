//! `manifest`: one file for each command. Everything happens on this computer.

mod arguments;
mod checks;
mod context;
mod create;
mod files;
mod ids;
mod key;
mod missing;
mod payload;
mod run;
mod show;
mod verify;

pub(crate) use self::arguments::Manifest;
pub(crate) use self::run::run;
