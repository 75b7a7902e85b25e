//! The versions of the interface, and the three profiles that their requests follow.
//!
//! What an operation sends in each is said where the operation is.

use std::str::FromStr;

use super::import_manifest::ApiProfile;

use serde::{Deserialize, Serialize};

/// A version of the interface.
///
/// Announced ends: every preview on 2027-02-28, `2022-10-01` on 2029-08-31 (the service's page about
/// downloads over TLS).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum ApiVersion {
    /// The current one.
    #[default]
    #[serde(rename = "2026-06-01")]
    V2026_06_01,
    /// Adds the usage and quota of an instance.
    #[serde(rename = "2023-10-01-preview")]
    V2023_10_01Preview,
    /// The first that was declared stable.
    #[serde(rename = "2022-10-01")]
    V2022_10_01,
    /// The preview of that.
    #[serde(rename = "2022-07-01-preview")]
    V2022_07_01Preview,
    /// Several updates in one import, paths in lower case.
    #[serde(rename = "2021-06-01-preview")]
    V2021_06_01Preview,
    /// The first generation, `/v2/` in its paths and no version in its queries.
    #[serde(rename = "legacy-v2")]
    LegacyV2,
}

/// What the requests of a version look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    /// `/deviceUpdate/{instance}/updates:import`, an array of items.
    Current,
    /// `/deviceupdate/{instance}/updates?action=import`, an array of items.
    Earlier,
    /// `/deviceupdate/{instance}/v2/updates?action=import`, one object.
    Legacy,
}

impl ApiVersion {
    /// Every version, the newest first.
    pub const ALL: &'static [Self] = &[
        Self::V2026_06_01,
        Self::V2023_10_01Preview,
        Self::V2022_10_01,
        Self::V2022_07_01Preview,
        Self::V2021_06_01Preview,
        Self::LegacyV2,
    ];

    /// As it is written in accounts and, but for the first generation, on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2026_06_01 => "2026-06-01",
            Self::V2023_10_01Preview => "2023-10-01-preview",
            Self::V2022_10_01 => "2022-10-01",
            Self::V2022_07_01Preview => "2022-07-01-preview",
            Self::V2021_06_01Preview => "2021-06-01-preview",
            Self::LegacyV2 => "legacy-v2",
        }
    }

    /// Which generation of import manifests it takes.
    pub const fn manifests(self) -> ApiProfile {
        match self.profile() {
            Profile::Current => ApiProfile::Current,
            Profile::Earlier => ApiProfile::Preview2021,
            Profile::Legacy => ApiProfile::Legacy,
        }
    }

    /// The value of `api-version`; the first generation has none.
    pub(super) fn in_query(self) -> Option<&'static str> {
        (self != Self::LegacyV2).then_some(self.as_str())
    }

    pub(super) const fn profile(self) -> Profile {
        match self {
            Self::V2026_06_01
            | Self::V2023_10_01Preview
            | Self::V2022_10_01
            | Self::V2022_07_01Preview => Profile::Current,
            Self::V2021_06_01Preview => Profile::Earlier,
            Self::LegacyV2 => Profile::Legacy,
        }
    }

    /// Whether one import may hold a parent and its children, and names for them.
    pub fn imports_several(self) -> bool {
        self.profile() != Profile::Legacy
    }

    /// Whether a deployment says how devices download.
    pub fn has_download_security(self) -> bool {
        self == Self::V2026_06_01
    }
}

impl std::fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no version of the interface.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no API version; known are 2026-06-01, 2023-10-01-preview, 2022-10-01, 2022-07-01-preview, 2021-06-01-preview and legacy-v2"
)]
pub struct UnknownApiVersion(String);

impl FromStr for ApiVersion {
    type Err = UnknownApiVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = text.trim();
        let mut all = Self::ALL.iter();
        let known = all.find(|version| version.as_str().eq_ignore_ascii_case(wanted));
        known
            .copied()
            .ok_or_else(|| UnknownApiVersion(wanted.chars().take(40).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_reads_back_as_it_is_written() {
        for version in ApiVersion::ALL {
            assert_eq!(version.as_str().parse(), Ok(*version));
            let json = serde_json::to_string(version).unwrap();
            assert_eq!(json, format!("\"{version}\""));
            assert_eq!(serde_json::from_str::<ApiVersion>(&json).unwrap(), *version);
        }
        assert!("2020-09-01".parse::<ApiVersion>().is_err());
        assert_eq!(ApiVersion::default().as_str(), "2026-06-01");
    }

    #[test]
    fn the_first_generation_has_no_version_in_its_queries() {
        let without: Vec<_> = ApiVersion::ALL
            .iter()
            .filter(|v| v.in_query().is_none())
            .collect();
        assert_eq!(without, [&ApiVersion::LegacyV2]);
    }
}
