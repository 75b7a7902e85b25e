//! Two image slots and the bootloader that swaps them.
//!
//! Follows `MCUboot`'s swap with test and confirm; the bytes are kept, not the sectors.

use firmdrop_core::Sha256;

use super::image::{self, Stored};
use super::wire::Refusal;

/// What a reader keeps when it restarts, and the upload it forgets.
#[derive(Debug, Default)]
pub(super) struct Flash {
    first: Vec<u8>,
    second: Vec<u8>,
    /// The image in the first slot stays after a restart.
    confirmed: bool,
    pending: Option<Pending>,
    upload: Option<Upload>,
}

/// What the next restart shall do with the second slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pending {
    /// Start it, and go back unless it is confirmed.
    Test,
    /// Start it for good.
    Permanent,
}

/// An upload that is not complete.
#[derive(Debug)]
struct Upload {
    total_bytes: usize,
    sha: Vec<u8>,
}

/// One row of the list of images.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the protocol lists four flags that do not exclude each other"
)]
pub(super) struct Row {
    pub(super) slot: u32,
    pub(super) image: Stored,
    pub(super) active: bool,
    pub(super) confirmed: bool,
    pub(super) pending: bool,
    pub(super) permanent: bool,
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
    /// A reader that runs this image for good.
    pub(super) fn with(image: Vec<u8>) -> Self {
        Self {
            first: image,
            confirmed: true,
            ..Self::default()
        }
    }

    /// The bytes of slot 0 or 1; nothing for any other.
    pub(super) fn slot(&self, slot: u32) -> &[u8] {
        match slot {
            0 => &self.first,
            1 => &self.second,
            _ => &[],
        }
    }

    /// The images it would list.
    pub(super) fn rows(&self) -> Vec<Row> {
        let row = |slot, image| Row {
            slot,
            image,
            active: slot == 0,
            confirmed: (slot == 0) == self.confirmed,
            pending: slot == 1 && self.pending.is_some(),
            permanent: slot == 1 && self.pending == Some(Pending::Permanent),
        };
        let first = image::read(&self.first).map(|image| row(0, image));
        let whole = self.upload.is_none().then(|| image::read(&self.second));
        let second = whole.flatten().map(|image| row(1, image));
        first.into_iter().chain(second).collect()
    }

    /// Begins an upload, or finds that this one began already.
    pub(super) fn begin(
        &mut self,
        total_bytes: usize,
        sha: &[u8],
    ) -> Result<Option<usize>, Refusal> {
        if let Some(upload) = &self.upload
            && !sha.is_empty()
            && upload.sha == sha
            && upload.total_bytes == total_bytes
        {
            return Ok(Some(self.second.len()));
        }
        if self.pending.is_some() || !self.confirmed {
            return Err(Refusal::NO_FREE_SLOT);
        }
        self.second.clear();
        self.upload = Some(Upload {
            total_bytes,
            sha: sha.to_vec(),
        });
        Ok(None)
    }

    /// Takes a piece when it is the one that is wanted; tells which one is.
    pub(super) fn write(&mut self, offset: usize, data: &[u8]) -> Accepted {
        let mut accepted = Accepted {
            next: self.second.len(),
            written_bytes: 0,
            matches: None,
        };
        let Some(upload) = &self.upload else {
            // Zephyr forgets an upload once it is complete, and wants the next one from its start.
            accepted.next = 0;
            return accepted;
        };
        if offset != self.second.len() {
            return accepted;
        }
        let taken = data.len().min(upload.total_bytes - offset);
        self.second.extend(data.iter().take(taken));
        accepted.next = self.second.len();
        accepted.written_bytes = taken;
        if self.second.len() == upload.total_bytes {
            accepted.matches = (!upload.sha.is_empty())
                .then(|| Sha256::of(&self.second).as_bytes() == &upload.sha[..]);
            self.upload = None;
        }
        accepted
    }

    /// One wrong bit in what was written last.
    pub(super) fn damage(&mut self) {
        if let Some(byte) = self.second.last_mut() {
            *byte ^= 1;
        }
    }

    /// Marks the image with this hash for the next restart, or keeps it when it runs already.
    pub(super) fn mark(&mut self, hash: &[u8], permanent: bool) -> Result<(), Refusal> {
        let rows = self.rows();
        let row = rows
            .iter()
            .find(|row| row.image.hash.as_bytes() == hash)
            .ok_or(Refusal::NO_SUCH_HASH)?;
        if !row.active {
            self.pending = Some(if permanent {
                Pending::Permanent
            } else {
                Pending::Test
            });
        } else if permanent {
            self.confirmed = true;
        }
        Ok(())
    }

    /// Keeps the image that runs.
    pub(super) fn keep(&mut self) {
        self.confirmed = true;
    }

    /// Erases the second slot.
    pub(super) fn erase(&mut self) {
        self.second.clear();
        self.upload = None;
        self.pending = None;
    }

    /// Starts anew. `accepts` is whether the bootloader takes the image it finds.
    pub(super) fn restart(&mut self, accepts: bool) {
        self.upload = None;
        match self.pending.take() {
            Some(pending) if accepts && image::read(&self.second).is_some() => {
                std::mem::swap(&mut self.first, &mut self.second);
                self.confirmed = pending == Pending::Permanent;
            }
            // MCUboot erases an image that it cannot verify.
            Some(_) => self.second.clear(),
            None if !self.confirmed => {
                std::mem::swap(&mut self.first, &mut self.second);
                self.confirmed = true;
            }
            None => {}
        }
    }

    /// What serial recovery does with a finished upload: it lies in the first slot, for good.
    pub(super) fn store_in_first(&mut self) {
        self.first = std::mem::take(&mut self.second);
        self.confirmed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::demo_image;

    fn loaded() -> (Flash, Vec<u8>) {
        let new = demo_image((2, 0, 0), 100);
        let mut flash = Flash::with(demo_image((1, 0, 0), 100));
        flash.begin(new.len(), b"sha").unwrap();
        flash.write(0, &new);
        (flash, new)
    }

    fn hash(image: &[u8]) -> Vec<u8> {
        image::read(image).unwrap().hash.as_bytes().to_vec()
    }

    #[test]
    fn an_image_that_is_not_confirmed_is_gone_after_the_second_restart() {
        let (mut flash, new) = loaded();
        flash.mark(&hash(&new), false).unwrap();
        flash.restart(true);
        assert_eq!(flash.slot(0), new);
        flash.restart(true);
        assert_eq!(flash.slot(1), new);
    }

    #[test]
    fn a_confirmed_image_stays() {
        let (mut flash, new) = loaded();
        flash.mark(&hash(&new), false).unwrap();
        flash.restart(true);
        flash.keep();
        flash.restart(true);
        assert_eq!(flash.slot(0), new);
    }

    #[test]
    fn the_same_upload_goes_on_where_it_stood_and_another_begins_anew() {
        let mut flash = Flash::with(demo_image((1, 0, 0), 100));
        assert_eq!(flash.begin(200, b"one"), Ok(None));
        flash.write(0, &[1; 50]);
        assert_eq!(flash.begin(200, b"one"), Ok(Some(50)));
        assert_eq!(flash.begin(200, b"two"), Ok(None));
    }
}
