//! Text among the frames of a console: everything but lines that begin with a frame's marker.

use super::console::{FIRST, NEXT};
use crate::TextFilter;

/// Leaves frames out. Holds one byte at most.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum WithoutFrames {
    #[default]
    Text,
    /// The first byte of a marker came, which is text unless the second follows.
    Perhaps(u8),
    /// A frame comes, until its line ends or something follows that no frame has.
    Frame,
}

impl TextFilter for WithoutFrames {
    fn take(&mut self, bytes: &[u8], text: &mut Vec<u8>) {
        for byte in bytes {
            self.take_one(*byte, text);
        }
    }
}

impl WithoutFrames {
    fn take_one(&mut self, byte: u8, text: &mut Vec<u8>) {
        match *self {
            Self::Perhaps(first) if [FIRST, NEXT].contains(&[first, byte]) => *self = Self::Frame,
            Self::Perhaps(first) => {
                text.push(first);
                self.take_text(byte, text);
            }
            Self::Frame if is_of_a_frame(byte) => {}
            Self::Frame if byte == b'\n' => *self = Self::Text,
            Self::Frame | Self::Text => self.take_text(byte, text),
        }
    }

    fn take_text(&mut self, byte: u8, text: &mut Vec<u8>) {
        if byte == FIRST[0] || byte == NEXT[0] {
            *self = Self::Perhaps(byte);
        } else {
            *self = Self::Text;
            text.push(byte);
        }
    }
}

/// A character of base64, or what stands before the end of a line.
fn is_of_a_frame(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\r' | b' ' | 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::console::encode;
    use super::*;

    fn text(pieces: &[&[u8]]) -> Vec<u8> {
        let mut filter = WithoutFrames::default();
        let mut text = Vec::new();
        for piece in pieces {
            filter.take(piece, &mut text);
        }
        text
    }

    fn frame(length: usize) -> Vec<u8> {
        let mut lines = Vec::new();
        encode(&vec![7; length], &mut lines);
        lines
    }

    #[test]
    fn frames_are_left_out_wherever_they_begin_and_the_text_around_them_stays() {
        let mut line = b"uart:~$ ".to_vec();
        line.extend(frame(300));
        line.extend(b"[00:01] <inf> radio: up\r\n");
        assert_eq!(text(&[&line]), b"uart:~$ [00:01] <inf> radio: up\r\n");
    }

    #[test]
    fn bytes_of_a_marker_that_are_no_marker_are_text() {
        assert_eq!(text(&[b"a\x06b\x04\x06c\n"]), b"a\x06b\x04\x06c\n");
        assert_eq!(text(&[b"\x06", b"\x09AAAA", b"\n!\n"]), b"!\n");
    }

    #[test]
    fn a_frame_that_breaks_off_hides_no_text_behind_it() {
        assert_eq!(text(&[b"\x06\x09AAsA[panic]\n"]), b"[panic]\n");
    }

    proptest! {
        #[test]
        fn text_without_markers_stays_as_it_is_however_it_is_cut(
            mut bytes in prop::collection::vec(any::<u8>(), 0..400),
            at in 0_usize..400,
        ) {
            bytes.retain(|byte| ![FIRST[0], NEXT[0]].contains(byte));
            let (one, two) = bytes.split_at(at.min(bytes.len()));
            prop_assert_eq!(text(&[one, two]), bytes.clone());
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(text(&[&bytes]).len() <= bytes.len());
        }
    }
}
