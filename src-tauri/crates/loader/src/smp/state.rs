//! Which images a reader holds, as it lists them.

use firmdrop_core::ImageHash;

use super::{failure::Failure, mode::Mode, packet::Fields};
use crate::Slot;

/// Most slots that are looked at. A reader has two for each image, and rarely more than two images.
const MOST_SLOTS: usize = 32;

/// The list of images of one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Images {
    pub(super) slots: Vec<Slot>,
    /// It lists flags that are not set, which `MCUboot`'s serial recovery never does.
    lists_unset_flags: bool,
}

/// The state of an image on a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ImageState {
    /// It is active and stays.
    Confirmed,
    /// It is active until the next restart.
    Testing,
    /// It is started at the next restart.
    Pending,
    /// It lies in a slot.
    Uploaded,
    /// The reader does not list it.
    Absent,
}

impl Images {
    /// Reads the answer to a state request.
    pub(super) fn read(fields: &Fields) -> Result<Self, Failure> {
        let rows = fields
            .maps("images")
            .ok_or_else(|| Failure::Protocol("without a list of images".into()))?;
        let flags = ["active", "confirmed", "pending", "permanent"];
        let unset = |row: &Fields| flags.iter().any(|name| row.flag(name) == Some(false));
        Ok(Self {
            lists_unset_flags: rows.iter().any(unset),
            slots: rows.iter().take(MOST_SLOTS).map(slot).collect(),
        })
    }

    /// The list of a reader that was asked before.
    pub(super) fn of_slots(slots: Vec<Slot>) -> Self {
        Self {
            slots,
            lists_unset_flags: false,
        }
    }

    /// Which program the list alone proves to answer. An application lists the image it runs with its hash
    /// and as active; a flag that is not set is listed by applications only.
    pub(super) fn proves(&self) -> Option<Mode> {
        if self.lists_unset_flags {
            return Some(Mode::Application);
        }
        let nothing = |slot: &Slot| !slot.active && slot.hash.is_none();
        (!self.slots.is_empty() && self.slots.iter().all(nothing)).then_some(Mode::Recovery)
    }

    /// The state of the image with this hash among the slots of image number `image`.
    pub(super) fn state_of(&self, image: u32, hash: &ImageHash) -> ImageState {
        let ours = |slot: &&Slot| slot.hash.as_ref() == Some(hash);
        // The same bytes may lie in both slots; the one that is active says more.
        let running = self.active(image).filter(ours);
        match (running, self.of(image).find(ours)) {
            (Some(slot), _) if slot.confirmed => ImageState::Confirmed,
            (Some(_), _) => ImageState::Testing,
            (None, Some(slot)) if slot.pending => ImageState::Pending,
            (None, Some(_)) => ImageState::Uploaded,
            (None, None) => ImageState::Absent,
        }
    }

    /// The slots of an image number.
    pub(super) fn of(&self, image: u32) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter(move |slot| slot.image == image)
    }

    /// The active slot of an image number. An application may call only the image active that it is
    /// itself; of the others, the first slot is in use.
    pub(super) fn active(&self, image: u32) -> Option<&Slot> {
        let active = self.of(image).find(|slot| slot.active);
        let first = || self.first(image).filter(|slot| slot.confirmed);
        active.or_else(|| (image > 0).then(first).flatten())
    }

    /// Whether any image is active.
    pub(super) fn any_active(&self) -> bool {
        self.slots.iter().any(|slot| slot.active)
    }

    /// What the first slot of an image number holds, which is what recovery starts.
    pub(super) fn first(&self, image: u32) -> Option<&Slot> {
        self.of(image).find(|slot| slot.slot == 0)
    }

    /// A slot with another image that is marked to be started.
    pub(super) fn other_pending(&self, image: u32, hash: &ImageHash) -> Option<&Slot> {
        self.of(image)
            .find(|slot| slot.pending && slot.hash.as_ref() != Some(hash))
    }

    /// Whether the reader lists any hash of this image number.
    pub(super) fn lists_hashes(&self, image: u32) -> bool {
        self.of(image).any(|slot| slot.hash.is_some())
    }

    /// What the slots hold that are not active, in words.
    pub(super) fn others(&self, image: u32) -> String {
        let mut others = self.of(image).filter(|slot| !slot.active);
        others
            .next()
            .map_or_else(|| "no complete image".into(), in_words)
    }
}

/// An image, by what the reader lists of it.
pub(super) fn in_words(slot: &Slot) -> String {
    match (&slot.version, &slot.hash) {
        (Some(version), Some(hash)) => {
            format!("the image {version} with the hash {}", hash.short())
        }
        (None, Some(hash)) => format!("an image with the hash {}", hash.short()),
        (Some(version), None) => format!("the image {version}"),
        (None, None) => "an image without version and hash".into(),
    }
}

/// Whether two versions are the same: an image's own is written `1.2.3+4`, a list's `1.2.3.4`, and a build
/// number of zero may be left out.
pub(super) fn same_version(ours: &str, theirs: &str) -> bool {
    let parts = |text: &str| {
        let parts = text.split(['.', '+']);
        let mut parts: Vec<_> = parts
            .map(|part| part.trim_start_matches('0').to_owned())
            .collect();
        while parts.last().is_some_and(String::is_empty) {
            parts.pop();
        }
        parts
    };
    parts(ours) == parts(theirs)
}

fn slot(row: &Fields) -> Slot {
    let number = |name| row.number(name).and_then(|n| u32::try_from(n).ok());
    let flag = |name| row.flag(name).unwrap_or(false);
    let hash = row
        .get("hash")
        .and_then(|value| value.as_bytes())
        .and_then(|bytes| ImageHash::from_bytes(bytes));
    Slot {
        // A reader with one image may leave the number out.
        image: number("image").unwrap_or(0),
        slot: number("slot").unwrap_or(0),
        version: row
            .text("version")
            .map(|text| text.chars().take(64).collect()),
        hash,
        active: flag("active"),
        confirmed: flag("confirmed"),
        pending: flag("pending"),
        bootable: flag("bootable"),
        permanent: flag("permanent"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_number_is_written_in_two_ways_and_may_be_left_out_when_it_is_zero() {
        assert!(same_version("1.2.3+0", "1.2.3"));
        assert!(same_version("1.2.3+4", "1.2.3.4"));
        assert!(same_version("1.0.0+0", "1.0.0"));
        assert!(!same_version("1.2.3+4", "1.2.3"));
        assert!(!same_version("1.2.0+0", "1.20.0"));
    }
}
