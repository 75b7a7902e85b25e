//! What an inspection says about a file.

use firmdrop_core::{Check, CheckResult, ImageHash, grouped};
use serde::{Deserialize, Serialize};

/// Label of the fact that names the image of a device which a file of a package replaces.
pub(crate) const IMAGE_INDEX: &str = "Image index";
/// Label of the fact that says for which slot a package has an image.
pub(crate) const SLOT: &str = "Slot";

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
    /// Application or bootloader image of Espressif chips.
    EspImage,
    /// Flash of an Espressif chip: bootloader, partition table, applications. Or the table alone.
    EspFlash,
    /// Zigbee over-the-air update file.
    ZigbeeOta,
    /// One compressed file: gzip, xz, Zstandard, bzip2.
    Compressed,
    /// An archive that is no firmware package: zip, tar, cabinet.
    Archive,
    /// An HTML, XML or JSON page, or a pointer to a file that is elsewhere.
    Page,
    /// A format that is known by its name and its header; nothing in it can be checked here.
    Named,
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
    /// Every check that was made, failed ones included. What a part's own checks say together is one of
    /// them.
    pub checks: Vec<Check>,
    /// Further facts written inside, for the person who wants to look closer.
    pub facts: Vec<Fact>,
    /// The hash a bootloader knows this image by (`MCUboot`'s hash TLV), when there is one. Not the
    /// digest of the file.
    pub image_hash: Option<ImageHash>,
    /// What lies inside, each described like a file of its own: images of a package, of a HEX file, of
    /// a whole flash.
    #[serde(default)]
    pub parts: Vec<Part>,
}

/// Something that lies inside a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Part {
    /// Its file name in an archive, otherwise what it is: "image at 0x0000C000", "content".
    pub name: String,
    /// Where its bytes belong in the target's memory, when that is known.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub address: Option<u64>,
    /// Where its bytes begin in the file, when they stand there as they are.
    #[cfg_attr(feature = "specta", specta(type = Option<u32>))]
    pub offset: Option<u64>,
    /// Whether it can be used, in one word.
    pub integrity: Integrity,
    /// What it is.
    pub inspection: Inspection,
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
    /// A check failed: a checksum, a contradiction, or something is cut off.
    Damaged,
    /// No check failed, and one that decides could not be made here; its explanation says what is
    /// missing.
    NotFullyCheckable,
    /// There was nothing that could be checked.
    Unknown,
}

impl Integrity {
    /// As it stands in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Intact => "intact",
            Self::Damaged => "damaged",
            Self::NotFullyCheckable => "not fully checkable",
            Self::Unknown => "nothing inside to check",
        }
    }
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
            parts: Vec::new(),
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
        let has = |result| self.checks.iter().any(|check| check.result == result);
        if has(CheckResult::Failed) {
            Integrity::Damaged
        } else if has(CheckResult::NotMade) {
            Integrity::NotFullyCheckable
        } else if has(CheckResult::Passed) || has(CheckResult::Warning) {
            Integrity::Intact
        } else {
            Integrity::Unknown
        }
    }

    /// Adds what lies inside, and `strict` says whether damage there is damage of the whole: that of a
    /// package is, that of one file of many in an archive is not.
    pub(crate) fn part(&mut self, part: Part, strict: bool) {
        let name = sentence(&part.name);
        let first = |result| {
            let mut checks = part.inspection.checks.iter();
            let check = checks.find(|check| check.result == result)?;
            Some(format!("{}: {}", check.name, check.explanation))
        };
        let outcome = match part.integrity {
            Integrity::Damaged if strict => {
                first(CheckResult::Failed).map(|why| (CheckResult::Failed, why))
            }
            Integrity::Damaged => first(CheckResult::Failed).map(|why| (CheckResult::Warning, why)),
            Integrity::NotFullyCheckable if strict => {
                first(CheckResult::NotMade).map(|why| (CheckResult::NotMade, why))
            }
            Integrity::Intact if strict => {
                let made = part.inspection.checks.len();
                let plural = if made == 1 { "check" } else { "checks" };
                let what = format!("{}; {made} {plural} of its own", part.inspection.summary);
                let warned = first(CheckResult::Warning);
                Some(warned.map_or((CheckResult::Passed, what), |why| {
                    (CheckResult::Warning, why)
                }))
            }
            _ => None,
        };
        if let Some((result, why)) = outcome {
            self.check(&name, result, why);
        }
        self.parts.push(part);
    }
}

impl Inspection {
    /// What could not be checked here and why, in words, with that of the parts.
    pub fn missing(&self) -> Vec<&str> {
        let of_result = |check: &&Check| check.result == CheckResult::NotMade;
        let own = self.checks.iter().filter(of_result);
        own.map(|check| check.explanation.as_str()).collect()
    }
}

impl Format {
    /// Whether it is bytes without addresses that a destination may take as they are, whatever they
    /// mean.
    pub const fn is_plain_bytes(self) -> bool {
        matches!(
            self,
            Self::Raw
                | Self::EspImage
                | Self::EspFlash
                | Self::ZigbeeOta
                | Self::Compressed
                | Self::Archive
                | Self::Named
        )
    }
}

impl Part {
    /// Something that was looked at like a file.
    pub(crate) fn new(
        name: impl Into<String>,
        address: Option<u64>,
        offset: Option<u64>,
        inspection: Inspection,
    ) -> Self {
        Self {
            name: name.into(),
            address,
            offset,
            integrity: inspection.integrity(),
            inspection,
        }
    }

    /// Which image of a device it is, as the package around it says: 0 is the first. `None` where it does not say that,
    /// or says two things.
    pub fn image_number(&self) -> Option<u32> {
        self.number(IMAGE_INDEX)
    }

    /// For which of its image's two slots it is built, 0 or 1, as the package around it says: a bootloader may start images
    /// where they lie. Newer SDKs count the slots of all images. `None` as above.
    pub fn slot_number(&self) -> Option<u32> {
        self.number(SLOT).map(|number| number % 2)
    }

    fn number(&self, label: &str) -> Option<u32> {
        let said = |fact: &&Fact| fact.label == label;
        let mut said = self.inspection.facts.iter().filter(said);
        let first = said.next()?;
        let all_agree = said.all(|other| other.value == first.value);
        all_agree.then(|| first.value.parse().ok()).flatten()
    }
}

/// With a capital letter, unless it is the name of a file.
fn sentence(name: &str) -> String {
    let mut characters = name.chars();
    match characters.next() {
        Some(first) if !name.contains('.') => first.to_uppercase().chain(characters).collect(),
        _ => name.to_owned(),
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
            Self::EspImage => "firmware image of an ESP chip",
            Self::EspFlash => "flash image of an ESP chip",
            Self::ZigbeeOta => "Zigbee OTA file",
            Self::Compressed => "compressed file",
            Self::Archive => "plain archive",
            Self::Page => "page of text",
            Self::Named => "file of another kind",
        }
    }
}
