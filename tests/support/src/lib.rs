//! The worlds that several suites share: an engine with a service and a reader, a Pelion account,
//! the command line with its home, a process that dies at a line of its journal, a host of files.
//!
//! Only tests may depend on it. Nothing here decides whether a test passed, except by stopping it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::return_self_not_must_use,
    missing_debug_implementations,
    reason = "a test stops at the first surprise; which of these occur depends on the features"
)]

#[cfg(feature = "engine")]
pub mod azure_world;
#[cfg(all(feature = "bluez", target_os = "linux"))]
pub mod bluez;
#[cfg(feature = "cli")]
pub mod cli_world;
#[cfg(feature = "engine")]
pub mod death;
#[cfg(any(feature = "cli", feature = "engine", feature = "pelion"))]
mod distinct_bytes;
#[cfg(feature = "engine")]
pub mod engine_world;
pub mod file_host;
#[cfg(feature = "pelion")]
pub mod gateway;
#[cfg(all(feature = "guest", target_os = "linux"))]
pub mod guest;
#[cfg(feature = "azure")]
pub mod import_manifests;
#[cfg(feature = "pelion")]
mod pelion_service;
#[cfg(feature = "pelion")]
pub mod pelion_world;
#[cfg(all(feature = "doctor", unix))]
pub mod scratch_system;
#[cfg(all(feature = "usb", target_os = "linux"))]
pub mod usb;
