//! Why a file cannot be described at all.
//!
//! A damaged file of a known format is no error: it is an inspection with failed checks.

use std::io;

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy, grouped};

/// Nothing useful can be said about the file.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// There is not one byte.
    #[error("the file is empty")]
    Empty,
    /// The system refused to read.
    #[error("reading at byte {offset} failed: {source}")]
    Unreadable {
        /// Where, bytes from the start.
        offset: u64,
        /// What the system said.
        source: io::Error,
    },
    /// The file is shorter now than it was when it was opened.
    #[error("the file ended at byte {offset}, {size_bytes} bytes were expected")]
    Shrank {
        /// Where it ended.
        offset: u64,
        /// Its size when it was opened.
        size_bytes: u64,
    },
    /// It ends inside the header, so that nothing is known.
    #[error("the {what} ends after {size_bytes} bytes, its {part} needs {needs_bytes}")]
    Truncated {
        /// What it began as: "ELF file".
        what: &'static str,
        /// Which part is not there: "header".
        part: &'static str,
        /// Size it needs at least.
        needs_bytes: u64,
        /// Size it has.
        size_bytes: u64,
    },
    /// It is larger than any real file of its kind.
    #[error("the {what} is {found} {unit} large, the limit is {limit}")]
    TooLarge {
        /// What is too large: "Intel HEX file".
        what: &'static str,
        /// Counted in: "bytes", "segments".
        unit: &'static str,
        /// The limit.
        limit: u64,
        /// What was found, at least.
        found: u64,
    },
    /// Its outer structure contradicts itself, so that nothing inside can be reached.
    #[error("the {what} is damaged: {why}")]
    Damaged {
        /// What it began as: "zip archive".
        what: &'static str,
        /// What contradicts what, one sentence.
        why: String,
    },
    /// Its bytes cannot be placed in the memory of a device.
    #[error("{why}")]
    NotPlaced {
        /// Why, one sentence.
        why: String,
    },
    /// The archive asks for more than a firmware package ever does.
    #[error("{why}")]
    HostileArchive {
        /// What it asks for, one sentence.
        why: String,
    },
}

impl ImageError {
    fn code(&self) -> Code {
        match self {
            Self::Empty => Code::EmptyFile,
            Self::Unreadable { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => Code::FileNotReadable,
                io::ErrorKind::NotFound => Code::FileNotFound,
                io::ErrorKind::IsADirectory => Code::NotAFile,
                _ => Code::ReadFailed,
            },
            Self::Shrank { .. } => Code::FileChanged,
            Self::Truncated { .. } => Code::Truncated,
            Self::TooLarge { .. } => Code::TooLarge,
            Self::Damaged { .. } => Code::DamagedContainer,
            Self::HostileArchive { .. } => Code::HostileArchive,
            Self::NotPlaced { .. } => Code::DoesNotFit,
        }
    }

    fn what_happened(&self) -> String {
        match self {
            Self::Empty => "The file has no bytes.".to_owned(),
            Self::Unreadable { offset, .. } => {
                format!(
                    "Reading stopped at byte {offset}.",
                    offset = grouped(*offset)
                )
            }
            Self::Shrank { offset, size_bytes } => format!(
                "The file ended at byte {offset}; it had {size_bytes} bytes when it was opened.",
                offset = grouped(*offset),
                size_bytes = grouped(*size_bytes)
            ),
            Self::Truncated { what, .. } => {
                format!(
                    "The file begins like {} and ends before it can be described.",
                    with_article(what)
                )
            }
            Self::TooLarge { what, .. } => format!("The {what} was not read."),
            Self::Damaged { what, .. } => {
                format!("The file begins like {} and is none.", with_article(what))
            }
            Self::HostileArchive { .. } => "The archive was not unpacked.".to_owned(),
            Self::NotPlaced { .. } => "The file cannot be loaded segment by segment.".to_owned(),
        }
    }

