//! JSON pointers, RFC 6901: how a finding names its field.

/// Longest key that a pointer repeats, characters: a foreign key may have any length.
const MOST_CHARACTERS: usize = 200;

/// The pointer of a member of an object.
pub(super) fn member(parent: &str, key: &str) -> String {
    let key: String = key.chars().take(MOST_CHARACTERS).collect();
    let key = key.replace('~', "~0").replace('/', "~1");
    format!("{parent}/{key}")
}

/// The pointer of an item of a list.
pub(super) fn item(parent: &str, at: usize) -> String {
    format!("{parent}/{at}")
}

/// The keys and numbers of a pointer.
pub(super) fn parts(pointer: &str) -> impl Iterator<Item = String> {
    let parts = pointer.split('/').skip(1);
    parts.map(|part| part.replace("~1", "/").replace("~0", "~"))
}

/// Whether one names the same value as the other, or a value inside of it.
pub(super) fn is_within(pointer: &str, outer: &str) -> bool {
    let rest = pointer.strip_prefix(outer);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_and_tildes_of_keys_are_escaped_and_read_back() {
        let pointer = item(&member("/a", "b/c~d"), 3);
        assert_eq!(pointer, "/a/b~1c~0d/3");
        assert_eq!(parts(&pointer).collect::<Vec<_>>(), ["a", "b/c~d", "3"]);
        assert_eq!(parts("").count(), 0);
    }

    #[test]
    fn a_pointer_is_within_itself_and_its_parents_only() {
        assert!(is_within("/files/1", "/files/1"));
        assert!(is_within("/files/1/hashes", "/files/1"));
        assert!(!is_within("/files/10", "/files/1"));
        assert!(is_within("/files", ""));
    }
}
