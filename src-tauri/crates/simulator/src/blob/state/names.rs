//! Which names containers and blobs may have.

use super::{Code, Refusal};

/// Lengths of container names: Blob service, naming and referencing containers.
const SHORTEST_CONTAINER: usize = 3;
const LONGEST_CONTAINER: usize = 63;
/// Longest blob name, characters: the same page.
const LONGEST_BLOB: usize = 1024;

/// 3 to 63 small letters, digits and single hyphens, a letter or digit at either end.
pub(super) fn check_container(name: &str) -> Result<(), Refusal> {
    if !(SHORTEST_CONTAINER..=LONGEST_CONTAINER).contains(&name.len()) {
        return Err(Code::OutOfRangeInput.into());
    }
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let special = name == "$root" || name == "$web" || name == "$logs";
    let hyphens = name.contains("--") || name.starts_with('-') || name.ends_with('-');
    if !special && (hyphens || !name.bytes().all(allowed)) {
        return Err(Code::InvalidResourceName.into());
    }
    Ok(())
}

/// 1 to 1024 characters.
pub(super) fn check_blob(name: &str) -> Result<(), Refusal> {
    match name.chars().count() {
        1..=LONGEST_BLOB => Ok(()),
        _ => Err(Code::OutOfRangeInput.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_has_3_to_63_small_letters_digits_and_single_hyphens() {
        for good in ["abc", "a-1", &"a".repeat(63), "$root"] {
            assert!(check_container(good).is_ok(), "{good}");
        }
        for bad in ["ab", "", &"a".repeat(64)] {
            let refusal = check_container(bad).unwrap_err();
            assert_eq!(refusal.code, Code::OutOfRangeInput, "{bad}");
        }
        for bad in ["Abc", "a--b", "-ab", "ab-", "a_b", "a b"] {
            let refusal = check_container(bad).unwrap_err();
            assert_eq!(refusal.code, Code::InvalidResourceName, "{bad}");
        }
    }

    #[test]
    fn a_blob_has_1_to_1024_characters_of_any_kind() {
        assert!(check_blob("a b#%é/ß.bin").is_ok());
        assert!(check_blob(&"é".repeat(1024)).is_ok());
        assert!(check_blob("").is_err());
        assert!(check_blob(&"a".repeat(1025)).is_err());
    }
}
