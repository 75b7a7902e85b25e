//! The bench: readers that are plugged in are loaded, each at its own place, and each has its record.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod lanes;
mod once;
mod ports;
mod refusals;
mod world;
