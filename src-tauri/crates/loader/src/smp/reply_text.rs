//! A few words of a reader's own, as they may be shown.

/// Most bytes that are shown of them.
const MOST_BYTES: usize = 80;

/// The words of one answer: one line, without control characters, cut when they are long.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct ReplyText {
    bytes: [u8; MOST_BYTES],
    length: usize,
}

impl ReplyText {
    /// `None` when nothing is left that can be shown.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut said = Self {
            bytes: [0; MOST_BYTES],
            length: 0,
        };
        let shown = text.trim().chars().filter(|letter| !letter.is_control());
        for letter in shown {
            let end = said.length + letter.len_utf8();
            let Some(place) = said.bytes.get_mut(said.length..end) else {
                break;
            };
            letter.encode_utf8(place);
            said.length = end;
        }
        (said.length > 0).then_some(said)
    }

    fn text(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl std::fmt::Display for ReplyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}

impl std::fmt::Debug for ReplyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self.text(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_words_are_one_bounded_line() {
        let said = |text: &str| ReplyText::of(text).map(|said| said.to_string());
        assert_eq!(said("  flash\n locked\u{1b} "), Some("flash locked".into()));
        assert_eq!(said(" \r\n"), None);
        let long = "é".repeat(200);
        assert_eq!(said(&long), Some("é".repeat(MOST_BYTES / 2)));
    }
}
