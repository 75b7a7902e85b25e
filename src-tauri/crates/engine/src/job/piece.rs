//! A piece of a delivery as the journal holds it.

use serde::{Deserialize, Serialize};

use super::PieceState;

/// A piece that is sent or was confirmed: a chunk, a block, the whole body of one request.
///
/// Pieces come in any order and from many senders; number and file name one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PieceRecord {
    /// Which file of the plan, from 0.
    #[serde(default)]
    pub file: u32,
    /// Its number in the file, from 1.
    pub number: u32,
    /// Where it begins in the file.
    pub offset_bytes: u64,
    /// Its length.
    pub length_bytes: u64,
    /// What the other side confirmed of its content, with the algorithm in front: `md5:…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// On its way, or confirmed.
    pub state: PieceState,
    /// It went out more than once.
    #[serde(default)]
    pub sent_again: bool,
}
