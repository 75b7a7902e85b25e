//! One file per format: how it is recognised, validated and described.
//!
//! A format knows nothing of destinations; whether an image may go somewhere is judged there.

pub(crate) mod cabinet;
pub(crate) mod compressed;
pub(crate) mod dfu;
pub(crate) mod dfuse;
pub(crate) mod elf;
pub(crate) mod esp_flash;
pub(crate) mod esp_image;
pub(crate) mod esp_signed;
pub(crate) mod gbl;
pub(crate) mod gbl_signed;
mod hex_dialect;
pub(crate) mod intel_hex;
pub(crate) mod mcuboot;
mod mcuboot_end;
mod mcuboot_hash;
mod mcuboot_header;
pub(crate) mod mcuboot_signed;
mod mcuboot_tlv;
mod mcuboot_version;
mod mcumgr_package;
pub(crate) mod named;
mod nordic_init_packet;
pub(crate) mod nordic_package;
pub(crate) mod nordic_signed;
pub(crate) mod package;
pub(crate) mod page;
mod protobuf;
pub(crate) mod raw;
mod raw_inside;
pub(crate) mod srecord;
pub(crate) mod tar;
pub(crate) mod uf2;
mod uf2_family;
pub(crate) mod vector_table;
pub(crate) mod zigbee_ota;
pub(crate) mod zip;

pub use uf2_family::family_name as uf2_family_name;

#[cfg(test)]
pub(crate) mod test_support;
