//! The three generations of the service's interface.

/// Versions of the newest generation.
const CURRENT: [&str; 4] = [
    "2022-07-01-preview",
    "2022-10-01",
    "2023-10-01-preview",
    "2026-06-01",
];
/// The version in between.
const BETWEEN: &str = "2021-06-01-preview";

/// A generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// 2020-09-01: `/v2/` in the path, one object to import, flat identities.
    Legacy,
    /// 2021-06-01-preview: `?action=import`, a list to import.
    Between,
    /// Since 2022-07-01-preview: `:import`, a list to import.
    Current,
}

/// Why there is no generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    Missing,
    Unsupported,
}

impl Profile {
    /// The generation of a request: `v2` in the path, or its `api-version`. The version 2 is what the
    /// first generation writes into the addresses of its operations.
    pub(super) fn of(has_v2: bool, version: Option<&str>) -> Result<Self, Unknown> {
        match version {
            _ if has_v2 => Ok(Self::Legacy),
            Some("2") => Ok(Self::Legacy),
            Some(BETWEEN) => Ok(Self::Between),
            Some(version) if CURRENT.contains(&version) => Ok(Self::Current),
            Some(_) => Err(Unknown::Unsupported),
            None => Err(Unknown::Missing),
        }
    }
}
