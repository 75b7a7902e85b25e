//! What `inspect` answers.

use firmdrop_api::Verdict;
use firmdrop_core::{Md5, Sha256};
use serde::Serialize;

/// Version of the answer as JSON; docs/inspect.md lists what each one added.
pub(super) const SCHEMA_VERSION: u32 = 2;

/// The answer as JSON.
#[derive(Serialize)]
pub(super) struct Answer<'a> {
    pub(super) schema_version: u32,
    #[serde(flatten)]
    pub(super) verdict: &'a Verdict,
    pub(super) sha256: Sha256,
    pub(super) md5: Option<Md5>,
}
