//! How long a piece of an image is, learnt from what the reader takes.
//!
//! Pure: knows no link and no clock. A reader may take less than it says, may not say anything, and may
//! write in blocks: the rest of a piece is asked for again.

/// The longest packet that every reader takes: a console line of two, or half of the smallest buffer that
/// is in use, less what stands around a packet.
const SHORT_BYTES: usize = 124;
/// The first piece is a multiple of this: the header of an image, which some readers want whole, and the
/// longest flash write that is usual (`BOOT_MAX_ALIGN` of `MCUboot` is 32 on STM32H7).
const FIRST_BLOCK_BYTES: usize = 32;
/// Longest block that a rest is taken for the sign of.
const LONGEST_BLOCK_BYTES: usize = 256;
/// Answers after which a length that met silence is tried again, at first. It may have been noise.
const FIRST_FORGIVENESS: u32 = 64;

/// The length of pieces.
#[derive(Debug)]
pub(super) struct Pieces {
    /// The longest packet that is tried.
    goal: usize,
    /// The longest packet that was answered.
    good: usize,
    /// The shortest packet that met silence.
    bad: Option<usize>,
    /// The same, while it is tried again.
    forgiven: Option<usize>,
    /// Image bytes are sent in multiples of this.
    block: usize,
    /// Most image bytes that the reader takes of one piece.
    most: usize,
    /// Answers since the last silence, and after how many a longer packet is tried again.
    answers: u32,
    forgiveness: u32,
    /// Nothing is learnt.
    fixed: bool,
}

impl Pieces {
    /// Pieces for a reader that is said to take packets of `goal` bytes.
    pub(super) fn new(goal: usize) -> Self {
        Self {
            goal,
            good: 0,
            bad: None,
            forgiven: None,
            block: 1,
            most: usize::MAX,
            answers: 0,
            forgiveness: FIRST_FORGIVENESS,
            fixed: false,
        }
    }

    /// Pieces that stay as they are.
    pub(super) fn fixed(packet_bytes: usize) -> Self {
        Self {
            good: packet_bytes,
            forgiveness: u32::MAX,
            fixed: true,
            ..Self::new(packet_bytes)
        }
    }

    /// The longest packet that is sent now. The first ones are short: whether the reader works or does not
    /// take so much cannot be told apart while it may be erasing.
    pub(super) fn packet_bytes(&self) -> usize {
        let short = SHORT_BYTES.min(self.goal);
        match self.bad {
            _ if self.good < short => short,
            None => self.goal,
            // Close enough: each further try costs a silence.
            Some(bad) if bad.saturating_sub(self.good) <= self.good / 4 => self.good,
            Some(bad) => (self.good * 2).min(usize::midpoint(self.good, bad)),
        }
    }

    /// Whether no packet of this length was answered yet. Then one goes alone.
    pub(super) fn is_unproven(&self) -> bool {
        self.packet_bytes() > self.good
    }

    /// Image bytes of a piece, of which a packet has room for `room` and `rest` are left.
    pub(super) fn image_bytes(&self, room: usize, rest: u64) -> usize {
        let room = room.min(self.most);
        let rest = usize::try_from(rest).unwrap_or(usize::MAX);
        if rest <= room {
            return rest;
        }
        let first = self.good == 0;
        let block = if first { FIRST_BLOCK_BYTES } else { self.block };
        match room / block * block {
            0 => room,
            whole => whole,
        }
    }

    /// A packet of this length was answered, however late.
    pub(super) fn answered(&mut self, packet_bytes: usize) {
        self.good = self.good.max(packet_bytes);
        self.answers = self.answers.saturating_add(1);
        let unproven = |bad: &usize| *bad > self.good;
        self.bad = self.bad.filter(unproven);
        self.forgiven = self.forgiven.filter(unproven);
        if self.answers >= self.forgiveness {
            self.forgiven = self.bad.take().or(self.forgiven);
        }
    }

    /// A packet of this length, alone on its way, met silence; `again` when it did so before. Says whether that
    /// is put down to its length.
    pub(super) fn silent(&mut self, packet_bytes: usize, again: bool) -> bool {
        let short = SHORT_BYTES.min(self.goal);
        let noise = packet_bytes <= self.good;
        self.answers = 0;
        if self.fixed || noise && (!again || self.good <= short) {
            return false;
        }
        if self.bad.is_none() {
            self.forgiveness = self.forgiveness.saturating_mul(4);
        }
        let known = self.forgiven.take().into_iter().chain(self.bad);
        if noise {
            // What was taken before is not taken now: a noisy line carries short packets.
            self.bad = Some(self.good);
            self.good = (self.good / 2).max(short);
        } else {
            self.bad = known.chain([packet_bytes]).min();
        }
        !noise
    }

