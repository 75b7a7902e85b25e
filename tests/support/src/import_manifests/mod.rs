//! Import manifests of Azure Device Update: some that are right, and a table in which each rule that
//! a manifest can break by itself is broken once.
//!
//! The table names rules and pointers as a script sees them; it knows nothing of our code.

mod broken;
mod compatibility;
mod edit;
mod files;
mod good;
mod presence;
mod published;
mod steps;
mod table;
mod text;
mod whole;

pub use broken::{Broken, Schema};
pub use good::{CHILD, FULL, FULL_FILES, GOOD, PARENT, V2, V4};
use table::Table;

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
