//! Packets in lines of text, for serial ports and consoles.
//!
//! Zephyr, "SMP over console": a packet begins with 06 09 and continues with 04 14, base64 in lines of
//! at most 127 characters, around it its length and its CRC-16/XMODEM. Whatever else is on the line
//! (a log, a prompt) is skipped.

use base64::{
    Engine, alphabet,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD},
    },
};
use crc::{CRC_16_XMODEM, Crc};

const SUM: Crc<u16> = Crc::<u16>::new(&CRC_16_XMODEM);
/// Some readers leave the padding out.
const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
pub(super) const FIRST: [u8; 2] = [0x06, 0x09];
pub(super) const NEXT: [u8; 2] = [0x04, 0x14];
/// Longest line, characters, with marker and newline.
const LINE_CHARACTERS: usize = 127;
/// Bytes whose base64 fills a line.
const LINE_BYTES: usize = (LINE_CHARACTERS - 3) / 4 * 3;
/// What stands around a packet, bytes: its length before it and its sum behind it.
pub(super) const FRAME_BYTES: usize = 2 + 2;
/// Longest line that is held while it comes in. A log line may be longer than one of ours.
const LONGEST_LINE_BYTES: usize = 1024;

/// Appends the lines of a packet to `text`.
pub(super) fn encode(packet: &[u8], text: &mut Vec<u8>) {
    let length = u16::try_from(packet.len() + 2).unwrap_or(u16::MAX);
    let mut frame = Vec::with_capacity(packet.len() + FRAME_BYTES);
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(packet);
    frame.extend_from_slice(&SUM.checksum(packet).to_be_bytes());
    let mut mark = FIRST;
    let mut line = String::with_capacity(LINE_CHARACTERS);
    for part in frame.chunks(LINE_BYTES) {
        line.clear();
        STANDARD.encode_string(part, &mut line);
        text.extend_from_slice(&mark);
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
        mark = NEXT;
    }
}

/// Puts packets together from whatever comes in. Holds at most one line and one frame.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    line: Vec<u8>,
    frame: Vec<u8>,
    /// Characters of the frame that do not make bytes yet: lines may be cut anywhere.
    text: Vec<u8>,
}

impl Decoder {
    /// Takes the next byte; returns a packet when it completes one.
    pub(super) fn take(&mut self, byte: u8) -> Option<Vec<u8>> {
        // A line that ends in CR LF is followed by an empty one, which says nothing.
        if !matches!(byte, b'\n' | b'\r') {
            if self.line.len() >= LONGEST_LINE_BYTES {
                // Its last byte may begin a marker.
                self.line.drain(..self.line.len() - 1);
            }
            self.line.push(byte);
            // No base64 has a marker in it: what stands before one is a log, a prompt, noise, or a frame that broke off.
            if self.line.ends_with(&FIRST) || self.line.ends_with(&NEXT) {
                self.line.drain(..self.line.len() - 2);
            }
            return None;
        }
        let line = std::mem::take(&mut self.line);
        let packet = self.take_line(&line);
        self.line = line;
        self.line.clear();
        packet
    }

    fn take_line(&mut self, line: &[u8]) -> Option<Vec<u8>> {
        let (mark, text) = line.split_first_chunk::<2>()?;
        if *mark == FIRST {
            self.frame.clear();
            self.text.clear();
        } else if *mark != NEXT || self.frame.is_empty() && self.text.is_empty() {
            return None;
        }
        let ends = |byte: &u8| *byte == 0 || byte.is_ascii_whitespace();
        let length = text.len() - text.iter().rev().take_while(|byte| ends(byte)).count();
        self.text.extend(text.get(..length)?);
        let complete = if self.text.ends_with(b"=") {
            self.text.len()
        } else {
            self.text.len() / 4 * 4
        };
        let decoded = self.text.get(..complete).map(|text| TOLERANT.decode(text));
        let Some(Ok(bytes)) = decoded else {
            self.frame.clear();
            self.text.clear();
            return None;
        };
        self.text.drain(..complete);
        self.frame.extend(bytes);
        let packet = self.whole();
        // A frame is complete when its own length says so, and given up when it grows beyond.
        let wanted = self
            .frame
            .first_chunk()
            .map_or(0, |length| usize::from(u16::from_be_bytes(*length)) + 2);
        if self.frame.len() >= wanted || packet.is_some() {
            self.frame.clear();
            self.text.clear();
        }
        packet
    }