    /// The reader refused a packet for its length.
    pub(super) fn too_long(&mut self, packet_bytes: usize) -> bool {
        let shorter = packet_bytes > SHORT_BYTES;
        if shorter {
            self.good = self.good.min(packet_bytes / 2);
            self.silent(packet_bytes, false);
        }
        shorter
    }

    /// The reader took `taken` of `sent` image bytes: it writes in blocks, or takes no more.
    pub(super) fn taken_in_part(&mut self, sent: usize, taken: usize) {
        let rest = sent.saturating_sub(taken);
        let block = (rest + 1).next_power_of_two();
        if taken == 0 {
            // Not even one block of the first piece, which is short: the next one is not.
        } else if block <= LONGEST_BLOCK_BYTES && taken.is_multiple_of(block) {
            self.block = self.block.max(block);
        } else {
            self.most = self.most.min(taken);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader that takes packets of at most `limit` bytes is sent; how often it was silent.
    fn find(goal: usize, limit: usize) -> (usize, u32) {
        let mut pieces = Pieces::new(goal);
        let mut silences = 0;
        for _ in 0..40 {
            let length = pieces.packet_bytes();
            if length <= limit {
                pieces.answered(length);
            } else {
                pieces.silent(length, false);
                silences += 1;
            }
        }
        (pieces.packet_bytes(), silences)
    }

    #[test]
    fn a_reader_that_takes_what_it_says_gets_it_after_one_short_piece() {
        assert_eq!(find(380, 380), (380, 0));
        assert_eq!(find(2471, 4000), (2471, 0));
    }

    #[test]
    fn a_reader_that_takes_less_gets_nearly_as_much_as_it_takes_after_a_few_silences() {
        for limit in [124, 180, 256, 380, 511, 1024, 2000] {
            let (length, silences) = find(2471, limit);
            assert!(
                length <= limit && length * 4 >= limit * 3,
                "{limit}: {length}"
            );
            assert!(silences <= 4, "{limit}: {silences}");
        }
    }

    #[test]
    fn what_was_silent_for_another_reason_is_tried_again() {
        let mut pieces = Pieces::new(380);
        pieces.answered(124);
        pieces.answered(380);
        pieces.silent(380, false);
        assert_eq!(pieces.packet_bytes(), 380, "one lost frame");
        pieces.silent(380, true);
        assert!(pieces.packet_bytes() < 380);
        for _ in 0..5000 {
            pieces.answered(pieces.packet_bytes());
        }
        assert_eq!(pieces.packet_bytes(), 380);
    }

    #[test]
    fn a_late_answer_proves_a_length_that_was_given_up() {
        let mut pieces = Pieces::new(380);
        pieces.answered(124);
        pieces.silent(380, false);
        assert!(pieces.packet_bytes() < 380);
        pieces.answered(380);
        assert_eq!(pieces.packet_bytes(), 380);
    }

    #[test]
    fn blocks_are_learnt_from_what_is_asked_for_again() {
        for block in [4, 8, 16, 32, 64] {
            let mut pieces = Pieces::new(380);
            pieces.answered(124);
            let mut partly = 0;
            for room in [353, 351, 349, 347, 345] {
                let sent = pieces.image_bytes(room, 100_000);
                let taken = sent / block * block;
                if taken < sent {
                    partly += 1;
                    pieces.taken_in_part(sent, taken);
                }
            }
            assert!(partly <= 3, "{block}: {partly}");
            assert_eq!(pieces.image_bytes(345, 100_000) % block, 0);
        }
        let mut pieces = Pieces::new(2471);
        pieces.answered(124);
        pieces.taken_in_part(2400, 500);
        assert_eq!(pieces.image_bytes(2400, 100_000), 500);
    }

    #[test]
    fn the_first_piece_is_a_whole_header_and_the_last_one_whatever_is_left() {
        let pieces = Pieces::new(380);
        assert_eq!(pieces.image_bytes(49, 100_000), 32);
        assert_eq!(pieces.image_bytes(49, 10), 10);
    }
}
