//! Versions of updates: 2 to 4 numbers, compared number by number.

/// Largest number of a version: import schema, version.
const LARGEST_NUMBER: u32 = 2_147_483_647;

/// The numbers of a version; nothing when it is none.
pub(super) fn numbers(text: &str) -> Option<Vec<u32>> {
    let number = |part: &str| {
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let number: u32 = is_number.then(|| part.parse().ok()).flatten()?;
        (number <= LARGEST_NUMBER).then_some(number)
    };
    let numbers: Option<Vec<u32>> = text.split('.').map(number).collect();
    numbers.filter(|numbers| (2..=4).contains(&numbers.len()))
}

/// The version as it is stored: without leading zeros.
pub(super) fn canonical(text: &str) -> Option<String> {
    let numbers: Vec<String> = numbers(text)?.iter().map(u32::to_string).collect();
    Some(numbers.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_two_to_four_numbers_without_leading_zeros() {
        for (text, stored) in [
            ("1.0", "1.0"),
            ("01.0", "1.0"),
            ("2021.11.8", "2021.11.8"),
            ("1.2.3.4", "1.2.3.4"),
            ("0.2147483647", "0.2147483647"),
        ] {
            assert_eq!(canonical(text).as_deref(), Some(stored));
        }
        for bad in [
            "1",
            "1.",
            "1.2.3.4.5",
            "1.2147483648",
            "v1.0",
            "1.+2",
            "",
            "1..2",
        ] {
            assert_eq!(canonical(bad), None, "{bad}");
        }
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(numbers("1.10") > numbers("1.9"));
        assert!(numbers("1.2.0") > numbers("1.2"));
    }
}
