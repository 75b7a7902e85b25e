//! What the bench cannot be opened, armed or changed with, in words.

use std::path::Path;

use firmdrop_core::{Code, Diagnosis, Remedy};

/// A request that was not carried out; nothing was written to a reader.
pub(crate) fn refused(what: impl Into<String>, why: impl Into<String>, advice: &str) -> Diagnosis {
    Diagnosis::new(Code::BenchNotReady, what, why)
        .state("No reader was written.")
        .remedy(Remedy::advice(advice))
}

/// A line that could not be written to a log or a record.
pub(super) fn not_written(path: &Path, error: &std::io::Error) -> Diagnosis {
    let code = match error.kind() {
        std::io::ErrorKind::StorageFull => Code::DiskFull,
        _ => Code::BenchNotReady,
    };
    let what = format!("{} was not written.", path.display());
    Diagnosis::new(code, what, error.to_string())
        .titled("The record of a unit was not written")
        .state("Nothing more starts until it can be written.")
        .remedy(Remedy::advice(
            "Make room, or make the file writable, then arm again.",
        ))
}
