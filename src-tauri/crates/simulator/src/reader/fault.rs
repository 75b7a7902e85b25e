//! The fault dial of a pretend reader.
//!
//! Chance is computed from a fixed seed: a test that fails, fails again.

use std::time::Duration;

use super::{Quirk, Request};

/// What goes wrong. The default is nothing.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "faults do not exclude each other"
)]
pub struct Faults {
    /// Of a thousand requests, so many never arrive.
    pub lost_requests_per_mille: u32,
    /// Of a thousand answers, so many never arrive.
    pub lost_answers_per_mille: u32,
    /// Of a thousand answers, so many arrive with a wrong byte.
    pub damaged_answers_per_mille: u32,
    /// Of a thousand answers, so many come after a line of the reader's own log. Streams only.
    pub noisy_answers_per_mille: u32,
    /// Extra time for every request.
    pub slow: Duration,
    /// The link closes once at this point. Taken back as soon as it happened.
    pub cut: Option<Cut>,
    /// After so many uploaded bytes it never answers again, until it is started anew.
    pub dies_after_bytes: Option<u64>,
    /// What happens at the restart.
    pub returns: Return,
    /// Accepts that the image is confirmed and does not confirm it.
    pub never_confirms: bool,
    /// One byte of what is written to flash is wrong.
    pub damages_flash: bool,
    /// Its bootloader starts no image that was uploaded: the signature is of another key.
    pub rejects_uploads: bool,
    /// The same of one of its images: the image depends on another version than there is, for example.
    pub rejects_uploads_of: Option<usize>,
    /// Answers each piece of an upload, and stores none.
    pub takes_nothing: bool,
    /// Refuses each piece of an upload with this code.
    pub refuses_uploads: Option<i32>,
    /// Refuses so many requests for a restart: it is busy.
    pub refuses_restarts: u32,
    /// Refuses every request of so many as busy; one in three, for example. 0 is none.
    pub busy_every: u32,
    /// Gives each answer this number instead of its request's.
    pub numbers_answers: Option<u8>,
    /// So long after the last piece of an upload it answers nothing: it decrypts, or compares.
    pub busy_after_upload: Duration,
    /// An image marks itself for good once it is stored, as one with a slot's trailer does.
    pub uploads_mark_themselves: bool,
    /// What was stored of an interrupted upload is erased, and the reader still says that it holds it.
    pub forgets_what_it_stored: bool,
    /// Answers *test* and *confirm* with this code and does neither.
    pub refuses_marks: Option<i32>,
    /// Accepts *test* and does not mark the image.
    pub forgets_marks: bool,
    /// What it does otherwise than any other.
    pub quirk: Option<Quirk>,
}

/// Where the link closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// As soon as this many bytes of the image are stored; their answer is lost.
    AtByte(u64),
    /// Instead of the answer to the next request of this kind. The deed itself is done.
    InsteadOfAnswering(Request),
}

/// What a reader does at its restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Return {
    /// It comes back with the image that was marked.
    #[default]
    AsAsked,
    /// It comes back with its old image: the bootloader refused the new one.
    WithOldImage,
    /// It comes back with its old image and the new one still marked: the bootloader has no room to swap them.
    StillMarked,
    /// It waits in its bootloader's serial recovery, before anything was swapped.
    InRecovery,
    /// It does not come back.
    Never,
}

/// Numbers that look like chance. Marsaglia's xorshift, 64 bits.
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    /// Whether something that happens so many times of a thousand happens now.
    pub(super) fn hits(&mut self, per_mille: u32) -> bool {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) % 1000 < u64::from(per_mille)
    }
}
