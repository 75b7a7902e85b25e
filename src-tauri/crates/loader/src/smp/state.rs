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
        // Recovery calls no other slot active than the first; an application may run where its upload put it
        // (direct XIP).
        let runs_elsewhere = |slot: &Slot| slot.active && slot.slot != 0;
        if self.lists_unset_flags || self.slots.iter().any(runs_elsewhere) {
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

    /// Whether any slot is listed with this hash.
    pub(super) fn any_is(&self, hash: &ImageHash) -> bool {
        let mut slots = self.slots.iter();
        slots.any(|slot| slot.hash.as_ref() == Some(hash))
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

    /// Whether the list says what runs of an image number. An application lists the image it runs, though perhaps
    /// not at once: one that lists nothing yet is not ready.
    pub(super) fn names_what_runs(&self, image: u32) -> bool {
        self.active(image).is_some() || image > 0 && self.any_active()
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

    /// Whether the reader may list more slots than are looked at.
    pub(super) fn may_be_cut(&self) -> bool {
        self.slots.len() >= MOST_SLOTS
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

/// Whether a bootloader that starts the newer of two images starts ours; `None` where that hangs on a build
/// number, which not every bootloader looks at (`MCUBOOT_VERSION_CMP_USE_BUILD_NUMBER`), or on another form.
pub(super) fn is_newer(ours: &str, theirs: &str) -> Option<bool> {
    let numbers = |text: &str| -> Option<([u32; 3], u32)> {
        let mut parts = text.split(['.', '+']).map(str::parse);
        let mut next = || parts.next()?.ok();
        Some(([next()?, next()?, next()?], next().unwrap_or(0)))
    };
    let ((ours, our_build), (theirs, their_build)) = (numbers(ours)?, numbers(theirs)?);
    (ours != theirs || our_build <= their_build).then_some(ours > theirs)
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
    fn of_two_versions_that_differ_in_their_build_number_only_it_is_not_known_which_is_started() {
        assert_eq!(is_newer("1.2.4", "1.2.3.9"), Some(true));
        assert_eq!(is_newer("1.2.3", "1.2.3"), Some(false));
        assert_eq!(is_newer("1.2.3+4", "1.10.0"), Some(false));
        assert_eq!(is_newer("1.2.3+4", "1.2.3.3"), None);
        assert_eq!(is_newer("blue", "1.2.3"), None);
    }

    #[test]
    fn an_active_slot_that_is_not_the_first_is_an_applications() {
        let slot = |slot, active| Slot {
            image: 0,
            slot,
            version: None,
            hash: None,
            active,
            confirmed: active,
            pending: false,
            bootable: true,
            permanent: false,
        };
        let second = Images::of_slots(vec![slot(0, false), slot(1, true)]);
        assert_eq!(second.proves(), Some(Mode::Application));
        let first = Images::of_slots(vec![slot(0, true), slot(1, false)]);
        assert_eq!(first.proves(), None);
    }

    #[test]
    fn slots_in_any_order_and_flags_in_any_combination_are_read_for_what_runs() {
        let hash = |byte| ImageHash::from_bytes(&[byte; 32]).unwrap();
        let slot = |slot: u32, [active, confirmed, pending, permanent]: [bool; 4]| Slot {
            image: 0,
            slot,
            version: None,
            hash: Some(hash(u8::try_from(slot).unwrap())),
            active,
            confirmed,
            pending,
            bootable: true,
            permanent,
        };
        let runs = slot(0, [true, true, false, false]);
        for (other, state) in [
            ([false, false, false, false], ImageState::Uploaded),
            ([false, true, false, false], ImageState::Uploaded),
            ([false, false, false, true], ImageState::Uploaded),
            ([false, false, true, false], ImageState::Pending),
            ([false, true, true, true], ImageState::Pending),
        ] {
            let images = Images::of_slots(vec![slot(1, other), runs.clone()]);
            assert_eq!(images.state_of(0, &hash(1)), state, "{other:?}");
            assert_eq!(images.state_of(0, &hash(0)), ImageState::Confirmed);
            assert_eq!(images.active(0).map(|slot| slot.slot), Some(0));
            assert_eq!(images.first(0).map(|slot| slot.slot), Some(0));
        }
        for (flags, state) in [
            ([true, false, true, false], ImageState::Testing),
            ([true, false, true, true], ImageState::Testing),
            ([true, true, true, true], ImageState::Confirmed),
        ] {
            let images = Images::of_slots(vec![slot(1, flags)]);
            assert_eq!(images.state_of(0, &hash(1)), state, "{flags:?}");
        }
    }

    #[test]
    fn flags_that_are_numbers_are_flags() {
        use ciborium::Value;
        let row = |slot: u8, active: u8| {
            let pending = 1 - active;
            let fields: [(&str, Value); 4] = [
                ("slot", slot.into()),
                ("hash", Value::Bytes(vec![slot; 32])),
                ("active", active.into()),
                ("pending", pending.into()),
            ];
            let named = fields.map(|(name, value)| (Value::from(name), value));
            Value::Map(named.into())
        };
        let rows = Value::Array(vec![row(0, 1), row(1, 0)]);
        let images = Images::read(&Fields::default().with("images", rows)).unwrap();
        let second = ImageHash::from_bytes(&[1; 32]).unwrap();
        assert_eq!(images.state_of(0, &second), ImageState::Pending);
        assert_eq!(images.proves(), Some(Mode::Application));
    }

    // mcuboot #480: a revert that was cut leaves the confirmation at the image that does not run.
    #[test]
    fn an_image_that_is_confirmed_and_does_not_run_is_not_the_one_that_runs() {
        let hash = |byte| ImageHash::from_bytes(&[byte; 32]).unwrap();
        let slot = |slot, active| Slot {
            image: 0,
            slot,
            version: None,
            hash: Some(hash(u8::from(active))),
            active,
            confirmed: !active,
            pending: false,
            bootable: true,
            permanent: false,
        };
        let images = Images::of_slots(vec![slot(0, true), slot(1, false)]);
        assert_eq!(images.state_of(0, &hash(0)), ImageState::Uploaded);
        assert_eq!(images.state_of(0, &hash(1)), ImageState::Testing);
    }

    #[test]
    fn a_build_number_is_written_in_two_ways_and_may_be_left_out_when_it_is_zero() {
        assert!(same_version("1.2.3+0", "1.2.3"));
        assert!(same_version("1.2.3+4", "1.2.3.4"));
        assert!(same_version("1.0.0+0", "1.0.0"));
        assert!(!same_version("1.2.3+4", "1.2.3"));
        assert!(!same_version("1.2.0+0", "1.20.0"));
    }
}
