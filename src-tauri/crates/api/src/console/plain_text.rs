//! Text of a reader made fit to be shown: nothing in it commands a terminal, hides or reorders what stands beside it.

/// Longest escape sequence that is left out as a whole, bytes. Colours and moves of the cursor are far shorter; what
/// is longer is shown.
const LONGEST_SEQUENCE: usize = 32;
const ESCAPE: char = '\u{1b}';

/// Decodes a stream of bytes. Holds one character and one short sequence at most.
///
/// Control sequences (ECMA-48, 5.4: colours, moves) are left out. Every other control character is shown by its picture
/// of Unicode, marks that reorder text by a replacement; so is what is no UTF-8. CR LF, LF and CR end a line.
#[derive(Debug, Default)]
pub(crate) struct PlainText {
    /// The beginning of a character that has yet to come.
    bytes: Vec<u8>,
    /// A sequence that has yet to end, from its escape on.
    sequence: String,
    after_return: bool,
}

impl PlainText {
    /// The text of these bytes, as far as it is whole.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> String {
        let mut text = String::new();
        self.bytes.extend_from_slice(bytes);
        let bytes = std::mem::take(&mut self.bytes);
        let mut rest = bytes.as_slice();
        loop {
            match std::str::from_utf8(rest) {
                Ok(whole) => {
                    whole.chars().for_each(|c| self.take_one(c, &mut text));
                    return text;
                }
                Err(error) => {
                    let (whole, after) = rest.split_at(error.valid_up_to());
                    let whole = std::str::from_utf8(whole).unwrap_or_default();
                    whole.chars().for_each(|c| self.take_one(c, &mut text));
                    let Some(wrong) = error.error_len() else {
                        self.bytes = after.to_vec();
                        return text;
                    };
                    self.take_one(char::REPLACEMENT_CHARACTER, &mut text);
                    rest = after.get(wrong..).unwrap_or_default();
                }
            }
        }
    }

    fn take_one(&mut self, c: char, text: &mut String) {
        let after_return = std::mem::replace(&mut self.after_return, c == '\r');
        if c == '\n' && after_return {
            return;
        }
        if self.sequence.is_empty() {
            if c == ESCAPE {
                self.sequence.push(c);
            } else {
                text.push(shown(c));
            }
            return;
        }
        self.sequence.push(c);
        let is_begun = self.sequence.len() == 2 && c == '[';
        let is_inside = self.sequence.len() > 2 && matches!(c, '\u{20}'..='\u{3f}');
        if is_begun || is_inside && self.sequence.len() < LONGEST_SEQUENCE {
            return;
        }
        let is_whole = self.sequence.len() > 2 && matches!(c, '\u{40}'..='\u{7e}');
        let sequence = std::mem::take(&mut self.sequence);
        if !is_whole {
            // The last character may begin the next sequence or end the line.
            text.extend(
                sequence
                    .strip_suffix(c)
                    .unwrap_or_default()
                    .chars()
                    .map(shown),
            );
            self.take_one(c, text);
        }
    }
}

/// The character as it is shown.
fn shown(c: char) -> char {
    match c {
        '\n' | '\t' => c,
        '\r' => '\n',
        // Control Pictures of Unicode, U+2400 to U+2421.
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(' '),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(pieces: &[&[u8]]) -> String {
        let mut plain = PlainText::default();
        pieces.iter().map(|piece| plain.take(piece)).collect()
    }

    #[test]
    fn colours_and_moves_are_left_out_and_the_words_stay() {
        let log = b"\x1b[1;32muart:~$ \x1b[m\x1b[0;31m<err> radio\x1b[0m\r\n\x1b[2J";
        assert_eq!(text(&[log]), "uart:~$ <err> radio\n");
        assert_eq!(text(&[b"a\x1b", b"[3", b"1mb"]), "ab");
    }

    #[test]
    fn what_would_command_a_terminal_or_a_window_is_shown_instead() {
        // The title of a window, a report of the cursor by C1, a bell, a file name that reads backwards.
        let hostile = "\u{1b}]0;rm -rf\u{7}\u{9b}6n\u{202e}nib.exe";
        assert_eq!(
            text(&[hostile.as_bytes()]),
            "\u{241b}]0;rm -rf\u{2407}\u{fffd}6n\u{fffd}nib.exe"
        );
    }

    #[test]
    fn a_sequence_without_an_end_is_shown_and_holds_nothing_back() {
        let endless = [b"\x1b[".as_slice(), &[b'1'; 100], b"\nnext\n"].concat();
        let shown = text(&[&endless]);
        assert!(shown.ends_with("\nnext\n"), "{shown:?}");
        assert!(shown.starts_with("\u{241b}[111"), "{shown:?}");
    }

    #[test]
    fn a_character_that_is_cut_by_two_reads_is_one() {
        let bytes = "größer".as_bytes();
        for at in 0..bytes.len() {
            let (one, two) = bytes.split_at(at);
            assert_eq!(text(&[one, two]), "größer");
        }
        assert_eq!(text(&[b"a\xff\xfeb\xc3"]), "a\u{fffd}\u{fffd}b");
    }

    #[test]
    fn lines_end_in_one_way_whatever_the_reader_ends_them_with() {
        assert_eq!(text(&[b"a\r\nb\nc\rd\r", b"\n\r\n"]), "a\nb\nc\nd\n\n");
    }

    proptest! {
        #[test]
        fn nothing_that_commands_comes_through(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let text = text(&[&bytes]);
            let is_harmless = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
            prop_assert!(text.chars().all(is_harmless));
            prop_assert!(text.chars().count() <= bytes.len() + LONGEST_SEQUENCE);
        }
    }
}
