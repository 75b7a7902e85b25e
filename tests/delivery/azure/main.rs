//! Deliveries into Device Update, through the engine: files to an imported update, and on to a
//! deployment; trouble, kills, cancels.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod cancel;
mod consistency;
mod crash;
mod deploy;
mod held;
mod import;
mod trouble;

pub(crate) use firmdrop_test_support::{azure_world, death, engine_world};

/// The script and the data of an update.
pub(crate) const FILES: [(&str, &[u8]); 2] = [
    ("install.sh", b"#!/bin/sh\nexit 0\n"),
    ("data.bin", &[7; 100_000]),
];
