//! The verdict on a dropped file, and the places it may go to.

use firmdrop_core::Fit;
use firmdrop_engine::ConfirmationAbout;
use firmdrop_image::{Advice, Comparison, Inspection, Integrity};
use firmdrop_link::Reader;
use firmdrop_loader::Target;
use serde::{Deserialize, Serialize};

/// What a file is, whether it can be used and where it may go. Its digests follow on their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Verdict {
    /// Where the file is.
    pub path: String,
    /// Its name, without folders.
    pub file_name: String,
    /// What it is.
    pub inspection: Inspection,
    /// Whether it can be used, in one word.
    pub integrity: Integrity,
    /// The likely cause of the first failed check, and what to do; none when no check failed.
    #[serde(default)]
    pub advice: Option<Advice>,
    /// How long reading took, seconds.
    pub seconds: f32,
    /// Every destination that is known, fitting or not.
    pub destinations: Vec<DestinationOffer>,
}

/// Two files side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FileComparison {
    /// The file that was there before.
    pub before: ComparedFile,
    /// The one that comes after it.
    pub after: ComparedFile,
    /// What is different.
    pub comparison: Comparison,
}

/// One of two files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ComparedFile {
    /// Where it is, as it was asked for.
    pub path: String,
    /// Whether it can be used, in one word.
    pub integrity: Integrity,
    /// What it is, one line.
    pub summary: String,
}

/// A part of a file that was written to a file of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ExtractedPart {
    /// Its name in the file.
    pub part: String,
    /// What it is, one line.
    pub summary: String,
    /// Whether it can be used, in one word.
    pub integrity: Integrity,
    /// Where it was written to.
    pub path: String,
    /// How many bytes it has.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub size_bytes: u64,
}

/// One destination and whether the image fits it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct DestinationOffer {
    /// What it is written as: `scheme:address`, `sim:reader-1`. Names it when a plan is asked for.
    pub destination: String,
    /// What a user calls it.
    pub name: String,
    /// Second line: place, expected duration, name of the image there.
    pub detail: String,
    /// Heading it stands under.
    pub group: OfferGroup,
    /// Whether the image fits.
    pub fit: Fit,
    /// What its plan will ask about the versions, of a reader that said what it runs.
    pub confirms: Vec<ConfirmationAbout>,
    /// Part of the simulated world.
    pub simulated: bool,
    /// Marked as production.
    pub production: bool,
}

/// Headings of the destinations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum OfferGroup {
    /// Readers here.
    Readers,
    /// Cloud accounts.
    Clouds,
}

/// A reader that was asked to restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct RestartedReader {
    /// The reader afterwards.
    pub reader: ReaderView,
    /// What it was asked, what it answered and what was seen since, in sentences.
    pub statement: String,
}

/// A reader in the list of readers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ReaderView {
    /// What discovery sees.
    pub reader: Reader,
    /// What it is written as when a plan is asked for.
    pub destination: String,
    /// What it said about itself when it was last asked; `None` when it never was.
    pub target: Option<Target>,
    /// It was added by its address, and can be renamed and removed.
    pub added: bool,
    /// The job that writes it now.
    pub job: Option<firmdrop_engine::JobId>,
}
