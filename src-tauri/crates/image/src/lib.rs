//! What is this file?
//!
//! [`inspect`] reads as much of a [`Source`] as the format needs and says what it is, what is
//! written inside and whether it is sound. Bytes it does not know are called unknown. It opens
//! nothing, sends nothing and trusts no length it has not checked.

mod advice;
mod archive;
mod archive_directory;
mod bounded;
mod budget;
mod bytes;
mod compare;
mod digests;
mod error;
mod flaws;
mod format;
mod inner;
mod inspection;
mod limits;
mod lines;
mod memory;
mod overlaps;
mod part_bytes;
mod payload;
mod public_key;
mod reading;
mod recognise;
mod registry;
mod segment_map;
mod signatures;
mod signed;
mod source;
mod text_compare;
mod text_records;
mod text_rows;
mod text_scan;
mod watched;

pub use advice::Advice;
pub use compare::{Change, Comparison, Region, Strings, compare};
pub use digests::{FileDigests, digest, sha256_only};
pub use error::ImageError;
pub use firmdrop_core::{Check, CheckResult};
pub use format::uf2_family_name;
pub use inspection::{Fact, Format, Identity, Inspection, Integrity, Part, Segment, Signature};
pub use part_bytes::part_bytes;
pub use payload::{Payload, PayloadSegment, SegmentSource, payload};
pub use public_key::{KeyError, PublicKey};
pub use recognise::{inspect, inspect_with};
pub use signatures::check_signatures;
pub use source::{MemorySource, Source};

#[cfg(test)]
mod cases_tests;
#[cfg(test)]
mod hunt_tests;
