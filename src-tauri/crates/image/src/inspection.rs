//! What an inspection says about a file.

use firmdrop_core::{Check, CheckResult, ImageHash, grouped};
use serde::{Deserialize, Serialize};

/// Formats that are recognised by their content, never by the file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Format {
    /// No known header. It may be a raw image; nothing inside says so.
    Raw,
    /// Intel HEX.
    IntelHex,
    /// Motorola S-record.
    SRecord,
    /// ELF executable.
    Elf,
    /// Microsoft UF2 blocks.
    Uf2,
    /// USB DFU file: raw bytes and the DFU suffix.
    Dfu,
    /// ST's `DfuSe` container with addresses.
    DfuSe,
    /// `MCUboot` image.
    Mcuboot,
    /// Nordic DFU package.
    NordicPackage,
    /// `mcumgr` package of the nRF Connect SDK.
    McumgrPackage,
    /// Silicon Labs Gecko bootloader image.
    Gbl,
}

/// Everything an inspection found, without the digests of the whole file (they follow).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Inspection {
    /// What the file is.
    pub format: Format,
    /// One line for a heading: "Intel HEX, 2 segments".
    pub summary: String,
    /// Size of the file, bytes.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub size_bytes: u64,
    /// Who and what it is for, as far as it is written inside.
    pub identity: Identity,
    /// Parts with their place in the target's memory, in the order of their addresses.
    pub segments: Vec<Segment>,
    /// Whether somebody signed it. Never says that a signature is *valid*: no key was asked.
    pub signature: Signature,
    /// Every check that was made, failed ones included.
    pub checks: Vec<Check>,
    /// Further facts written inside, for the person who wants to look closer.
    pub facts: Vec<Fact>,
    /// The hash a bootloader knows this image by (`MCUboot`'s hash TLV), when there is one. Not the
    /// digest of the file.
    pub image_hash: Option<ImageHash>,
}

/// Names and versions written inside an image.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Identity {
    /// Product or board name.
    pub product: Option<String>,
    /// Version, as the format writes it.
    pub version: Option<String>,
    /// Chip, board, family or USB ids the image says it is for.
    pub target: Option<String>,
}

/// A run of bytes and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Segment {
    /// What it is: "header", "code", "application", "alternate 0".
    pub name: String,
    /// Address in the target's memory; `None` when the file does not say.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub address: Option<u64>,
    /// Length in the target's memory, bytes.
    #[cfg_attr(feature = "specta", specta(type = u32))]
    pub length_bytes: u64,
}

/// What is known about a signature without any key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Signature {
    /// The format has no place for one.
    NotPossible,
    /// The format has a place, and it is empty.
    Absent,
    /// There is one. It was not verified.
    Present {
        /// "ECDSA P-256", "RSA-2048", "Ed25519".
        algorithm: String,
        /// Hash of the key it was made with, hexadecimal, when the image names it.
        key_hash: Option<String>,
    },
}

/// One labelled fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// What it says.
    pub value: String,
}

/// Whether the file can be used, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Integrity {
    /// Checks were made and every one of them holds.
    Intact,
    /// A check failed.
    Damaged,
    /// There was nothing that could be checked.
    Unknown,
}

impl Inspection {
    /// An inspection that has found nothing yet.
    pub(crate) fn new(format: Format, size_bytes: u64) -> Self {
        Self {
            format,
            summary: String::new(),
            size_bytes,
            identity: Identity::default(),
            segments: Vec::new(),
            signature: Signature::NotPossible,
            checks: Vec::new(),
            facts: Vec::new(),
            image_hash: None,
        }
    }

    /// Adds one labelled fact.
    pub(crate) fn fact(&mut self, label: impl Into<String>, value: impl Into<String>) {
        self.facts.push(Fact {
            label: label.into(),
            value: value.into(),
        });
    }

    /// Adds one fact that is a number of bytes.
    pub(crate) fn fact_bytes(&mut self, label: &str, bytes: u64) {
        self.fact(label, format!("{} bytes", grouped(bytes)));
    }

    /// Adds one check.
    pub(crate) fn check(&mut self, name: &str, result: CheckResult, why: impl Into<String>) {
        self.checks.push(Check {
            name: name.to_owned(),
            result,
            explanation: why.into(),
        });
    }

    /// Adds a check that passed or failed, each with its own explanation.
    pub(crate) fn verdict(&mut self, name: &str, verdict: Result<String, String>) {
        match verdict {
            Ok(why) => self.check(name, CheckResult::Passed, why),
            Err(why) => self.check(name, CheckResult::Failed, why),
        }
    }

    /// Adds a part.
    pub(crate) fn segment(
        &mut self,
        name: impl Into<String>,
        address: Option<u64>,
        length_bytes: u64,
    ) {
        self.segments.push(Segment {
            name: name.into(),
            address,
            length_bytes,
        });
    }

    /// Whether the file can be used, in one word.
    pub fn integrity(&self) -> Integrity {
        if self
            .checks
            .iter()
            .any(|check| check.result == CheckResult::Failed)
        {
            Integrity::Damaged
        } else if self
            .checks
            .iter()
            .any(|check| matches!(check.result, CheckResult::Passed | CheckResult::Warning))
        {
            Integrity::Intact
        } else {
            Integrity::Unknown
        }
    }
}

impl Format {
    /// The format's own name, as people write it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Raw => "raw file",
            Self::IntelHex => "Intel HEX file",
            Self::SRecord => "S-record file",
            Self::Elf => "ELF file",
            Self::Uf2 => "UF2 file",
            Self::Dfu => "DFU file",
            Self::DfuSe => "DfuSe file",
            Self::Mcuboot => "MCUboot image",
            Self::NordicPackage => "Nordic DFU package",
            Self::McumgrPackage => "mcumgr package",
            Self::Gbl => "GBL image",
        }
    }
}
