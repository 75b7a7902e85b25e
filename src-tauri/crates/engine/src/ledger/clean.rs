//! Text of others before it is written where it can never be changed again: bounded, and without what
//! a terminal or a reader's eye takes for something else.

/// The text without control and direction characters, at most so many characters.
pub(super) fn clean(text: &str, longest: usize) -> String {
    let mut characters = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !is_direction(*c));
    let mut clean: String = characters.by_ref().take(longest).collect();
    if characters.next().is_some() {
        clean.push('…');
    }
    clean
}

/// Characters that turn the direction of writing, or have no width.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_is_bounded_and_shows_as_it_is() {
        assert_eq!(clean("fw\u{202e}nib.exe\u{1b}[2J", 100), "fwnib.exe [2J");
        assert_eq!(clean("abcdef", 3), "abc…");
        assert_eq!(clean("abc", 3), "abc");
    }
}
