//! The two slots of an image, what is listed of them, and what a bootloader makes of them when it swaps or overwrites.
//!
//! One that starts images where they lie is in `direct_xip`.

use super::image::{self, Stored};
use super::{Bootloader, KnownBy};

/// The two slots of an image.
#[derive(Debug, Default)]
pub(super) struct Slots {
    pub(super) bytes: [Vec<u8>; 2],
    /// The bootloader does not start what lies there.
    pub(super) rejected: [bool; 2],
    /// The image in the first slot stays after a restart.
    pub(super) confirmed: bool,
    pub(super) pending: Option<Pending>,
    pub(super) bootloader: Bootloader,
    pub(super) known_by: KnownBy,
    /// The slot that runs.
    pub(super) runs: usize,
    pub(super) marks: [Mark; 2],
}

/// What the next restart shall do with the second slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pending {
    /// Start it, and go back unless it is confirmed.
    Test,
    /// Start it for good.
    Permanent,
}

/// What an image's trailer says; only a bootloader with a way back looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mark {
    /// Nothing: it is erased at the next start.
    #[default]
    None,
    /// Started at the next start.
    Once,
    /// It runs, and is erased at the next start unless it is confirmed.
    OnTrial,
    /// Confirmed.
    Forever,
}

/// What is listed of a slot besides its image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the protocol lists four flags that do not exclude each other"
)]
pub(super) struct Flags {
    pub(super) active: bool,
    pub(super) confirmed: bool,
    pub(super) pending: bool,
    pub(super) permanent: bool,
}

/// One row of the list of images.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) image_number: usize,
    pub(super) slot: u32,
    pub(super) image: Stored,
    pub(super) flags: Flags,
    /// The bootloader would not start it.
    pub(super) rejected: bool,
}

impl Slots {
    /// What the reader knows of what lies in this slot.
    pub(super) fn stored(&self, slot: usize) -> Option<Stored> {
        let bytes = self.bytes.get(slot)?;
        match self.known_by {
            KnownBy::Trailer => image::read(bytes),
            KnownBy::Bytes => Stored::of_any(bytes, true),
            KnownBy::Nothing => Stored::of_any(bytes, false),
        }
    }

    pub(super) fn row(&self, image_number: usize, slot: u32) -> Option<Row> {
        let index = usize::from(slot != 0);
        Some(Row {
            image_number,
            slot,
            image: self.stored(index)?,
            flags: match self.bootloader {
                Bootloader::StartsInPlace { reverts } => self.flags_in_place(index, reverts),
                Bootloader::Swaps | Bootloader::Overwrites => Flags {
                    active: slot == 0,
                    confirmed: (slot == 0) == self.confirmed,
                    pending: slot == 1 && self.pending.is_some(),
                    permanent: slot == 1 && self.pending == Some(Pending::Permanent),
                },
            },
            rejected: self.is_rejected(index),
        })
    }

    fn is_rejected(&self, slot: usize) -> bool {
        self.rejected.get(slot) == Some(&true)
    }

    /// Whether the bootloader would start what lies in this slot.
    pub(super) fn is_valid(&self, slot: usize) -> bool {
        self.stored(slot).is_some() && !self.is_rejected(slot)
    }

    fn swap(&mut self) {
        self.bytes.swap(0, 1);
        self.rejected.swap(0, 1);
    }

    pub(super) fn clear(&mut self, slot: usize) {
        if let Some(bytes) = self.bytes.get_mut(slot) {
            bytes.clear();
        }
        if let Some(mark) = self.marks.get_mut(slot) {
            *mark = Mark::None;
        }
    }

    pub(super) fn restart(&mut self, accepts: bool) {
        if let Bootloader::StartsInPlace { reverts } = self.bootloader {
            return self.restart_in_place(accepts, reverts);
        }
        let overwrites = self.bootloader == Bootloader::Overwrites;
        match self.pending.take() {
            Some(_) if accepts && overwrites && self.is_valid(1) => {
                self.swap();
                self.clear(1);
                self.confirmed = true;
            }
            Some(pending) if accepts && self.is_valid(1) => {
                self.swap();
                self.confirmed = pending == Pending::Permanent;
            }
            // MCUboot erases an image that it cannot verify.
            Some(_) => self.clear(1),
            None if !self.confirmed => {
                self.swap();
                self.confirmed = true;
            }
            None => {}
        }
    }
}
