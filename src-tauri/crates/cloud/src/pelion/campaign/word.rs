//! How the service's words for phases and states are compared.

/// Lower case, without underscores, hyphens and spaces.
pub(super) fn normal(word: &str) -> String {
    let letters = word.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}
