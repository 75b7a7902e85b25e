//! Names that services change: they trim them, change their case, add to them, or write their letters in
//! another form.

use firmdrop_core::{Note, NoteKind};

/// Says under which name the service has what it was given under ours, when that is another one.
pub(in crate::pelion) fn note(theirs: &str, ours: &str) -> Option<Note> {
    let changed = !theirs.is_empty() && theirs != ours;
    changed.then(|| {
        let text = format!("The service has it under the name \"{theirs}\"");
        Note::new(NoteKind::Warning, text)
            .detail("It changed the name that it was given, or the name was changed there.")
    })
}

/// Whether what was just created under our name may have this one: services change names, and add to
/// them.
pub(in crate::pelion) fn may_be_ours(theirs: &str, ours: &str) -> bool {
    let plain_ours = plain(ours);
    // A name without a plain letter cannot be compared.
    theirs.is_empty() || plain_ours.is_empty() || plain(theirs).contains(&plain_ours)
}

/// Whether two names are one but for case, blanks, signs, and the form in which letters with marks
/// are written. A name of which nothing is left then is like no other.
pub(in crate::pelion) fn is_in_other_letters(theirs: &str, ours: &str) -> bool {
    let ours = plain(ours);
    !ours.is_empty() && plain(theirs) == ours
}

/// The plain letters and digits: a letter with a mark is left out in both of its forms, as one
/// character or as a letter and a mark behind it (Unicode Standard Annex #15).
fn plain(name: &str) -> String {
    let mut plain = String::new();
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_marked = letters.peek().is_some_and(|next| is_mark(*next));
        if letter.is_ascii_alphanumeric() && !is_marked {
            plain.push(letter.to_ascii_lowercase());
        }
    }
    plain
}

/// Combining marks (Unicode, blocks of that name).
const fn is_mark(letter: char) -> bool {
    matches!(
        letter,
        '\u{300}'..='\u{36f}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe20}'..='\u{fe2f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_in_other_letters_and_no_other_name_is() {
        for (theirs, ours) in [
            ("puck 1", " puck 1 "),
            ("puck-a", "Puck-A"),
            ("Z\u{fc}rich", "Zu\u{308}rich"),
            ("puck_1.4", "puck/1.4"),
        ] {
            assert!(is_in_other_letters(theirs, ours), "{theirs} {ours}");
        }
        for (theirs, ours) in [("puck-1", "puck-2"), ("", ""), ("\u{fc}", "\u{fc}")] {
            assert!(!is_in_other_letters(theirs, ours), "{theirs} {ours}");
        }
    }
}
