//! Text that commands no terminal: names of files and sentences of services and readers are foreign.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text on one line, without what commands a terminal, breaks a line or turns the direction of
/// reading. What is left out is shown as its number.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    escaped(text, |c| is_command(c) || c == '\n')
}

/// The same for a text of several lines.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, is_command)
}

/// The same for a table whose lines end as those of a table do. Source: RFC 4180, section 2.
pub(crate) fn table(text: &str) -> String {
    let lines: Vec<_> = text.split("\r\n").map(lines).collect();
    lines.join("\r\n")
}

/// JSON that can be shown as it is. What is escaped stands inside of its texts, so that it stays the
/// same document.
pub(crate) fn json(document: &str) -> Cow<'_, str> {
    escaped(document, is_command)
}

fn is_command(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t')) || turns_reading(c) || breaks_lines(c)
}

/// Marks, embeddings, overrides and isolates. Source: Unicode Standard Annex 9, section 2.
fn turns_reading(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Separators of lines and paragraphs, and what has no look of its own between annotations.
fn breaks_lines(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}')
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_escaped(c) {
            // All of them have four digits, which is how JSON writes a character too. Writing into a text
            // does not fail.
            let _ = write!(safe, "\\u{:04x}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_commands_no_terminal_and_hides_no_ending() {
        let name = "puck\u{1b}[2J\u{202e}nib.exe\r\u{9b}2J";
        assert_eq!(line(name), r"puck\u001b[2J\u202enib.exe\u000d\u009b2J");
        assert_eq!(line("größer\tals"), "größer\tals");
    }

    #[test]
    fn foreign_text_makes_no_line_of_its_own() {
        assert_eq!(line("a\nVerified"), r"a\u000aVerified");
        assert_eq!(lines("a\nb"), "a\nb");
        assert_eq!(table("a,b\r\nc,\r\n"), "a,b\r\nc,\r\n");
        assert_eq!(table("a\rb\r\n"), "a\\u000db\r\n");
    }

    #[test]
    fn json_stays_the_same_document() {
        let text = "a\u{202e}b\u{7f}\u{9b}c\u{1b}\n\u{2028}";
        let document = serde_json::to_string(&[text]).unwrap();
        let shown = json(&document);
        assert!(!shown.contains(is_command), "{shown}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&shown).unwrap(), [text]);
    }
}
