//! The guide "Update campaigns using the APIs", one command for each of its lines, and a file that
//! goes to a fleet in one command.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod again_and_gone;
mod campaign_world;
mod deliver;
mod guide;
mod watch;

use firmdrop_test_support::cli_world;
