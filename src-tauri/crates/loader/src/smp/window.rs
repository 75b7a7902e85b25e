//! Which piece of an image is sent next, and what an answer to one means.
//!
//! Pure: knows no link and no clock. The reader's offset is the truth; everything sent beyond it is
//! a guess that an answer confirms or takes back.

use std::collections::VecDeque;

/// Requests that an answer is still expected to after silence. Sequence numbers have one byte.
pub(super) const REMEMBERED: u8 = 100;
/// Requests in flight at first, when the reader has room for them.
const FIRST_WIDTH: usize = 2;
/// Most requests in flight, whatever a reader states: sequence numbers have one byte.
const WIDEST: usize = 64;
/// Answers after which a window that was narrowed is widened again, at first.
const FIRST_REST: u32 = 8;
/// Answers after which a reader with one buffer is sent a second request.
const REST_BEFORE_A_SECOND: u32 = 32;
/// A loss so soon after the window was widened is taken for the widening's.
const SOON: u32 = 16;

/// An upload under way.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what was seen does not exclude each other"
)]
pub(super) struct Window {
    size: u64,
    /// What the reader wants next, by its last answer.
    wanted: u64,
    /// What is sent next.
    next: u64,
    /// The highest offset the reader ever wanted.
    highest: u64,
    /// How far the reader can be over this link, by what it said first and by what was sent since; and how far it
    /// can be at all, over the links before too.
    reach: u64,
    furthest: u64,
    /// The reader may hold any part of the image: it said nothing yet, and may know the upload from another run.
    may_hold_any: bool,
    /// The reader knows of this upload: its slot is erased, several requests may be in flight.
    begun: bool,
    in_flight: VecDeque<Sent>,
    /// What was on its way when silence was taken for a loss.
    stale: VecDeque<Sent>,
    width: usize,
    widest: usize,
    /// Width and rest before the window was narrowed last: perhaps nothing was lost.
    before: (usize, u32),
    /// Answers since the window was narrowed or widened, and after how many it is widened.
    answers: u32,
    rest: u32,
    /// How often was sent again from one place without a step forward.
    repetitions: u32,
    /// How often the reader said of one place that it takes nothing.
    refusals: u32,
    /// The last piece was handed over at least once.
    end_was_sent: bool,
    /// Nothing is learnt.
    fixed: bool,
}

#[derive(Debug, Clone, Copy)]
struct Sent {
    sequence: u8,
    offset: u64,
    end: u64,
}

/// What an answer meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The reader holds more than before.
    Forward,
    /// Nothing new: a late or repeated answer.
    Nothing,
    /// A piece was lost; it goes again from where the reader stands.
    Back,
    /// The reader names an offset beyond what it can hold.
    Beyond,
}

impl Window {
    /// An upload of `size` bytes to a reader with this many buffers; one of them is left for its
    /// answers.
    pub(super) fn new(size: u64, buffers: usize) -> Self {
        let stated = buffers.saturating_sub(1).clamp(1, WIDEST);
        // A second request often finds the only buffer free when it arrives: that is tried, later.
        let (widest, rest) = match stated {
            1 => (2, REST_BEFORE_A_SECOND),
            stated => (stated, FIRST_REST),
        };
        Self {
            size,
            wanted: 0,
            next: 0,
            highest: 0,
            reach: 0,
            furthest: 0,
            may_hold_any: true,
            begun: false,
            in_flight: VecDeque::new(),
            stale: VecDeque::new(),
            width: FIRST_WIDTH.min(stated),
            widest,
            before: (1, FIRST_REST),
            answers: 0,
            rest,
            repetitions: 0,
            refusals: 0,
            end_was_sent: false,
            fixed: false,
        }
    }

    /// A window that stays as wide as it is.
    pub(super) fn fixed(size: u64, width: usize) -> Self {
        Self {
            width,
            widest: width,
            fixed: true,
            ..Self::new(size, width + 1)
        }
    }

    /// The reader is not told by which digest it would know an interrupted upload.
    pub(super) fn holds_nothing(&mut self) {
        self.may_hold_any = false;
    }

    /// The offset to send now; `None` while there is nothing to do but wait.
    pub(super) fn next(&self) -> Option<u64> {
        let room = if self.begun {
            self.in_flight.len() < self.width && self.next < self.size
        } else {
            self.next == 0
        };
        (room && !self.is_complete()).then_some(self.next)
    }

    /// A piece was sent.
    pub(super) fn sent(&mut self, sequence: u8, end: u64) {
        self.in_flight.push_back(Sent {
            sequence,
            offset: self.next,
            end,
        });
        self.stale
            .retain(|sent| sequence.wrapping_sub(sent.sequence) < REMEMBERED);
        self.next = end;
        self.reach = self.reach.max(end);
        self.furthest = self.furthest.max(end);
        self.end_was_sent |= end >= self.size;
    }

