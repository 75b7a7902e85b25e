//! Which images a reader holds, as it tells them.

use firmdrop_core::Sha256;

use super::{failure::Failure, packet::Fields};
use crate::Slot;

/// Most slots that are looked at. A reader has two for each image, and rarely more than two images.
const MOST_SLOTS: usize = 32;

/// The list of images of one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Images(pub(super) Vec<Slot>);

/// How an image stands on a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It runs and stays.
    Kept,
    /// It runs until the next restart.
    OnTrial,
    /// It is tried at the next restart.
    Marked,
    /// It lies in a slot.
    Stored,
    /// It is not there, as far as the reader tells.
    Absent,
}

impl Images {
    /// Reads the answer to a state request.
    pub(super) fn read(fields: &Fields) -> Result<Self, Failure> {
        let rows = fields
            .maps("images")
            .ok_or_else(|| Failure::Protocol("without a list of images".into()))?;
        Ok(Self(rows.iter().take(MOST_SLOTS).map(slot).collect()))
    }

    /// How the image with this hash stands.
    pub(super) fn standing(&self, hash: &Sha256) -> Standing {
        let ours = |slot: &&Slot| slot.hash.as_ref() == Some(hash);
        // The same bytes may lie in both slots; the one that runs says more.
        let running = self.0.iter().filter(ours).find(|slot| slot.active);
        match (running, self.0.iter().find(ours)) {
            (Some(slot), _) if slot.confirmed => Standing::Kept,
            (Some(_), _) => Standing::OnTrial,
            (None, Some(slot)) if slot.pending => Standing::Marked,
            (None, Some(_)) => Standing::Stored,
            (None, None) => Standing::Absent,
        }
    }

    /// The image that runs.
    pub(super) fn active(&self) -> Option<&Slot> {
        self.0.iter().find(|slot| slot.active)
    }

    /// Whether the reader tells any hash at all. `MCUboot`'s serial recovery does not, unless it is
    /// built with `BOOT_SERIAL_IMG_GRP_HASH`.
    pub(super) fn tells_hashes(&self) -> bool {
        self.0.iter().any(|slot| slot.hash.is_some())
    }

    /// What the slot that does not run holds, in words.
    pub(super) fn other(&self) -> String {
        let other = self.0.iter().find(|slot| !slot.active);
        match other.and_then(|slot| slot.hash) {
            Some(hash) => format!("an image with the hash {}", hash.short()),
            None => "no complete image".into(),
        }
    }
}

fn slot(row: &Fields) -> Slot {
    let number = |name| row.number(name).and_then(|n| u32::try_from(n).ok());
    let flag = |name| row.flag(name).unwrap_or(false);
    let hash = row
        .get("hash")
        .and_then(|value| value.as_bytes())
        .and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
    Slot {
        // A reader with one image may leave the number out.
        image: number("image").unwrap_or(0),
        slot: number("slot").unwrap_or(0),
        version: row
            .text("version")
            .map(|text| text.chars().take(64).collect()),
        hash: hash.map(Sha256::from_bytes),
        active: flag("active"),
        confirmed: flag("confirmed"),
        pending: flag("pending"),
        bootable: flag("bootable"),
        permanent: flag("permanent"),
    }
}
