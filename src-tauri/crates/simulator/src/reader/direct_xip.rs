//! Two slots of which the bootloader starts the newer where it lies: `MCUboot`'s direct XIP.
//!
//! Follows `boot_select_or_erase` of `MCUboot` and `img_mgmt_get_next_boot_slot` of Zephyr. What is common to all
//! bootloaders is in `slots`.

use super::slots::{Flags, Mark, Pending, Slots};
use super::wire::Refusal;

/// What the next start does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Stays,
    Reverts,
    Other(Pending),
}

impl Slots {
    fn other(&self) -> usize {
        1 - self.runs
    }

    fn mark_of(&self, slot: usize) -> Mark {
        self.marks.get(slot).copied().unwrap_or_default()
    }

    fn set_mark(&mut self, slot: usize, mark: Mark) {
        if let Some(place) = self.marks.get_mut(slot) {
            *place = mark;
        }
    }

    fn next(&self, reverts: bool) -> Next {
        let Some(other) = self.stored(self.other()) else {
            return Next::Stays;
        };
        let newer = self
            .stored(self.runs)
            .is_some_and(|runs| other.number > runs.number);
        match (self.mark_of(self.runs), self.mark_of(self.other())) {
            _ if !reverts && newer => Next::Other(Pending::Permanent),
            _ if !reverts => Next::Stays,
            (Mark::OnTrial, _) => Next::Reverts,
            (_, Mark::Once) if newer => Next::Other(Pending::Test),
            (_, Mark::Forever) if newer => Next::Other(Pending::Permanent),
            _ => Next::Stays,
        }
    }

    pub(super) fn flags_in_place(&self, slot: usize, reverts: bool) -> Flags {
        let next = self.next(reverts);
        if slot == self.runs {
            return Flags {
                active: true,
                confirmed: next != Next::Reverts,
                ..Flags::default()
            };
        }
        Flags {
            confirmed: next == Next::Reverts,
            pending: matches!(next, Next::Other(_)),
            permanent: next == Next::Other(Pending::Permanent),
            ..Flags::default()
        }
    }

    /// Whether the slot that does not run takes an upload.
    pub(super) fn is_free_in_place(&self, reverts: bool) -> bool {
        !reverts || self.next(reverts) == Next::Stays
    }

    /// *test* and *confirm* of what lies in this slot.
    pub(super) fn mark_in_place(
        &mut self,
        slot: usize,
        permanent: bool,
        reverts: bool,
    ) -> Result<(), Refusal> {
        if slot == self.runs && !permanent {
            return Err(Refusal::RUNS_ALREADY);
        }
        if reverts {
            let mark = if permanent { Mark::Forever } else { Mark::Once };
            self.set_mark(slot, mark);
            return Ok(());
        }
        // Without a way back a mark has no effect: the version alone decides.
        let other_is_next = self.next(reverts) != Next::Stays;
        let is_refused = other_is_next && permanent == (slot == self.runs);
        if is_refused {
            return Err(Refusal::PENDING_ALREADY);
        }
        Ok(())
    }

    /// An image that marks itself.
    pub(super) fn mark_other_in_place(&mut self, permanent: bool) {
        let mark = if permanent { Mark::Forever } else { Mark::Once };
        self.set_mark(self.other(), mark);
    }

    pub(super) fn confirm_in_place(&mut self) {
        self.set_mark(self.runs, Mark::Forever);
    }

    /// Starts the newer image that may be started; those that may not are erased on the way. `accepts` is
    /// whether the bootloader takes what did not run before.
    pub(super) fn restart_in_place(&mut self, accepts: bool, reverts: bool) {
        let ran = self.runs;
        let mut slots = [0, 1];
        slots.sort_by_key(|slot| {
            let number = self.stored(*slot).map(|image| image.number);
            (std::cmp::Reverse(number), *slot)
        });
        for slot in slots {
            let lives = !reverts || matches!(self.mark_of(slot), Mark::Once | Mark::Forever);
            if lives && self.is_valid(slot) && (accepts || slot == ran) {
                if self.mark_of(slot) == Mark::Once {
                    self.set_mark(slot, Mark::OnTrial);
                }
                self.runs = slot;
                return;
            }
            self.clear(slot);
        }
    }
}
