//! The ids that a bootloader's drive says of itself: `INFO_UF2.TXT` of UF2, `DETAILS.TXT` of `DAPLink`.
//!
//! Both are lines of `LABEL: VALUE`. Foreign text: bounded, and cleaned before it is shown.

/// Bytes that are read of such a file. Real ones have some hundred.
pub(super) const LARGEST_BYTES: usize = 64 * 1024;
/// The files that mark the drive of a bootloader.
pub(super) const FILES: [&str; 2] = ["INFO_UF2.TXT", "DETAILS.TXT"];
/// Characters of a value that are used.
const LONGEST_VALUE: usize = 80;

/// What one of the files says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ids {
    /// The id of this one device. UF2 has none.
    pub(super) unique: Option<String>,
    /// The id of its kind of board.
    pub(super) board: Option<String>,
    /// What it is called.
    pub(super) model: Option<String>,
}

impl Ids {
    /// Reads the file's text; the labels are those of the UF2 specification and of `DAPLink`.
    pub(super) fn read(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text.get(..LARGEST_BYTES).unwrap_or(text));
        let mut ids = Self::default();
        for (label, value) in text.lines().filter_map(|line| line.split_once(':')) {
            let field = match label.trim() {
                "Unique ID" => &mut ids.unique,
                "Board-ID" | "HIC ID" => &mut ids.board,
                "Model" => &mut ids.model,
                _ => continue,
            };
            let value = cleaned(value);
            if field.is_none() && !value.is_empty() {
                *field = Some(value);
            }
        }
        ids
    }

    /// Whether an address means it by this id.
    pub(super) fn is(&self, id: &str) -> bool {
        [&self.unique, &self.board]
            .into_iter()
            .flatten()
            .any(|own| own.eq_ignore_ascii_case(id))
    }
}

fn cleaned(value: &str) -> String {
    let plain = value.trim().chars().filter(|c| !c.is_control());
    plain.take(LONGEST_VALUE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_file_are_read_with_either_end_of_line() {
        let uf2 = b"UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n";
        let ids = Ids::read(uf2);
        assert_eq!(ids.model.as_deref(), Some("Raspberry Pi RP2"));
        assert!(ids.is("rpi-rp2") && !ids.is("RPI"));
        let details = b"# DAPLink\nUnique ID: 0240\x000001  \nHIC ID: 97969900\n";
        let ids = Ids::read(details);
        assert_eq!(ids.unique.as_deref(), Some("02400001"));
    }

    #[test]
    fn a_hostile_text_is_cut_and_cleaned() {
        let long = format!("Board-ID: \u{1b}[31m{}", "x".repeat(1_000_000));
        let board = Ids::read(long.as_bytes()).board.unwrap();
        assert_eq!(board.chars().count(), LONGEST_VALUE);
        assert!(!board.contains('\u{1b}'));
        assert_eq!(Ids::read(&[0xFF; 100]), Ids::default());
    }
}
