//! Import manifests of Azure Device Update: some that are right, and a table in which each rule that
//! a manifest can break by itself is broken once.
//!
//! The table names rules and pointers as a script sees them; it knows nothing of our code.

mod compatibility;
mod edit;
mod files;
mod presence;
mod published;
mod steps;
mod table;
mod text;
mod whole;

use table::Table;

/// Every field of 5.0 once.
pub const FULL: &str = include_str!("../../import_manifests/full.json");
/// An update that installs another one.
pub const PARENT: &str = include_str!("../../import_manifests/parent.json");
/// The other one.
pub const CHILD: &str = include_str!("../../import_manifests/child.json");
/// A manifest 4.0.
pub const V4: &str = include_str!("../../import_manifests/v4.json");
/// A manifest 2.0.
pub const V2: &str = include_str!("../../import_manifests/v2.json");
/// All of them.
pub const GOOD: [&str; 5] = [FULL, PARENT, CHILD, V4, V2];

/// The files of [`FULL`].
pub const FULL_FILES: [(&str, &[u8]); 4] = [
    ("firmware.swu", b"firmware"),
    ("delta.dat", b"delta"),
    ("install.sh", b"#!/bin/sh\n"),
    ("check.sh", b"#!/bin/sh\nexit 0\n"),
];

/// What Microsoft's published schema says of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// It refuses it too.
    Refuses,
    /// It accepts it, for this reason.
    Accepts(&'static str),
    /// There is no schema of this version, or the bytes are no JSON.
    None,
}

/// A manifest that breaks one rule.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The rule.
    pub rule: &'static str,
    /// The field.
    pub pointer: &'static str,
    /// The manifest.
    pub bytes: Vec<u8>,
    /// What the schema says of it.
    pub schema: Schema,
}

/// Every rule that a manifest can break by itself, broken once or more.
pub fn broken() -> Vec<Broken> {
    let mut table = Table::default();
    presence::break_rules(&mut table);
    whole::break_rules(&mut table);
    compatibility::break_rules(&mut table);
    steps::break_rules(&mut table);
    files::break_rules(&mut table);
    text::break_rules(&mut table);
    table.0
}
