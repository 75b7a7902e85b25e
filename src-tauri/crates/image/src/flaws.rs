//! Places where something is wrong, counted, the first few in words.

use firmdrop_core::grouped;

use crate::limits::PLACES_NAMED;

/// Places where something is wrong: the first few in words, all of them counted.
#[derive(Debug, Default)]
pub(crate) struct Flaws {
    named: Vec<String>,
    count: u64,
}

impl Flaws {
    /// Adds one.
    pub(crate) fn add(&mut self, place: impl FnOnce() -> String) {
        self.count += 1;
        if self.named.len() < PLACES_NAMED {
            self.named.push(place());
        }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// `good` when there are none, otherwise the places.
    pub(crate) fn verdict(&self, good: impl Into<String>) -> Result<String, String> {
        if self.count == 0 {
            return Ok(good.into());
        }
        let more = self.count - self.named.len() as u64;
        let named = self.named.join("; ");
        Err(match more {
            0 => named,
            more => format!("{named}; and {} more", grouped(more)),
        })
    }
}
