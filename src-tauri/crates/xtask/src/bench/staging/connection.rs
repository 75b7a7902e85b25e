//! A storage that files are staged in: where it is, what opens it, and our client for it.

use std::path::Path;

use super::super::product::release;
use crate::command::Run;

/// The container of every bench.
pub(super) const CONTAINER: &str = "bench";

/// Where a storage is and what opens it.
#[derive(Debug, Clone)]
pub(super) struct Connection(String);

impl Connection {
    pub(super) fn of(endpoint: &str, account: &str, key: &str) -> Self {
        Self(format!(
            "AccountName={account};AccountKey={key};BlobEndpoint={endpoint}"
        ))
    }

    /// As a connection string.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Our client. The hash is that of the file when it was planned.
    pub(super) fn stage(&self, file: &Path, sha256: &str) -> Run {
        self.stage_within(&[], file, sha256)
    }

    /// The same, started by `within`.
    pub(super) fn stage_within(&self, within: &[&str], file: &Path, sha256: &str) -> Run {
        let program = release("stage-file");
        let run = match within.split_first() {
            None => Run::new(program),
            Some((first, rest)) => Run::new(first).args(rest).arg(program),
        };
        run.arg(&self.0).arg(CONTAINER).arg(file).arg(sha256)
    }
}
