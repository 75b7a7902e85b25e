//! What a bench is made of: its lanes, each a place, and the recipe for every reader that is plugged in.

use std::collections::HashSet;

use firmdrop_core::Diagnosis;
use firmdrop_engine::{ConfirmationAbout, DeliveryOptions};
use serde::{Deserialize, Serialize};

use super::{Label, refused};

/// Most lanes of a bench.
pub const MOST_LANES: usize = 32;
/// Longest name of a lane or a lot, characters.
const LONGEST_NAME: usize = 64;

/// A place on the bench. A lane without a place is not taught, and nothing is ever written there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BenchLane {
    /// What stands on the bench: `1`, `A4`.
    pub name: String,
    /// The place by which a reader there is known again; never a serial number.
    pub place: Option<String>,
    /// The place in words: "Hub A, port 4".
    pub place_name: String,
    /// How the reader there is written, when it was taught by its address. One that discovery does not see is
    /// asked now and then whether it is there.
    pub destination: Option<String>,
}

/// What is done with every reader.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BenchRecipe {
    /// Path of the image.
    pub file: String,
    /// Options of the loader.
    pub options: DeliveryOptions,
    /// Product that a reader has to report; any when absent.
    pub product: Option<String>,
    /// What was confirmed for every reader: a downgrade, the same version again, an image without a signature.
    pub confirmed: Vec<ConfirmationAbout>,
    /// A reader that cannot prove what it holds passes as well.
    pub accepts_unverified: bool,
}

/// A bench, as it is stored in the home.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BenchSetup {
    /// What it is called.
    pub name: String,
    /// Its lanes.
    pub lanes: Vec<BenchLane>,
    /// What is done with every reader.
    pub recipe: BenchRecipe,
    /// Name of the lot.
    pub lot: String,
    /// Units of the lot, when it is known how many there are.
    pub lot_size: Option<u32>,
    /// File with one record for each unit: CSV, or JSON Lines when its name ends with `.jsonl`.
    pub record: Option<String>,
    /// Label of a unit: `{lot}-{unit:4}`.
    pub label: Option<String>,
    /// Nothing more starts after so many failed units.
    pub stop_after: Option<u32>,
    /// A failed unit stays on its lane until a user acknowledged it, whatever is plugged in there.
    pub holds_fails: bool,
    /// Each lane carries out one unit, and no more.
    pub once: bool,
}

impl BenchSetup {
    /// Checks everything that can be checked without a file or a reader.
    pub(crate) fn check(&self) -> Result<Option<Label>, Diagnosis> {
        if self.lanes.len() > MOST_LANES {
            return Err(refused(
                format!("A bench has at most {MOST_LANES} lanes."),
                format!("{} were given.", self.lanes.len()),
                "Use fewer lanes.",
            ));
        }
        let mut names = HashSet::new();
        let mut places = HashSet::new();
        for lane in &self.lanes {
            if !is_name(&lane.name) || !names.insert(lane.name.as_str()) {
                return Err(refused(
                    format!("\"{}\" cannot name a lane.", lane.name),
                    "Each lane needs a name of its own: one line of at most 64 characters.",
                    "Choose another name.",
                ));
            }
            if let Some(place) = &lane.place
                && !places.insert(place.as_str())
            {
                return Err(refused(
                    format!("Two lanes are at one place: {}.", lane.place_name),
                    "A lane is known by its place alone.",
                    "Teach one of them another place.",
                ));
            }
        }
        if self.stop_after == Some(0) {
            return Err(refused(
                "The line cannot stop after 0 fails.",
                "It would never start.",
                "Give 1 or more, or leave it out.",
            ));
        }
        check_lot(&self.lot)?;
        self.label.as_deref().map(Label::parse).transpose()
    }
}

/// A name that is one line, and not only spaces.
fn is_name(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.chars().any(char::is_control)
}

/// The name of a lot is the name of a file and a column of its record.
fn check_lot(lot: &str) -> Result<(), Diagnosis> {
    let is_usual = |character: char| character.is_alphanumeric() || " ._-".contains(character);
    let begins_well = lot.starts_with(|first: char| first.is_alphanumeric());
    // Longest name of a file on Linux: 255 bytes (limits.h, NAME_MAX); a character has at most four.
    if begins_well && lot.chars().count() <= LONGEST_NAME - 4 && lot.chars().all(is_usual) {
        return Ok(());
    }
    Err(refused(
        format!("\"{lot}\" cannot name a lot."),
        "A lot's name begins with a letter or a digit, and has letters, digits, spaces, dots, dashes and underscores: at most 60.",
        "Choose another name.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(name: &str, place: Option<&str>) -> BenchLane {
        BenchLane {
            name: name.into(),
            place: place.map(str::to_owned),
            ..BenchLane::default()
        }
    }

    fn setup(lanes: Vec<BenchLane>) -> BenchSetup {
        BenchSetup {
            lanes,
            lot: "4711".into(),
            ..BenchSetup::default()
        }
    }

    #[test]
    fn two_lanes_share_neither_a_name_nor_a_place() {
        let taught = |name| lane(name, Some(name));
        assert!(setup(vec![taught("A1"), taught("A2")]).check().is_ok());
        assert!(setup(vec![taught("A1"), taught("A1")]).check().is_err());
        let one_place = vec![lane("A1", Some("x")), lane("A2", Some("x"))];
        assert!(setup(one_place).check().is_err());
        // Lanes that are not taught have no place to share.
        let untaught = vec![lane("A1", None), lane("A2", None)];
        assert!(setup(untaught).check().is_ok());
        assert!(setup(vec![lane(" ", None)]).check().is_err());
    }

    #[test]
    fn thirty_two_lanes_are_the_most() {
        let lanes = |count: usize| (0..count).map(|n| lane(&n.to_string(), None)).collect();
        assert!(setup(lanes(32)).check().is_ok());
        assert!(setup(lanes(33)).check().is_err());
    }

    #[test]
    fn a_lot_is_named_so_that_it_can_name_a_file() {
        for lot in ["4711", "Lot 7", "wo-2026.11_a", "Ä"] {
            let named = BenchSetup {
                lot: lot.into(),
                ..BenchSetup::default()
            };
            assert!(named.check().is_ok(), "{lot}");
        }
        for lot in ["", ".", "../x", "a/b", "a,b", "-x", "a\nb", &"n".repeat(61)] {
            let named = BenchSetup {
                lot: lot.into(),
                ..BenchSetup::default()
            };
            assert!(named.check().is_err(), "{lot}");
        }
    }
}
