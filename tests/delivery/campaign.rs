//! From a file to a fleet: image, manifest, campaign, start and the devices' reports as one job.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "campaign/fleet.rs"]
mod fleet;

#[path = "campaign/crash.rs"]
mod crash;
#[path = "campaign/draft.rs"]
mod draft;
#[path = "campaign/faults.rs"]
mod faults;
#[path = "campaign/late.rs"]
mod late;
#[path = "campaign/refused.rs"]
mod refused;
#[path = "campaign/requests.rs"]
mod requests;
#[path = "campaign/started.rs"]
mod started;
#[path = "campaign/stopped.rs"]
mod stopped;
#[path = "campaign/withheld.rs"]
mod withheld;

use firmdrop_test_support::{death, engine_world};
