//! Where a reader really is, whatever its address was written like.
//!
//! Two addresses of one device share a key of their places; a lock takes every key.

use std::collections::BTreeSet;
use std::fmt;

/// What the key of a place on the USB begins with.
const USB: &str = "usb:";

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

    /// Whether what is at the other place now is what was here. On the USB the chain of ports decides: a name may be another
    /// device's meanwhile.
    pub fn is_again(&self, now: &Self) -> bool {
        let chain = |place: &Self| {
            let mut keys = place.0.iter();
            keys.find(|key| key.starts_with(USB)).cloned()
        };
        match chain(self) {
            Some(before) => chain(now) == Some(before),
            None => self.overlaps(now),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_came_back_under_another_name_is_known_by_its_chain_and_a_taken_over_name_is_not()
    {
        let before = Place::new("serial:/dev/ttyACM0")
            .and("tty:166:0")
            .and("usb:1-2.3:1.0");
        let renamed = Place::new("serial:/dev/ttyACM1")
            .and("tty:166:1")
            .and("usb:1-2.3:1.0");
        let other = Place::new("serial:/dev/ttyACM0")
            .and("tty:166:0")
            .and("usb:1-4:1.0");
        assert!(before.is_again(&renamed));
        assert!(!before.is_again(&other));
        let pty = Place::new("serial:/srv/port").and("tty:136:4");
        let again = Place::new("serial:/srv/port").and("tty:136:9");
        assert!(pty.is_again(&again));
    }
}
