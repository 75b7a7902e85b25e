//! Jobs of one engine, from the plan to the ledger, in a world where things go wrong.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod access_key;
mod broken_journal;
mod echoed_key;
mod file_away;
mod lanes;
mod loads;
mod queues;
mod refused;
mod supervised;
mod taken_names;
mod uploads;

use firmdrop_test_support::engine_world;
