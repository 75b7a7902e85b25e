//! The vendor's tutorial of update campaigns against the simulated service, from the image to the
//! archive, and everything that a campaign can be refused for.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod blast_radius;
mod campaign_world;
mod failed_devices;
mod queries_and_groups;
mod refused_acts;
mod tutorial;

use firmdrop_test_support::pelion_world;
