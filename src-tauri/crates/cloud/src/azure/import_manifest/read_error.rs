//! Why bytes are no manifest at all: nothing in them can be checked field by field.

use firmdrop_core::{Code, Diagnose, Diagnosis, Remedy};

use super::finding::{Finding, Rule};
use super::size_limit::MOST_BYTES;

/// Why bytes cannot be read as a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// They are more than a manifest has.
    #[error("it has more than {MOST_BYTES} bytes")]
    TooLarge,
    /// There is none, or only white space.
    #[error("it is empty")]
    Empty,
    /// They are a page or XML.
    #[error("it begins with \"<\", like a web page")]
    Page,
    /// They are a text in UTF-16.
    #[error("it is written in UTF-16, and JSON is in UTF-8")]
    Utf16,
    /// They are not UTF-8.
    #[error("byte {at} is not UTF-8, the encoding of JSON")]
    NotUtf8 {
        /// Where.
        at: usize,
    },
    /// They are not JSON.
    #[error("line {line}, column {column}: {why}")]
    NotJson {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
        /// What is wrong there.
        why: String,
    },
    /// They are nested deeper than a manifest is.
    #[error("it is nested deeper than a manifest is")]
    TooDeep,
    /// They are JSON, but no object.
    #[error("it is {0}, and a manifest is an object")]
    NotAnObject(&'static str),
}

impl ReadError {
    /// The same as a finding about the whole file.
    pub fn finding(&self) -> Finding {
        let finding = Finding::new(Rule::Json, "", format!("The file cannot be read: {self}."));
        match self {
            Self::Utf16 => finding.instead(
                "Save it in UTF-8. In Windows PowerShell, > writes UTF-16; use Out-File -Encoding utf8.",
            ),
            _ => finding,
        }
    }
}

impl Diagnose for ReadError {
    fn diagnose(&self) -> Diagnosis {
        let code = match self {
            Self::TooLarge => Code::ManifestTooLarge,
            _ => Code::ManifestUnreadable,
        };
        let finding = self.finding();
        Diagnosis::new(code, finding.what, finding.why)
            .state("Nothing was sent.")
            .remedy(Remedy::Advice {
                text: finding.remedy,
            })
    }
}
