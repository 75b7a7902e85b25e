//! Puts packets together that come in pieces without marks: their own header says how long they are.
//!
//! Pure but for the clock. A piece that is lost or comes twice costs its packet, and no other one.

use std::time::Duration;

use tokio::time::Instant;

/// Bytes of a packet's header, and where its length is.
const HEADER_BYTES: usize = 8;
/// Longest packet that is put together: a header and a length of 16 bits stay below a session's buffer.
pub(super) const LARGEST_PACKET_BYTES: usize = 4096;
/// Pieces of one packet follow each other within a connection interval, 4 s at most (Core Specification,
/// volume 6, part B, 4.5.1); usually 50 ms. What comes later begins a packet.
const PAUSE: Duration = Duration::from_secs(1);

/// A packet that is coming in. Holds at most one.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    packet: Vec<u8>,
    /// The last piece, and when it came.
    last: Option<(Vec<u8>, Instant)>,
}

impl Assembly {
    /// Takes the next piece; returns a packet when it completes one.
    pub(super) fn take(&mut self, piece: Vec<u8>) -> Option<Vec<u8>> {
        let now = Instant::now();
        if let Some((last, at)) = &self.last {
            if now.duration_since(*at) > PAUSE {
                self.packet.clear();
            } else if *last == piece && !self.packet.is_empty() {
                // Some hosts hand a value out twice. No answer has the same piece twice in a row.
                return None;
            }
        }
        if self.packet.is_empty() && !begins_an_answer(&piece) {
            self.last = None;
            return None;
        }
        self.packet.extend_from_slice(&piece);
        self.last = Some((piece, now));
        let wanted = wanted_bytes(&self.packet)?;
        if wanted > LARGEST_PACKET_BYTES {
            self.packet.clear();
            return None;
        }
        if self.packet.len() < wanted {
            return None;
        }
        let mut packet = std::mem::take(&mut self.packet);
        // A packet begins a piece of its own: what stands behind one is no part of it.
        packet.truncate(wanted);
        Some(packet)
    }
}

/// Length of the whole packet, as far as its header is there.
fn wanted_bytes(packet: &[u8]) -> Option<usize> {
    let header = packet.first_chunk::<HEADER_BYTES>()?;
    let [_, _, high, low, ..] = header;
    Some(HEADER_BYTES + usize::from(u16::from_be_bytes([*high, *low])))
}

/// Whether a piece begins an answer: operation 1 or 3, version 1 or 2. The middle of one seldom looks so.
fn begins_an_answer(piece: &[u8]) -> bool {
    piece
        .first()
        .is_some_and(|first| matches!(first & 0b111, 1 | 3) && first >> 3 <= 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(payload: &[u8]) -> Vec<u8> {
        let length = u16::try_from(payload.len()).unwrap().to_be_bytes();
        let mut packet = vec![0x0B, 0, length[0], length[1], 0, 1, 7, 1];
        packet.extend_from_slice(payload);
        packet
    }

    fn take_all(assembly: &mut Assembly, pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        let taken = pieces.iter().map(|piece| assembly.take(piece.to_vec()));
        taken.flatten().collect()
    }

    #[test]
    fn a_piece_that_is_handed_out_twice_is_taken_once() {
        let packet = answer(&(0..50).collect::<Vec<u8>>());
        let pieces: Vec<&[u8]> = packet.chunks(20).flat_map(|piece| [piece, piece]).collect();
        let taken = take_all(&mut Assembly::default(), &pieces);
        assert_eq!(taken, [packet]);
    }

    #[test]
    fn the_middle_of_an_answer_whose_begin_was_lost_is_no_packet() {
        let lost = answer(&[0x66; 60]);
        let next = answer(b"next");
        let mut pieces: Vec<&[u8]> = lost.chunks(20).skip(1).collect();
        pieces.push(&next);
        let taken = take_all(&mut Assembly::default(), &pieces);
        assert_eq!(taken, vec![next.clone()]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_whose_end_was_lost_costs_no_other_one() {
        let lost = answer(&[0x66; 60]);
        let next = answer(b"next");
        let mut assembly = Assembly::default();
        assert!(take_all(&mut assembly, &[&lost[..20]]).is_empty());
        tokio::time::advance(PAUSE * 2).await;
        assert_eq!(take_all(&mut assembly, &[&next]), vec![next.clone()]);
    }

    #[test]
    fn a_length_that_no_answer_has_is_not_waited_for() {
        let mut lie = answer(b"");
        (lie[2], lie[3]) = (0xFF, 0xFF);
        let next = answer(b"next");
        let mut assembly = Assembly::default();
        assert_eq!(take_all(&mut assembly, &[&lie, &next]), vec![next.clone()]);
    }

    proptest! {
        #[test]
        fn any_pieces_are_put_together_again(
            payload in prop::collection::vec(any::<u8>(), 0..600),
            most in 8_usize..600,
        ) {
            // Two pieces in a row that are the same are what no answer has.
            let packet = answer(&payload);
            let pieces: Vec<&[u8]> = packet.chunks(most).collect();
            prop_assume!(pieces.windows(2).all(|two| two[0] != two[1]));
            prop_assert_eq!(take_all(&mut Assembly::default(), &pieces), [packet.clone()]);
        }

        #[test]
        fn whatever_comes_in_it_holds_one_packet_at_most(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..40),
        ) {
            let mut assembly = Assembly::default();
            for piece in pieces {
                assembly.take(piece);
                prop_assert!(assembly.packet.len() < LARGEST_PACKET_BYTES + 300);
            }
        }
    }
}
