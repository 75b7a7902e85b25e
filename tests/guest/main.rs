//! The command line in a virtual computer: kernel and drivers are real, only devices are pretended.
//!
//! `firmdrop_test_support::guest` says how. The same deliveries run without a kernel's part in `tests/cli`.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod bluetooth;
mod rig;
mod serial;
mod smpmgr;
mod udp;
mod usb;