    fn whole(&self) -> Option<Vec<u8>> {
        let mut frame = self.frame.clone();
        frame.extend(TOLERANT.decode(&self.text).ok()?);
        let (length, rest) = frame.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (packet, sum) = rest.get(..length)?.split_last_chunk::<2>()?;
        (SUM.checksum(packet) == u16::from_be_bytes(*sum)).then(|| packet.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut decoder = Decoder::default();
        bytes
            .iter()
            .filter_map(|byte| decoder.take(*byte))
            .collect()
    }

    fn encoded(packet: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        encode(packet, &mut text);
        text
    }

    // A reader that restarts in the middle of a line, and one that prints dots without an end of line.
    #[test]
    fn neither_a_frame_that_broke_off_nor_noise_without_an_end_hides_the_frame_behind_it() {
        let whole = encoded(b"whole");
        let broken = encoded(&[7; 60]);
        for before in [
            broken[..20].to_vec(),
            [&broken[..20], &NEXT[..], b"AAAA"].concat(),
            vec![b'.'; 5 * LONGEST_LINE_BYTES],
            vec![FIRST[0]; 3 * LONGEST_LINE_BYTES],
            [&FIRST[..], &[0x00, 0xFF, 0x80]].concat(),
        ] {
            let text = [&before[..], &whole].concat();
            assert_eq!(decode(&text), [b"whole"], "{} bytes", before.len());
        }
    }

    #[test]
    fn a_frame_with_a_wrong_sum_or_a_length_that_lies_costs_itself_only() {
        let line = |frame: &[u8]| {
            let mut line = FIRST.to_vec();
            line.extend(STANDARD.encode(frame).as_bytes());
            line.push(b'\n');
            line
        };
        let frames: [&[u8]; 6] = [
            &[0, 7, b'w', b'h', b'o', b'l', b'e', 0, 0],
            &[0, 0, 1, 2, 3],
            &[0, 1, 9],
            &[0xFF, 0xFF, 1, 2, 3],
            &[0],
            &[],
        ];
        for frame in frames {
            let text = [line(frame), encoded(b"whole")].concat();
            assert_eq!(decode(&text), [b"whole"], "{frame:?}");
        }
    }

    #[test]
    fn a_packet_of_nine_bytes_is_one_line_with_the_sum_computed_elsewhere() {
        // Computed by Python's binascii.crc_hqx and base64.
        let packet = [0x00, 0, 0, 1, 0, 0, 66, 6, 0xa0];
        assert_eq!(encoded(&packet), b"\x06\x09AAsAAAABAABCBqApIQ==\n");
    }

    #[test]
    fn no_line_is_longer_than_127_characters_and_each_has_its_marker() {
        let text = encoded(&[0x55; 500]);
        for (number, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            assert!(line.len() <= LINE_CHARACTERS);
            assert!(line.starts_with(if number == 0 { &FIRST } else { &NEXT }));
        }
    }

    #[test]
    fn logs_between_and_before_the_lines_are_skipped() {
        let text = encoded(&[3; 200]);
        let mut noisy = b"*** Booting Zephyr ***\r\nuart:~$ ".to_vec();
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            noisy.extend_from_slice(line);
            noisy.extend_from_slice(b"[00:00:01] <wrn> radio: \xff\xfe lost\r\n");
        }
        assert_eq!(decode(&noisy), [vec![3; 200]]);
    }

    #[test]
    fn lines_of_any_end_cut_anywhere_and_without_padding_are_read() {
        for length in 1..200 {
            let packet = vec![7; length];
            let text = encoded(&packet);
            let lines = text
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty());
            let base64: Vec<u8> = lines
                .flat_map(|line| line.iter().skip(2).copied())
                .collect();
            let bare: Vec<u8> = base64
                .iter()
                .copied()
                .filter(|byte| *byte != b'=')
                .collect();
            for end in [&b"\r"[..], b"\r\r\n", b"\0\n", b"  \n"] {
                for (cut, base64) in [(124, &bare), (125, &base64), (77, &base64), (77, &bare)] {
                    let mut written = Vec::new();
                    let mut mark = FIRST;
                    for part in base64.chunks(cut) {
                        written.extend_from_slice(&mark);
                        written.extend_from_slice(part);
                        written.extend_from_slice(end);
                        mark = NEXT;
                    }
                    assert_eq!(
                        decode(&written),
                        std::slice::from_ref(&packet),
                        "{length} {cut} {end:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_damaged_frame_is_dropped_and_the_next_one_read() {
        let mut text = encoded(&[1; 200]);
        text[70] = b'!';
        text.extend(encoded(&[2; 10]));
        assert_eq!(decode(&text), [vec![2; 10]]);
    }

    #[test]
    fn a_line_without_an_end_takes_no_more_memory() {
        let mut decoder = Decoder::default();
        for _ in 0..100_000 {
            decoder.take(b'A');
        }
        assert!(decoder.line.len() <= LONGEST_LINE_BYTES);
    }

    proptest! {
        #[test]
        fn every_packet_survives(packet in prop::collection::vec(any::<u8>(), 1..2500)) {
            prop_assert_eq!(decode(&encoded(&packet)), [packet]);
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            decode(&bytes);
        }
    }
}
