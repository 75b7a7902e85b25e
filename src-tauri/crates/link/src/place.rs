//! Where a reader really is, whatever its address was written like.
//!
//! Two addresses of one device share a key of their places; a lock takes every key.

use std::collections::BTreeSet;
use std::fmt;

/// Everything that identifies the place an address leads to: device numbers, USB port chains,
/// resolved network addresses. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place(BTreeSet<String>);

impl Place {
    /// A place with this key.
    pub fn new(key: impl Into<String>) -> Self {
        Self(BTreeSet::from([key.into()]))
    }

    /// The same place with one more key.
    #[must_use]
    pub fn and(mut self, key: impl Into<String>) -> Self {
        self.0.insert(key.into());
        self
    }

    /// The keys, in one order on every computer. Who locks a place locks each of them, in this order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether both are one device, as far as this computer can know.
    pub fn overlaps(&self, other: &Self) -> bool {
        !self.0.is_disjoint(&other.0)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.keys().collect();
        f.write_str(&keys.join(", "))
    }
}
