//! The ids in a DFU suffix, and whether a device has them. No I/O.
//!
//! The release in a suffix is that of the firmware in the file (DFU 1.1, appendix B): an update has another one
//! than the device, so it is shown and refuses nothing.

use std::fmt;

use firmdrop_image::Inspection;

use crate::UsbIds;

/// What a file says it is for; `None` is any, or not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct FileIds {
    vendor: Option<u16>,
    product: Option<u16>,
    release: Option<u16>,
}

/// What can be said about a file and a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    Same,
    Other,
    NotSaid,
}

/// The ids that the inspection of a file found in its suffix.
pub(super) fn of_file(image: &Inspection) -> FileIds {
    let id = |label: &str| {
        let fact = image.facts.iter().find(|fact| fact.label == label)?;
        u16::from_str_radix(&fact.value, 16).ok()
    };
    FileIds {
        vendor: id("USB vendor"),
        product: id("USB product"),
        release: id("Device release"),
    }
}

impl FileIds {
    /// Compares vendor and product.
    pub(super) fn compare(self, found: UsbIds) -> Compared {
        let pairs = [(self.vendor, found.vendor), (self.product, found.product)];
        if pairs
            .iter()
            .any(|(wanted, found)| wanted.is_some_and(|wanted| wanted != *found))
        {
            Compared::Other
        } else if self.vendor.is_none() {
            Compared::NotSaid
        } else {
            Compared::Same
        }
    }
}

impl FileIds {
    /// The releases of device and file, where the file says one.
    pub(super) fn releases(self, found: UsbIds) -> Option<String> {
        let ours = self.release?;
        Some(format!("release {:04X} → {ours:04X}", found.release))
    }
}

impl fmt::Display for FileIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |id: Option<u16>| id.map_or_else(|| "any".to_owned(), |id| format!("{id:04X}"));
        write!(f, "USB {}:{}", part(self.vendor), part(self.product))
    }
}

/// A device's ids, as they are shown.
pub(super) fn shown(found: UsbIds) -> String {
    format!("{:04X}:{:04X}", found.vendor, found.product)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUND: UsbIds = UsbIds {
        vendor: 0x1209,
        product: 0xDF11,
        release: 0x0100,
    };

    #[test]
    fn an_id_that_is_not_said_fits_and_one_that_differs_does_not() {
        let wanted = |vendor, product, release| FileIds {
            vendor,
            product,
            release,
        };
        for (wanted, expected) in [
            (
                wanted(Some(0x1209), Some(0xDF11), Some(0x0100)),
                Compared::Same,
            ),
            (wanted(Some(0x1209), None, None), Compared::Same),
            (wanted(None, None, None), Compared::NotSaid),
            (wanted(Some(0x0483), Some(0xDF11), None), Compared::Other),
            (
                wanted(Some(0x1209), Some(0xDF11), Some(0x0200)),
                Compared::Same,
            ),
            (wanted(None, Some(0x0001), None), Compared::Other),
        ] {
            assert_eq!(wanted.compare(FOUND), expected, "{wanted}");
        }
        let update = wanted(Some(0x1209), Some(0xDF11), Some(0x0200));
        assert_eq!(
            update.releases(FOUND).as_deref(),
            Some("release 0100 → 0200")
        );
    }
}