    /// An answer came: the reader wants `offset` next.
    pub(super) fn answered(&mut self, sequence: u8, offset: u64) -> Meaning {
        let place = self
            .in_flight
            .iter()
            .position(|sent| sent.sequence == sequence);
        let limit = match (self.begun, self.may_hold_any) {
            (true, _) => self.reach,
            (false, true) => self.size,
            (false, false) => self.furthest,
        };
        if offset > limit {
            return match place {
                Some(_) => Meaning::Beyond,
                None => Meaning::Nothing,
            };
        }
        let sent = place.and_then(|at| {
            // Requests are answered in order: what was sent before this one is answered too, or its
            // answer is lost.
            self.in_flight.drain(..=at).next_back()
        });
        if sent.is_some() {
            self.begun = true;
            self.may_hold_any = false;
        }
        if offset > self.wanted {
            if !self.fixed && self.stale.iter().any(|sent| sent.sequence == sequence) {
                // It was slow, and nothing was lost.
                (self.width, self.rest) = self.before;
                self.stale.clear();
            }
            self.forward(offset);
            return Meaning::Forward;
        }
        match sent {
            // It did not take this piece, or forgot what it had.
            Some(sent) if offset < self.wanted || offset <= sent.offset && sent.end > offset => {
                self.refusals += 1;
                self.back(offset);
                Meaning::Back
            }
            _ => Meaning::Nothing,
        }
    }

    fn forward(&mut self, offset: u64) {
        self.begun = true;
        self.may_hold_any = false;
        self.reach = self.reach.max(offset);
        self.furthest = self.furthest.max(offset);
        self.wanted = offset;
        self.in_flight.retain(|sent| sent.end > offset);
        let on_its_way = self.in_flight.iter().any(|sent| sent.offset == offset);
        if !on_its_way && self.next != offset {
            // Resumed, or only a part was taken: go on where the reader stands.
            self.in_flight.clear();
            self.next = offset;
        }
        self.repetitions = 0;
        if offset > self.highest {
            self.highest = offset;
            self.refusals = 0;
        }
        self.answers = self.answers.saturating_add(1);
        let wider = match self.rest {
            FIRST_REST => self.width + 1,
            rest if self.answers >= rest => self.width * 2,
            _ => return,
        };
        if self.width < self.widest {
            self.width = wider.min(self.widest);
            self.answers = 0;
        }
    }

    fn back(&mut self, offset: u64) {
        self.wanted = offset;
        self.next = offset;
        self.begun = offset > 0;
        if !self.begun {
            self.reach = 0;
        }
        self.in_flight.clear();
        self.stale.clear();
        self.narrow();
    }

    /// One request at a time for now: this reader, or its line, loses some of several. When it did so as
    /// soon as there were several, it gets them more and more rarely.
    fn narrow(&mut self) {
        if self.fixed {
            return;
        }
        self.before = (self.width, self.rest);
        if self.width > 1 {
            self.rest = if self.answers < SOON {
                self.rest.saturating_mul(4)
            } else {
                (self.rest / 4).max(FIRST_REST + 1)
            };
        }
        self.answers = 0;
        self.width = 1;
    }

    /// Nothing came in time: sends again from where the reader stood.
    pub(super) fn silence(&mut self) {
        self.next = self.wanted;
        self.repetitions += 1;
        if self.begun {
            self.stale = std::mem::take(&mut self.in_flight);
            self.narrow();
        }
        // Before the first answer the earlier requests stay known: the slot may still be erased,
        // and then they will be answered.
    }

    /// A piece was not taken for its length: it goes again, and nothing else is learnt from that.
    pub(super) fn not_taken(&mut self) {
        self.next = self.wanted;
        self.stale = std::mem::take(&mut self.in_flight);
        self.before = (self.width, self.rest);
    }

    /// The link broke and another was opened: the upload is begun again, and the reader says where
    /// it stands.
    pub(super) fn reopen(&mut self) {
        self.wanted = 0;
        self.next = 0;
        self.reach = 0;
        self.begun = false;
        self.in_flight.clear();
        self.stale.clear();
        self.repetitions = 0;
    }

    /// The reader lists the image: it holds every byte, whatever answers were lost.
    pub(super) fn complete(&mut self) {
        self.forward(self.size);
    }

    /// How far the reader can be by what was sent, and by what it said.
    pub(super) fn furthest(&self) -> u64 {
        self.furthest
    }

    /// How far the reader can be over this link.
    pub(super) fn reach(&self) -> u64 {
        self.reach
    }

    /// What the reader wants next, by its last answer.
    pub(super) fn wanted(&self) -> u64 {
        self.wanted
    }

    /// Whether the reader wants nothing more.
    pub(super) fn is_complete(&self) -> bool {
        self.wanted == self.size
    }

    /// Whether the reader has answered a piece of this upload on this link.
    pub(super) fn has_begun(&self) -> bool {
        self.begun
    }

    /// How often was sent again since the last step forward.
    pub(super) fn repetitions(&self) -> u32 {
        self.repetitions
    }

    /// How often the reader answered from one place that it takes nothing.
    pub(super) fn refusals(&self) -> u32 {
        self.refusals
    }

    /// Whether several pieces are on their way.
    pub(super) fn has_several(&self) -> bool {
        self.in_flight.len() > 1
    }

    /// Whether nothing is on its way.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// Whether the last piece was sent at least once: the upload may be complete, and the reader
    /// may have forgotten it on purpose.
    pub(super) fn end_was_sent(&self) -> bool {
        self.end_was_sent
    }

    /// Bytes the reader has confirmed; never less than before.
    pub(super) fn confirmed(&self) -> u64 {
        self.highest
    }

    /// Bytes handed to the line beyond the confirmed ones.
    pub(super) fn unconfirmed(&self) -> u64 {
        self.next.saturating_sub(self.highest)
    }
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;
