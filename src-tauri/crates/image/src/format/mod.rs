//! One file per format: how it is recognised, validated and described.
//!
//! A format knows nothing of destinations; whether an image may go somewhere is judged there.

pub(crate) mod dfu;
pub(crate) mod dfuse;
pub(crate) mod elf;
pub(crate) mod gbl;
pub(crate) mod intel_hex;
pub(crate) mod mcuboot;
mod mcuboot_tlv;
mod mcuboot_version;
mod mcumgr_package;
mod nordic_init_packet;
pub(crate) mod nordic_package;
pub(crate) mod package;
mod protobuf;
pub(crate) mod raw;
pub(crate) mod srecord;
pub(crate) mod uf2;
mod uf2_family;

#[cfg(test)]
pub(crate) mod test_support;
