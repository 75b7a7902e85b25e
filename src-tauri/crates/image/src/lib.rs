//! What is this file?
//!
//! [`inspect`] reads as much of a [`Source`] as the format needs and says what it is, what is
//! written inside and whether it is sound. Bytes it does not know are called unknown. It opens
//! nothing, sends nothing and trusts no length it has not checked.

mod archive;
mod archive_directory;
mod bounded;
mod bytes;
mod digests;
mod error;
mod format;
mod inspection;
mod limits;
mod payload;
mod recognise;
mod segment_map;
mod source;
mod text_records;
mod watched;

pub use digests::{FileDigests, digest, sha256_only};
pub use error::ImageError;
pub use firmdrop_core::{Check, CheckResult};
pub use inspection::{Fact, Format, Identity, Inspection, Integrity, Segment, Signature};
pub use payload::{Payload, PayloadSegment, SegmentSource, payload};
pub use recognise::{inspect, inspect_with};
pub use source::{MemorySource, Source};
