//! What a reader holds: the slots of its images, and an upload.
//!
//! Follows `MCUboot`'s swap with test and confirm; bytes are stored, not sectors.

use firmdrop_core::Sha256;

use super::slots::{Mark, Pending, Row, Slots};
use super::wire::Refusal;
use super::{Bootloader, Settings};

/// What a reader holds when it restarts, and the upload it forgets.
#[derive(Debug, Default)]
pub(super) struct Flash {
    images: Vec<Slots>,
    upload: Option<Upload>,
}

/// An upload that is not complete.
#[derive(Debug)]
struct Upload {
    image: usize,
    slot: usize,
    total_bytes: usize,
    sha: Vec<u8>,
}

/// What became of a piece of an upload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accepted {
    /// Offset the reader wants next.
    pub(super) next: usize,
    /// Bytes that were written now.
    pub(super) written_bytes: usize,
    /// With the last piece: whether the SHA-256 of the whole is the one that was announced.
    pub(super) matches: Option<bool>,
}

impl Flash {
    /// A reader with so many images that runs this one, its first, for good.
    pub(super) fn with(image: Vec<u8>, settings: &Settings) -> Self {
        let slots = |bytes| Slots {
            bytes: [bytes, Vec::new()],
            confirmed: true,
            bootloader: settings.bootloader,
            known_by: settings.known_by,
            marks: [Mark::Forever, Mark::None],
            ..Slots::default()
        };
        let others = (1..settings.images).map(|_| slots(Vec::new()));
        Self {
            images: std::iter::once(slots(image)).chain(others).collect(),
            upload: None,
        }
    }

    /// The bytes of slot 0 or 1 of an image; nothing for any other.
    pub(super) fn slot(&self, image: usize, slot: u32) -> &[u8] {
        let slots = self.images.get(image);
        let index = usize::try_from(slot).unwrap_or(usize::MAX);
        slots
            .and_then(|slots| slots.bytes.get(index))
            .map_or(&[], Vec::as_slice)
    }

    /// Puts bytes into a slot.
    pub(super) fn store(&mut self, image: usize, slot: u32, bytes: Vec<u8>) {
        if let Some(place) = self.place(image, usize::from(slot != 0)) {
            *place = bytes;
        }
    }

    fn place(&mut self, image: usize, slot: usize) -> Option<&mut Vec<u8>> {
        self.images.get_mut(image)?.bytes.get_mut(slot)
    }

