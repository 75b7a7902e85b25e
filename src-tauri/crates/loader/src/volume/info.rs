//! What a drive says of itself: `INFO_UF2.TXT` of the UF2 specification, `DETAILS.TXT` of `DAPLink`.
//!
//! Foreign text: bounded, and without control characters before it is shown.

use firmdrop_link::{Drive, LinkError};

use super::timing::{SHOWN_CHARACTERS, TEXT_BYTES};
use crate::Target;

/// The two kinds of drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The bootloader of a reader.
    Uf2,
    /// A debug probe that programs the reader behind it.
    Daplink,
    /// A debug probe that waits for firmware of its own.
    Maintenance,
}

/// A drive, by its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Info {
    pub(super) kind: Kind,
    /// Id of this one device. UF2 has none.
    pub(super) unique: Option<String>,
    /// Id of its kind of board.
    pub(super) board: Option<String>,
    /// How often a `DAPLink` drive was mounted since the probe started.
    pub(super) remounts: Option<String>,
}

/// Modes of [`Target`], by which a plan knows the kind again.
const BOOTLOADER: &str = "bootloader";
const PROBE: &str = "DAPLink";
const MAINTENANCE: &str = "DAPLink maintenance";

impl Info {
    /// Reads it; `None` when the drive is not one of a bootloader.
    pub(super) async fn read(drive: &dyn Drive) -> Result<Option<Self>, LinkError> {
        for (name, kind) in [("INFO_UF2.TXT", Kind::Uf2), ("DETAILS.TXT", Kind::Daplink)] {
            if let Some(text) = text(drive, name).await? {
                return Ok(Some(Self::of(kind, &text)));
            }
        }
        Ok(None)
    }

    fn of(kind: Kind, text: &str) -> Self {
        let field = |label: &str| {
            let fields = text.lines().filter_map(|line| line.split_once(':'));
            let mut values = fields.filter(|(found, _)| found.trim() == label);
            let value = values.next().map(|(_, value)| shown(value));
            value.filter(|value| !value.is_empty())
        };
        let mode = field("Daplink Mode").unwrap_or_default();
        let waits = kind == Kind::Daplink && mode.eq_ignore_ascii_case("bootloader");
        Self {
            kind: if waits { Kind::Maintenance } else { kind },
            unique: field("Unique ID"),
            board: field("Board-ID").or_else(|| field("HIC ID")),
            remounts: field("Remount count"),
        }
    }

    /// Whether it is the drive that said the other. Drives of one kind of board, without ids of their own,
    /// cannot be told apart.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.kind, &self.unique, &self.board) == (other.kind, &other.unique, &other.board)
    }

    /// It, for a plan.
    pub(super) fn target(&self) -> Target {
        Target {
            product: self.board.clone(),
            serial: self.unique.clone(),
            mode: Some(
                match self.kind {
                    Kind::Uf2 => BOOTLOADER,
                    Kind::Daplink => PROBE,
                    Kind::Maintenance => MAINTENANCE,
                }
                .into(),
            ),
            ..Target::default()
        }
    }
}

/// The kind of an identified drive.
pub(super) fn kind(target: &Target) -> Kind {
    match target.mode.as_deref() {
        Some(PROBE) => Kind::Daplink,
        Some(MAINTENANCE) => Kind::Maintenance,
        _ => Kind::Uf2,
    }
}

/// The start of a text file; `None` without such a file.
pub(super) async fn text(drive: &dyn Drive, name: &str) -> Result<Option<String>, LinkError> {
    let mut buffer = vec![0; TEXT_BYTES];
    let read = drive.read(name, 0, &mut buffer).await?;
    Ok(read.map(|count| {
        let bytes = buffer.get(..count).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    }))
}

/// Foreign text made fit to be shown: one line, short, without control characters.
pub(super) fn shown(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(SHOWN_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_may_end_with_a_carriage_return() {
        let text = "UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n";
        let info = Info::of(Kind::Uf2, text);
        assert_eq!(info.board.as_deref(), Some("RPI-RP2"));
        assert_eq!(kind(&info.target()), Kind::Uf2);
    }

    #[test]
    fn the_same_probe_is_known_again_whatever_else_its_file_says() {
        let of = |id: &str, count: u32| {
            let text = format!(
                "# DAPLink\r\nUnique ID: {id}\r\nHIC ID: 9796\r\nRemount count: {count}\r\n"
            );
            Info::of(Kind::Daplink, &text)
        };
        assert!(of("0240", 1).is_same(&of("0240", 2)));
        assert!(!of("0240", 1).is_same(&of("0241", 1)));
        assert_ne!(of("0240", 1), of("0240", 2));
    }

    #[test]
    fn a_probe_that_waits_for_its_own_firmware_is_recognised() {
        let text = "Unique ID: 0240\r\nDaplink Mode: Bootloader\r\n";
        assert_eq!(Info::of(Kind::Daplink, text).kind, Kind::Maintenance);
        let text = "Unique ID: 0240\r\nDaplink Mode: Interface\r\n";
        assert_eq!(Info::of(Kind::Daplink, text).kind, Kind::Daplink);
    }

    #[test]
    fn hostile_text_is_one_short_line() {
        let text = shown(&format!("\u{1b}[2J\0a\r\n\tb {}", "x".repeat(5000)));
        assert!(text.starts_with("[2J a b x"), "{text}");
        assert_eq!(text.chars().count(), SHOWN_CHARACTERS);
    }
}
