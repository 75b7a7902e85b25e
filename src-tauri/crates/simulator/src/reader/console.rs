//! Packets in lines of text, as a reader's console carries them.
//!
//! Zephyr, "SMP over console": a line begins 06 09, its continuations 04 14, then base64, at most
//! 127 characters with the newline; inside stand length, packet and CRC-16/XMODEM.

use base64::{Engine, engine::general_purpose::STANDARD};
use crc::{CRC_16_XMODEM, Crc};

const SUM: Crc<u16> = Crc::<u16>::new(&CRC_16_XMODEM);
const FIRST: [u8; 2] = [0x06, 0x09];
const NEXT: [u8; 2] = [0x04, 0x14];
/// Bytes whose base64 fills one line: (127 − 2 − 1) / 4 × 3.
const LINE_PAYLOAD_BYTES: usize = 93;
/// What stands around a packet, bytes: its length and its sum.
pub(super) const AROUND_BYTES: usize = 4;
/// Longest line that is held, bytes. A real reader has a fixed buffer too.
const LONGEST_LINE_BYTES: usize = 512;

/// The lines of one packet.
pub(super) fn lines(packet: &[u8]) -> Vec<u8> {
    let length = u16::try_from(packet.len() + 2).unwrap_or(u16::MAX);
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend_from_slice(packet);
    frame.extend_from_slice(&SUM.checksum(packet).to_be_bytes());
    let mut text = Vec::new();
    for (number, part) in frame.chunks(LINE_PAYLOAD_BYTES).enumerate() {
        text.extend_from_slice(if number == 0 { &FIRST } else { &NEXT });
        text.extend_from_slice(STANDARD.encode(part).as_bytes());
        text.push(b'\n');
    }
    text
}

/// Puts packets together from lines.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    line: Vec<u8>,
    frame: Vec<u8>,
}

impl Assembly {
    /// Takes received bytes; returns the packets that became whole.
    pub(super) fn take(&mut self, bytes: &[u8], largest_bytes: usize) -> Vec<Vec<u8>> {
        let mut whole = Vec::new();
        for byte in bytes {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                whole.extend(self.line(&line, largest_bytes));
            } else if self.line.len() < LONGEST_LINE_BYTES {
                self.line.push(*byte);
            }
        }
        whole
    }

    fn line(&mut self, line: &[u8], largest_bytes: usize) -> Option<Vec<u8>> {
        let (mark, text) = line.split_first_chunk::<2>()?;
        match *mark {
            FIRST => self.frame.clear(),
            NEXT if !self.frame.is_empty() => {}
            _ => return None,
        }
        self.frame
            .extend(STANDARD.decode(text.trim_ascii_end()).ok()?);
        if self.frame.len() > largest_bytes {
            self.frame.clear();
            return None;
        }
        let (length, rest) = self.frame.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (packet, sum) = rest.get(..length)?.split_last_chunk::<2>()?;
        let intact = SUM.checksum(packet) == u16::from_be_bytes(*sum);
        let packet = intact.then(|| packet.to_vec());
        self.frame.clear();
        packet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_is_the_line_the_specification_gives() {
        // Header and map of an echo of "hello", computed by hand from the specification.
        let packet = b"\x02\x00\x00\x09\x00\x00\x01\x00\xa1\x61d\x65hello";
        let text = lines(packet);
        assert_eq!(&text[..2], &FIRST);
        assert_eq!(text.last(), Some(&b'\n'));
        assert_eq!(Assembly::default().take(&text, 384), [packet.to_vec()]);
    }

    #[test]
    fn a_damaged_line_is_dropped_and_the_next_packet_still_read() {
        let mut text = lines(&[7; 200]);
        text[40] = if text[40] == b'A' { b'B' } else { b'A' };
        text.extend(lines(&[9; 20]));
        assert_eq!(Assembly::default().take(&text, 384), [vec![9; 20]]);
    }
}
