//! Whether the families of a UF2 file are those of a board.
//!
//! The first part of a board's id is its processor (*UF2 File Format*, "Files exposed by bootloaders");
//! the names of families are those that the inspection gives.

use firmdrop_image::uf2_family_name;

/// Beginnings of board ids, without dashes and in upper case, and the families that they take. The longer
/// ones come first.
const BOARDS: &[(&str, &[&str])] = &[
    ("RPIRP2", &["RP2040"]),
    ("RP2040", &["RP2040"]),
    (
        "RP2350",
        &[
            "RP2350 Arm secure",
            "RP2350 RISC-V",
            "RP2350 Arm non-secure",
            "RP2xxx data",
        ],
    ),
    ("SAMD21", &["SAMD21"]),
    ("SAMD51", &["SAMD51"]),
    ("SAME51", &["SAMD51"]),
    ("SAME54", &["SAMD51"]),
    ("NRF52833", &["nRF52833", "nRF52"]),
    ("NRF52840", &["nRF52840", "nRF52"]),
    ("ESP32S2", &["ESP32-S2"]),
    ("ESP32S3", &["ESP32-S3"]),
    ("ESP32C3", &["ESP32-C3"]),
    ("STM32F407", &["STM32F407", "STM32F4"]),
    ("STM32F4", &["STM32F4"]),
    ("STM32L4", &["STM32L4"]),
    ("STM32H7", &["STM32H7"]),
    ("LPC55", &["LPC55"]),
];

/// What can be said about a file and a board.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Families {
    /// The file has blocks for the board.
    Same,
    /// It has only blocks for others.
    Other,
    /// The file or the board does not say, or says a family that is not known here.
    Unknown,
}

/// Compares the names of a file's families, separated by commas, with a board's id.
pub(super) fn compare(target: Option<&str>, board: Option<&str>) -> Families {
    let (Some(target), Some(board)) = (target, board) else {
        return Families::Unknown;
    };
    let Some(taken) = taken(board) else {
        return Families::Unknown;
    };
    let mut names = target.split(", ");
    let is_known = |name: &str| BOARDS.iter().any(|(_, families)| families.contains(&name));
    if names.clone().any(|name| taken.contains(&name)) {
        Families::Same
    } else if names.all(is_known) {
        Families::Other
    } else {
        Families::Unknown
    }
}

/// Whether a board takes blocks of a family, as far as is known: one that is not known here may take every one, and
/// blocks without a family are for every board.
pub(super) fn takes(board: Option<&str>, family: Option<u32>) -> bool {
    let (Some(taken), Some(family)) = (board.and_then(taken), family) else {
        return true;
    };
    taken.contains(&uf2_family_name(family).as_str())
}

/// The families that a board takes; `None` when the board is not known here.
fn taken(board: &str) -> Option<&'static [&'static str]> {
    let board: String = board
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let known = BOARDS.iter().find(|(start, _)| board.starts_with(start));
    known.map(|(_, taken)| *taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_for_another_processor_is_told_from_one_that_says_nothing() {
        for (file, board, expected) in [
            ("RP2040", "RPI-RP2", Families::Same),
            ("SAMD21", "SAMD21G18A-Zero-v0", Families::Same),
            ("nRF52840", "nRF52840-Feather-revD", Families::Same),
            ("SAMD51, RP2040", "RPI-RP2", Families::Same),
            ("RP2350 RISC-V", "RP2350", Families::Same),
            ("SAMD51", "RPI-RP2", Families::Other),
            ("RP2040", "RP2350", Families::Other),
            ("family 12345678", "RPI-RP2", Families::Unknown),
            ("RP2xxx absolute", "RP2350", Families::Unknown),
            ("RP2040", "MyBoard-1", Families::Unknown),
        ] {
            assert_eq!(compare(Some(file), Some(board)), expected, "{file} {board}");
        }
        assert_eq!(compare(None, Some("RPI-RP2")), Families::Unknown);
        assert_eq!(compare(Some("RP2040"), None), Families::Unknown);
    }
}
