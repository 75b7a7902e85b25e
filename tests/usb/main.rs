//! The USB channel and the loader over the real libusb: devices are simulated, everything above the kernel is not.
//!
//! The bed is umockdev's; `firmdrop_test_support::usb` says how. dfu-util, which others wrote, loads the same devices.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![cfg(target_os = "linux")]

mod channel;
mod containers;
mod embassy;
mod loads;
mod peer;
mod rig;
mod tinyusb;
mod troubles;
mod usbd;
