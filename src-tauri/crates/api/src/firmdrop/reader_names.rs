//! What a user calls readers that discovery sees: by place and chip, stored in the home.
//!
//! Those that were added by an address have their name there.

use std::collections::BTreeMap;

use firmdrop_core::Diagnosis;
use serde::{Deserialize, Serialize};

use super::Firmdrop;
use crate::ReaderView;

/// Most names; the oldest go.
const MOST: usize = 1024;

/// One name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ReaderName {
    /// The id of the reader when it was named: place and chip.
    id: String,
    name: String,
}

/// The chip in a reader's id: vendor, product and serial number. `None` without a serial number: chips of one kind
/// are not told apart then.
fn chip(id: &str) -> Option<&str> {
    let (place, chip) = id.split_once('#')?;
    let chip = chip.split('@').next()?;
    (place.starts_with("usb:") && !chip.ends_with(":-")).then_some(chip)
}

/// Gives readers the names that they have. One at another place than before is known by its chip, as long as no
/// other reader and no other name has the same.
pub(super) fn give(views: &mut [ReaderView], names: &[ReaderName]) {
    let mut chips = BTreeMap::<String, usize>::new();
    for view in views.iter() {
        if let Some(chip) = chip(&view.reader.id) {
            *chips.entry(chip.to_owned()).or_default() += 1;
        }
    }
    for view in views.iter_mut() {
        let id = &view.reader.id;
        let named = names.iter().find(|named| named.id == *id).or_else(|| {
            let chip_of = chip(id).filter(|chip| chips.get(*chip) == Some(&1))?;
            let mut of_chip = names
                .iter()
                .filter(|named| chip(&named.id) == Some(chip_of));
            let one = of_chip.next();
            one.filter(|_| of_chip.next().is_none())
        });
        if let Some(named) = named {
            view.reader.name.clone_from(&named.name);
        }
    }
}

impl Firmdrop {
    /// A file that cannot be read counts as none: the readers can be named again.
    pub(super) fn reader_names(&self) -> Vec<ReaderName> {
        let text = std::fs::read(self.inner.engine.home().reader_names()).unwrap_or_default();
        let mut names: Vec<ReaderName> = serde_json::from_slice(&text).unwrap_or_default();
        names.truncate(MOST);
        names
    }

    /// Names the reader of this id; an empty name is its own again.
    pub(super) fn name_reader(&self, id: &str, name: &str) -> Result<(), Diagnosis> {
        let mut names = self.reader_names();
        // Its own place, and the place where the same chip was before.
        names.retain(|named| named.id != id && (chip(id).is_none() || chip(&named.id) != chip(id)));
        if !name.is_empty() {
            names.push(ReaderName {
                id: id.to_owned(),
                name: name.to_owned(),
            });
        }
        let too_many = names.len().saturating_sub(MOST);
        names.drain(..too_many);
        let text = serde_json::to_vec_pretty(&names).unwrap_or_default();
        self.inner.engine.home().write_reader_names(&text)
    }
}

#[cfg(test)]
mod tests {
    use firmdrop_link::{Access, Channel, LinkAddress, Reader};

    use super::*;

    fn view(id: &str) -> ReaderView {
        ReaderView {
            destination: id.into(),
            reader: Reader {
                id: id.into(),
                name: "own".into(),
                serial: None,
                place: String::new(),
                channel: Channel::Serial,
                address: LinkAddress::new("serial", "/dev/x"),
                access: Access::Ready,
                simulated: false,
            },
            target: None,
            added: false,
            job: None,
        }
    }

    fn named(id: &str, name: &str) -> ReaderName {
        ReaderName {
            id: id.into(),
            name: name.into(),
        }
    }

    fn given(ids: &[&str], names: &[ReaderName]) -> Vec<String> {
        let mut views: Vec<_> = ids.iter().map(|id| view(id)).collect();
        give(&mut views, names);
        views.into_iter().map(|view| view.reader.name).collect()
    }

    #[test]
    fn a_name_goes_with_the_chip_to_another_port() {
        let names = [named("usb:1-2:1.0#2fe3:0100:A1", "Gate")];
        assert_eq!(given(&["usb:1-4:1.0#2fe3:0100:A1"], &names), ["Gate"]);
        assert_eq!(given(&["usb:1-2:1.0#2fe3:0100:B2"], &names), ["own"]);
    }

    #[test]
    fn two_readers_with_one_serial_number_have_the_names_of_their_places_only() {
        let names = [named("usb:1-2:1.0#2fe3:0100:A1", "Gate")];
        let ids = ["usb:1-2:1.0#2fe3:0100:A1", "usb:1-4:1.0#2fe3:0100:A1"];
        assert_eq!(given(&ids, &names), ["Gate", "own"]);
        let moved = ["usb:1-3:1.0#2fe3:0100:A1", "usb:1-4:1.0#2fe3:0100:A1"];
        assert_eq!(given(&moved, &names), ["own", "own"]);
    }

    #[test]
    fn a_chip_without_a_serial_number_is_known_by_its_place_only() {
        let names = [named("usb:1-2:1.0#1a86:7523:-", "Gate")];
        assert_eq!(given(&["usb:1-2:1.0#1a86:7523:-"], &names), ["Gate"]);
        assert_eq!(given(&["usb:1-4:1.0#1a86:7523:-"], &names), ["own"]);
    }
}
