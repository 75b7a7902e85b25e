//! Import manifests: what an update is made of, and every rule that can be checked before a byte is
//! sent. Pure: it reads no file and asks nobody.
//!
//! [`ImportManifest::read`] takes bytes of anybody, [`ImportManifest::check`] finds what is wrong with
//! them and where, [`mend`] renews sizes and hashes and touches nothing else, [`Draft`] makes a
//! manifest from files, [`ImportManifest::write`] makes the bytes that are sent.

mod batch;
mod check;
mod check_context;
mod draft;
#[cfg(test)]
mod field_reports;
mod fields;
mod file_kind;
mod file_name;
mod files_given;
mod finding;
mod handler;
mod hash;
mod identity;
mod json;
mod mend;
mod model;
mod pointer;
mod read;
mod read_error;
mod rule_table;
mod rules;
#[cfg(test)]
mod samples;
mod service;
mod size_limit;
mod tree;
mod write;

pub use batch::{BatchFinding, check_batch};
pub use check::check_bytes;
pub use check_context::{CheckContext, Limits};
pub use draft::{Draft, DraftError, DraftFile, DraftStep, Layout, Plan};
pub use file_kind::{FileKind, HEAD_BYTES};
pub use files_given::{FileFacts, FilesGiven};
pub use finding::{Finding, Rule, Severity};
pub use handler::{APT, DELTA, SCRIPT, SIMULATOR, SWUPDATE_1, SWUPDATE_2};
pub use identity::{MOST_PART, UpdateId, UpdateVersion, VersionError};
pub use json::{Json, Members};
pub use mend::{Change, Mended, line_of, mend};
pub use model::{
    Action, ApiProfile, DownloadHandler, FileEntry, ImportManifest, ManifestVersion, Step,
    UpdateFile, compatibility,
};
pub use read_error::ReadError;
pub use service::{KnownUpdate, Tier};
pub use size_limit::MOST_BYTES;
pub use write::WrittenManifest;
