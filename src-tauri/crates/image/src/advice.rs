//! What a person can do about a file with a failed check: the likely cause and the next step.
//!
//! Derived from what the checks say. It judges nothing anew.

use serde::{Deserialize, Serialize};

use crate::{CheckResult, Format, Inspection};

/// The likely cause of a failed check, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Advice {
    /// What probably happened.
    pub cause: String,
    /// What to do next.
    pub next_step: String,
}

/// Words of explanations, and what they point to.
const CAUSES: &[(&[&str], &str, &str)] = &[
    (
        &["runs over the end of the partition"],
        "The image is larger than its place.",
        "Build a smaller image, or give it a larger place.",
    ),
    (
        &[
            "cut off",
            "is missing",
            "is not there",
            "the file ends",
            "are left",
            "are there",
        ],
        "Probably a download, a copy or an export broke off before its end.",
        "Copy or download the file again, and compare its size with that at the source.",
    ),
    (
        &["different values", "different bytes", "another value"],
        "Probably two programs were merged into one file, and both use the same addresses.",
        "Build or merge the file again so that each part has its own addresses.",
    ),
    (
        &[
            "checksum",
            "CRC",
            "XOR",
            "SHA-",
            "MD5",
            "says",
            "gives",
            "behind them stands",
        ],
        "Bytes were changed after the file was made: by a bad copy, a transfer as text, or an editor.",
        "Get the file from its source again; if it is the same there, ask who made it.",
    ),
    (
        &[
            "colon",
            "without its S",
            "digit",
            "digits",
            "announces",
            "shorter than",
        ],
        OF_TEXT,
        "Get the file from its source again, as a file and not as copied text.",
    ),
];

/// A cause that only a text can have.
const OF_TEXT: &str = "Probably the text was edited, wrapped or converted on its way.";

impl Inspection {
    /// The likely cause of the first failed check, and what to do about it; none when no check failed.
    pub fn advice(&self) -> Option<Advice> {
        let mut failed = self
            .checks
            .iter()
            .filter(|check| check.result == CheckResult::Failed);
        let why = &failed.next()?.explanation;
        let points_to = |why: &str| {
            let mut causes = CAUSES.iter();
            causes.find(|(words, _, _)| words.iter().any(|word| why.contains(word)))
        };
        let mut known =
            points_to(why).filter(|(_, cause, _)| *cause != OF_TEXT || self.may_be_text());
        // One broken line of a text that has no end is its last one; what says nothing of its cause leaves it to the others.
        let is_one = !why.contains("; ");
        if known.is_none_or(|(_, cause, _)| *cause == OF_TEXT && is_one) {
            let cut = failed.find(|check| check.explanation.contains("cut off"));
            known = cut
                .and_then(|check| points_to(&check.explanation))
                .or(known);
        }
        let (cause, next_step) = known.map_or(
            (
                "The file contradicts itself.",
                "Get the file from its source again; if it is the same there, ask who made it.",
            ),
            |(_, cause, next_step)| (*cause, *next_step),
        );
        Some(Advice {
            cause: cause.to_owned(),
            next_step: next_step.to_owned(),
        })
    }
}

impl Inspection {
    /// Whether it is a text, or holds one.
    fn may_be_text(&self) -> bool {
        matches!(
            self.format,
            Format::IntelHex | Format::SRecord | Format::Compressed | Format::Archive
        ) || self.parts.iter().any(|part| part.inspection.may_be_text())
    }
}

#[cfg(test)]
mod tests {
    use crate::{MemorySource, inspect};

    fn cause(text: &str) -> Option<String> {
        let found = inspect(&MemorySource::new(text)).unwrap();
        found.advice().map(|advice| advice.cause)
    }

    #[test]
    fn each_kind_of_damage_has_its_likely_cause_and_a_sound_file_has_none() {
        let end = ":00000001FF\n";
        assert!(cause(":0100000001FE\n").unwrap().contains("broke off"));
        let changed = cause(&format!(":0100000001FD\n{end}")).unwrap();
        assert!(changed.contains("changed"), "{changed}");
        let merged = cause(&format!(":0100000001FE\n:0100000002FD\n{end}")).unwrap();
        assert!(merged.contains("merged"), "{merged}");
        assert_eq!(cause(&format!(":0100000001FE\n{end}")), None);
        let last_line = cause(":0100000001FE\n:01000100").unwrap();
        assert!(last_line.contains("broke off"), "{last_line}");
        let wrapped = cause(&format!(":01000000\n01FE\n{end}")).unwrap();
        assert!(wrapped.contains("edited"), "{wrapped}");
    }
}
