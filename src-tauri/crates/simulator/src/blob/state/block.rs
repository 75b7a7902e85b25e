//! The rules for blocks: their ids, their number, their sizes, and how a list makes them a blob.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Blob, Code, Part, Refusal};

/// Largest block, bytes: Put Block, 4,000 MiB since version 2019-12-12.
pub const LARGEST_BLOCK_BYTES: u64 = 4_000 * firmdrop_core::MIB;
/// Most blocks of a blob: Put Block List.
pub const MOST_BLOCKS: usize = 50_000;
/// Most blocks that wait to be made a blob: Put Block.
const MOST_UNCOMMITTED_BLOCKS: usize = 100_000;
/// Longest block id before it is written in base64, bytes: Put Block.
const LONGEST_ID_BYTES: usize = 64;

/// Where a block of a list is to be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockKind {
    Committed,
    Uncommitted,
    Latest,
}

/// A line of a block list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) kind: BlockKind,
    pub(crate) id: String,
}

/// A block id is base64 of at most 64 bytes.
pub(super) fn check_id(id: &str) -> Result<(), Refusal> {
    match STANDARD.decode(id) {
        Ok(bytes) if (1..=LONGEST_ID_BYTES).contains(&bytes.len()) => Ok(()),
        _ => {
            let mut refusal = Refusal::from(Code::InvalidQueryParameterValue);
            refusal.details = vec![
                ("QueryParameterName", "blockid".to_owned()),
                ("QueryParameterValue", id.to_owned()),
                ("Reason", "Not a valid base64 string.".to_owned()),
            ];
            Err(refusal)
        }
    }
}

impl Blob {
    /// Whether a block may be added: all ids of a blob have the same length.
    pub(super) fn check_block(&self, id: &str) -> Result<(), Refusal> {
        if self.uncommitted.keys().any(|other| other.len() != id.len()) {
            return Err(Code::InvalidBlobOrBlock.into());
        }
        let is_new = !self.uncommitted.contains_key(id);
        if is_new && self.uncommitted.len() >= MOST_UNCOMMITTED_BLOCKS {
            return Err(Code::BlockCountExceedsLimit.into());
        }
        Ok(())
    }

    /// The parts that a list names, with their ids.
    pub(super) fn listed(&self, list: &[Listed]) -> Result<Vec<(String, Part)>, Refusal> {
        if list.len() > MOST_BLOCKS {
            return Err(Code::BlockListTooLong.into());
        }
        let blocks = self.committed.iter().flat_map(|blob| &blob.blocks);
        let committed: HashMap<&str, &Part> = blocks.map(|(id, part)| (&**id, part)).collect();
        let part = |one: &Listed| {
            let found = match one.kind {
                BlockKind::Committed => committed.get(&*one.id).copied(),
                BlockKind::Uncommitted => self.uncommitted.get(&one.id),
                BlockKind::Latest => {
                    let uncommitted = self.uncommitted.get(&one.id);
                    uncommitted.or_else(|| committed.get(&*one.id).copied())
                }
            };
            let found = found.ok_or_else(|| Refusal::from(Code::InvalidBlockList));
            found.map(|part| (one.id.clone(), part.clone()))
        };
        list.iter().map(part).collect()
    }
}
