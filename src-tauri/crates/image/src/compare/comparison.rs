//! What a comparison says.

use serde::{Deserialize, Serialize};

/// What is different between two files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Comparison {
    /// Every byte of the files is the same.
    pub identical: bool,
    /// What they say of themselves differently: format, version, target, signature, facts, parts.
    pub changes: Vec<Change>,
    /// Regions of the target's memory, or of the content, whose bytes differ; at most 256.
    pub regions: Vec<Region>,
    /// Regions that were compared and are the same.
    pub same_regions: u32,
    /// Text that only one of them has; none where the bytes were not compared.
    pub strings: Option<Strings>,
    /// What was not compared, and why.
    pub not_compared: Vec<String>,
}

/// Something that both can say and say differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Change {
    /// The part that says it; none for the file itself.
    pub part: Option<String>,
    /// What it is: "version", "Security counter".
    pub what: String,
    /// What the first says, when it says something.
    pub before: Option<String>,
    /// What the second says.
    pub after: Option<String>,
}

/// A region whose bytes differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Region {
    /// What it is: "flash", "application", "code".
    pub name: String,
    /// Where it begins; `None` where positions in the content are compared.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub address: Option<u64>,
    /// Bytes the first file has there.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub before_bytes: u64,
    /// Bytes the second file has there.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub after_bytes: u64,
    /// Bytes that both have and that differ.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub changed_bytes: u64,
    /// Address, or position, of the first byte that differs or that only one has.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub first_difference: u64,
}

/// Text of one side only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Strings {
    /// What only the first file has, in its order; at most 64.
    pub removed: Vec<String>,
    /// What only the second file has.
    pub added: Vec<String>,
    /// How many more there are of both.
    pub more: u32,
}