    fn why(&self) -> String {
        match self {
            Self::Empty => "A device or a service cannot take an image without data.".to_owned(),
            Self::Unreadable { source, .. } => format!("The system says: {source}."),
            Self::Shrank { .. } => "Probably another program is still writing it.".to_owned(),
            Self::Truncated {
                part,
                needs_bytes,
                size_bytes,
                ..
            } => format!(
                "Its {part} needs {needs_bytes} bytes, the file has {size_bytes}. \
                 Probably a download or a copy broke off.",
                needs_bytes = grouped(*needs_bytes),
                size_bytes = grouped(*size_bytes)
            ),
            Self::TooLarge {
                unit, limit, found, ..
            } => format!(
                "It has {found} {unit} or more; real firmware stays below {limit}.",
                found = grouped(*found),
                limit = grouped(*limit)
            ),
            Self::Damaged { why, .. } | Self::HostileArchive { why } | Self::NotPlaced { why } => {
                why.clone()
            }
        }
    }
}

impl Diagnose for ImageError {
    fn diagnose(&self) -> Diagnosis {
        let diagnosis = Diagnosis::new(self.code(), self.what_happened(), self.why())
            .state("Nothing was sent.");
        match self {
            Self::Shrank { .. } => diagnosis
                .remedy(Remedy::InspectAgain)
                .remedy(Remedy::ChooseAnotherFile),
            Self::Unreadable { offset, source } => diagnosis
                .remedy(Remedy::InspectAgain)
                .remedy(Remedy::ChooseAnotherFile)
                .detail("Offset", offset.to_string())
                .detail("System error", source.to_string()),
            Self::Truncated { .. } | Self::Damaged { .. } => diagnosis
                .remedy(Remedy::Advice {
                    text: "Copy or download the file again.".to_owned(),
                })
                .remedy(Remedy::ChooseAnotherFile),
            Self::Empty
            | Self::TooLarge { .. }
            | Self::HostileArchive { .. }
            | Self::NotPlaced { .. } => diagnosis.remedy(Remedy::ChooseAnotherFile),
        }
    }
}

/// A format's name with its article, by how its first letters are said.
fn with_article(what: &str) -> String {
    const AN: [&str; 4] = ["E", "I", "MC", "S-"];
    let is_an =
        what.starts_with(['a', 'e', 'i', 'o']) || AN.iter().any(|begin| what.starts_with(begin));
    format!("{} {what}", if is_an { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_article_that_is_said() {
        for (what, said) in [
            ("ELF file", "an ELF file"),
            ("Intel HEX file", "an Intel HEX file"),
            ("MCUboot image", "an MCUboot image"),
            ("S-record file", "an S-record file"),
            ("UF2 file", "a UF2 file"),
            ("GBL image", "a GBL image"),
            ("tar archive", "a tar archive"),
        ] {
            assert_eq!(with_article(what), said);
        }
    }

    #[test]
    fn every_error_names_a_code_a_cause_a_state_and_a_remedy() {
        let unreadable = |kind: io::ErrorKind| ImageError::Unreadable {
            offset: 7,
            source: kind.into(),
        };
        let errors = [
            (ImageError::Empty, Code::EmptyFile),
            (
                unreadable(io::ErrorKind::PermissionDenied),
                Code::FileNotReadable,
            ),
            (unreadable(io::ErrorKind::NotFound), Code::FileNotFound),
            (unreadable(io::ErrorKind::IsADirectory), Code::NotAFile),
            (unreadable(io::ErrorKind::Other), Code::ReadFailed),
            (
                ImageError::Damaged {
                    what: "zip archive",
                    why: "Its directory lies outside the file.".to_owned(),
                },
                Code::DamagedContainer,
            ),
            (
                ImageError::HostileArchive {
                    why: "It has 65 entries.".to_owned(),
                },
                Code::HostileArchive,
            ),
        ];
        for (error, code) in errors {
            let diagnosis = error.diagnose();
            assert_eq!(diagnosis.code, code);
            assert!(!diagnosis.why.is_empty() && !diagnosis.state_now.is_empty());
            assert!(!diagnosis.remedies.is_empty(), "{code}");
        }
    }
}
