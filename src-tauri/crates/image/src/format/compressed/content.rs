//! What was unpacked of a compressed file, and how unpacking ended.

use firmdrop_core::grouped;

use crate::Source;
use crate::budget::Budget;
use crate::limits::INNER_BYTES;

/// How unpacking ended.
pub(super) enum End {
    /// All of it was unpacked.
    Whole {
        /// Where the last stream ends.
        end: u64,
        /// The name that the stream gives its content.
        name: Option<String>,
        /// Which checksums were recomputed; the inner error says why the content has none.
        proof: Result<&'static str, &'static str>,
    },
    /// It holds more than is unpacked here.
    TooMuch,
    /// It cannot be unpacked here, and why.
    NotMade(String),
    /// It cannot be unpacked by anybody, and why.
    Damaged(String),
}

/// What was unpacked.
pub(super) struct Content<'a> {
    /// None when it is more than is held.
    pub(super) bytes: Option<Vec<u8>>,
    /// How many bytes there were.
    pub(super) length: u64,
    budget: &'a mut Budget,
}

impl<'a> Content<'a> {
    /// Nothing yet.
    pub(super) fn new(budget: &'a mut Budget) -> Self {
        Self {
            bytes: Some(Vec::new()),
            length: 0,
            budget,
        }
    }

    /// Takes a piece; false when no more may be unpacked.
    pub(super) fn take(&mut self, piece: &[u8]) -> bool {
        if !self.budget.takes(piece.len() as u64) {
            return false;
        }
        self.length += piece.len() as u64;
        if self.length > INNER_BYTES {
            self.bytes = None;
        }
        if let Some(bytes) = &mut self.bytes {
            bytes.extend_from_slice(piece);
        }
        true
    }
}

/// Why unpacking stopped where the source ended.
pub(super) fn cut_off(source: &dyn Source) -> End {
    End::Damaged(format!(
        "the file ends at byte {} inside of the stream: it was cut off",
        grouped(source.len())
    ))
}

/// Why unpacking stopped in the middle.
pub(super) fn broken(place: u64, error: impl std::fmt::Display) -> End {
    End::Damaged(format!(
        "cannot be unpacked near byte {place}: {error}",
        place = grouped(place)
    ))
}
