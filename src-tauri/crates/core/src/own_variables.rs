//! The variables of the environment that are meant for this program.

use std::ffi::OsString;

/// Their names. Access keys and passwords are among them: no program that is started inherits them, nor its extensions
/// and crash reports.
pub fn own_variables() -> impl Iterator<Item = OsString> {
    let names = std::env::vars_os().map(|(name, _)| name);
    names.filter(|name| name.to_string_lossy().starts_with("FIRMDROP_"))
}