    /// The images an application would list.
    pub(super) fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (number, slots) in self.images.iter().enumerate() {
            for slot in [0, 1] {
                let being_written = self
                    .upload
                    .as_ref()
                    .is_some_and(|upload| (upload.image, upload.slot) == (number, slot));
                if !being_written {
                    rows.extend(slots.row(number, u32::from(slot != 0)));
                }
            }
        }
        rows
    }

    /// The slot of an image that does not run.
    pub(super) fn free_slot(&self, image: usize) -> usize {
        self.images.get(image).map_or(1, |slots| 1 - slots.runs)
    }

    /// The bytes of the first image that run.
    pub(super) fn running(&self) -> &[u8] {
        let slots = self.images.first();
        slots
            .and_then(|slots| slots.bytes.get(slots.runs))
            .map_or(&[], Vec::as_slice)
    }

    /// Begins an upload into the slot of an image that does not run, or finds that this one began already.
    pub(super) fn begin(
        &mut self,
        image: usize,
        total_bytes: usize,
        sha: &[u8],
    ) -> Result<Option<usize>, Refusal> {
        if let Some(upload) = &self.upload
            && !sha.is_empty()
            && upload.sha == sha
            && upload.total_bytes == total_bytes
            && upload.image == image
        {
            return Ok(Some(self.received_bytes()));
        }
        let slots = self.images.get_mut(image).ok_or(Refusal::NO_FREE_SLOT)?;
        let is_free = match slots.bootloader {
            Bootloader::StartsInPlace { reverts } => slots.is_free_in_place(reverts),
            Bootloader::Swaps | Bootloader::Overwrites => {
                slots.pending.is_none() && slots.confirmed
            }
        };
        if !is_free {
            return Err(Refusal::NO_FREE_SLOT);
        }
        self.begin_anew(image, self.free_slot(image), total_bytes, sha)?;
        Ok(None)
    }

    /// Begins an upload from its start; what lay in the slot is gone.
    pub(super) fn begin_anew(
        &mut self,
        image: usize,
        slot: usize,
        total_bytes: usize,
        sha: &[u8],
    ) -> Result<(), Refusal> {
        let slots = self.images.get_mut(image).ok_or(Refusal::INVALID)?;
        slots.clear(slot);
        if let Some(rejected) = slots.rejected.get_mut(slot) {
            *rejected = false;
        }
        if slot == 0 {
            // The slot's trailer, where its state is written, is erased with it.
            slots.confirmed = true;
        }
        self.upload = Some(Upload {
            image,
            slot,
            total_bytes,
            sha: sha.to_vec(),
        });
        Ok(())
    }

    /// How much of the upload was written.
    pub(super) fn received_bytes(&self) -> usize {
        let Some(upload) = &self.upload else {
            return 0;
        };
        let slots = self.images.get(upload.image);
        slots
            .and_then(|slots| slots.bytes.get(upload.slot))
            .map_or(0, Vec::len)
    }

    /// Takes a piece when it is the one that is wanted; returns which one is.
    pub(super) fn write(&mut self, offset: usize, data: &[u8], block: usize) -> Accepted {
        let mut accepted = Accepted {
            next: self.received_bytes(),
            written_bytes: 0,
            matches: None,
        };
        // Zephyr forgets an upload once it is complete, and wants the next one from its start.
        let Some(upload) = self.upload.take() else {
            return accepted;
        };
        let place = self.place(upload.image, upload.slot);
        let Some(bytes) = place.filter(|bytes| bytes.len() == offset) else {
            self.upload = Some(upload);
            return accepted;
        };
        let mut taken = data.len().min(upload.total_bytes.saturating_sub(offset));
        if offset + taken < upload.total_bytes {
            taken = taken / block.max(1) * block.max(1);
        }
        bytes.extend(data.iter().take(taken));
        accepted.next = bytes.len();
        accepted.written_bytes = taken;
        if bytes.len() == upload.total_bytes {
            accepted.matches =
                Some(upload.sha.is_empty() || Sha256::of(bytes).as_bytes() == &upload.sha[..]);
        } else {
            self.upload = Some(upload);
        }
        accepted
    }

    /// Forgets the upload that is not complete.
    pub(super) fn forget_upload(&mut self) {
        self.upload = None;
    }

    /// What was written of the upload so far is other than it was.
    pub(super) fn spoil_upload(&mut self) {
        let place = self
            .upload
            .as_ref()
            .map(|upload| (upload.image, upload.slot));
        if let Some(bytes) = place.and_then(|(image, slot)| self.place(image, slot)) {
            bytes.fill(0xff);
        }
    }

    /// One wrong bit in what was uploaded last.
    pub(super) fn damage(&mut self, image: usize, slot: usize) {
        if let Some(byte) = self.place(image, slot).and_then(|bytes| bytes.last_mut()) {
            *byte ^= 1;
        }
    }

    /// The bootloader will not start what lies there.
    pub(super) fn reject(&mut self, image: usize, slot: usize) {
        let slots = self.images.get_mut(image);
        if let Some(rejected) = slots.and_then(|slots| slots.rejected.get_mut(slot)) {
            *rejected = true;
        }
    }

    /// Marks the image with this hash for the next restart, or keeps it when it runs already.
    pub(super) fn mark(&mut self, hash: &[u8], permanent: bool) -> Result<(), Refusal> {
        let rows = self.rows();
        let row = rows
            .iter()
            .find(|row| row.image.hash.as_deref() == Some(hash))
            .ok_or(Refusal::NO_SUCH_HASH)?;
        if let Some(slots) = self.images.get_mut(row.image_number)
            && let Bootloader::StartsInPlace { reverts } = slots.bootloader
        {
            return slots.mark_in_place(usize::from(row.slot != 0), permanent, reverts);
        }
        if !row.flags.active {
            self.set_pending(row.image_number, permanent);
        } else if permanent {
            self.keep(row.image_number);
        }
        Ok(())
    }

    /// Marks the second slot of an image, whatever lies there.
    pub(super) fn set_pending(&mut self, image: usize, permanent: bool) {
        if let Some(slots) = self.images.get_mut(image) {
            if let Bootloader::StartsInPlace { .. } = slots.bootloader {
                return slots.mark_other_in_place(permanent);
            }
            slots.pending = Some(if permanent {
                Pending::Permanent
            } else {
                Pending::Test
            });
        }
    }

    /// Whether an image is marked.
    pub(super) fn pending(&self, image: usize) -> Option<bool> {
        let pending = self.images.get(image)?.pending?;
        Some(pending == Pending::Permanent)
    }

    /// Whether the image in the first slot stays.
    pub(super) fn is_confirmed(&self, image: usize) -> bool {
        self.images.get(image).is_some_and(|slots| slots.confirmed)
    }

    /// Keeps the image that runs.
    pub(super) fn keep(&mut self, image: usize) {
        if let Some(slots) = self.images.get_mut(image) {
            slots.confirmed = true;
            slots.confirm_in_place();
        }
    }

    /// Erases the slot of the first image that does not run.
    pub(super) fn erase(&mut self) {
        self.upload = None;
        let slot = self.free_slot(0);
        if let Some(slots) = self.images.first_mut() {
            slots.clear(slot);
            slots.pending = None;
        }
    }

    /// Starts anew. `accepts` is whether the bootloader takes the image it finds.
    pub(super) fn restart(&mut self, accepts: bool) {
        self.upload = None;
        for slots in &mut self.images {
            slots.restart(accepts);
        }
    }

    /// Whether there is a valid first image to start.
    pub(super) fn is_startable(&self) -> bool {
        let first = self.images.first();
        first.is_some_and(|slots| slots.is_valid(slots.runs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::{demo_image, image};

    fn loaded() -> (Flash, Vec<u8>) {
        let new = demo_image((2, 0, 0), 100);
        let mut flash = Flash::with(demo_image((1, 0, 0), 100), &Settings::default());
        flash.begin(0, new.len(), b"sha").unwrap();
        flash.write(0, &new, 1);
        (flash, new)
    }

    fn hash(image: &[u8]) -> Vec<u8> {
        image::read(image).unwrap().hash.unwrap()
    }

    #[test]
    fn an_image_that_is_not_confirmed_is_gone_after_the_second_restart() {
        let (mut flash, new) = loaded();
        flash.mark(&hash(&new), false).unwrap();
        flash.restart(true);
        assert_eq!(flash.slot(0, 0), new);
        flash.restart(true);
        assert_eq!(flash.slot(0, 1), new);
    }

    #[test]
    fn a_confirmed_image_stays() {
        let (mut flash, new) = loaded();
        flash.mark(&hash(&new), false).unwrap();
        flash.restart(true);
        flash.keep(0);
        flash.restart(true);
        assert_eq!(flash.slot(0, 0), new);
    }

    #[test]
    fn the_same_upload_goes_on_where_it_stood_and_another_begins_anew() {
        let mut flash = Flash::with(demo_image((1, 0, 0), 100), &Settings::default());
        assert_eq!(flash.begin(0, 200, b"one"), Ok(None));
        flash.write(0, &[1; 50], 1);
        assert_eq!(flash.begin(0, 200, b"one"), Ok(Some(50)));
        assert_eq!(flash.begin(0, 200, b"two"), Ok(None));
    }
}
