//! Versions of a payload: three numbers in schema v3, a time or a migration number in v1.
//!
//! Which version a device runs is not known here; two versions can only be compared.

use firmdrop_core::{Check, CheckResult};
use serde::{Serialize, Serializer};

use crate::ManifestError;

/// Largest value of each of the three numbers. Source: the help of `manifest-tool create`
/// (2.6.2): 0.0.1 to 999.999.999.
const LARGEST_PART: u16 = 999;

/// Bit that marks a v1 version as three numbers: `(1<<55)|(x<<40)|(y<<16)|z`, written by
/// `manifest-tool create-v1 --fw-migrate-ver` (2.6.2) for devices that leave schema v1.
const MIGRATION_BIT: u32 = 55;

/// A version of three numbers, 0.0.1 to 999.999.999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SemanticVersion {
    major: u16,
    minor: u16,
    patch: u16,
}

impl SemanticVersion {
    /// Reads `1.2.3`. No sign, no space, no leading zero, no suffix.
    pub fn read(text: &str) -> Result<Self, ManifestError> {
        let wrong = |why: &str| {
            let shown: String = text.chars().take(40).collect();
            ManifestError::impossible("version", format!("`{shown}` {why}"))
        };
        let mut parts = text.split('.').map(part);
        let (Some(Some(major)), Some(Some(minor)), Some(Some(patch)), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong("is not three numbers from 0 to 999, like 1.2.3"));
        };
        if (major, minor, patch) == (0, 0, 0) {
            return Err(wrong("is below 0.0.1, the least version"));
        }
        Ok(Self {
            major,
            minor,
            patch,
        })
    }

    /// The next greater version; `None` behind the greatest there is.
    pub fn next(self) -> Option<Self> {
        let Self {
            major,
            minor,
            patch,
        } = self;
        let (major, minor, patch) = match (major, minor, patch) {
            (major, minor, patch) if patch < LARGEST_PART => (major, minor, patch + 1),
            (major, minor, _) if minor < LARGEST_PART => (major, minor + 1, 0),
            (major, _, _) if major < LARGEST_PART => (major + 1, 0, 0),
            _ => return None,
        };
        Some(Self {
            major,
            minor,
            patch,
        })
    }

    /// The number a v1 manifest carries for this version when a device moves to schema v3.
    pub fn migration_number(self) -> u64 {
        (1 << MIGRATION_BIT)
            | (u64::from(self.major) << 40)
            | (u64::from(self.minor) << 16)
            | u64::from(self.patch)
    }

    /// The version behind a migration number, when the number is one.
    pub fn from_migration_number(number: u64) -> Option<Self> {
        let part = |shift: u32| u16::try_from((number >> shift) & 0xff_ffff).ok();
        let version = Self {
            major: u16::try_from((number >> 40) & 0x7fff).ok()?,
            minor: part(16)?,
            patch: u16::try_from(number & 0xffff).ok()?,
        };
        let in_range = [version.major, version.minor, version.patch]
            .iter()
            .all(|part| *part <= LARGEST_PART);
        (in_range && version.migration_number() == number).then_some(version)
    }
}

fn part(text: &str) -> Option<u16> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let has_no_leading_zero = text == "0" || !text.starts_with('0');
    let value: u16 = text.parse().ok()?;
    (is_plain && has_no_leading_zero && value <= LARGEST_PART).then_some(value)
}

impl std::fmt::Display for SemanticVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The version a manifest carries.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[cfg_attr(feature = "specta", specta(type = String))]
pub enum Version {
    /// Three numbers; schema v3.
    Semantic(SemanticVersion),
    /// Seconds since 1970 or a migration number; schema v1.
    Number(u64),
    /// A text that is no version of the schema. It cannot be compared.
    Other(String),
}

impl Version {
    /// The number devices compare; `None` for a text that is no version.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Semantic(version) => Some(version.migration_number()),
            Self::Number(number) => Some(*number),
            Self::Other(_) => None,
        }
    }

    /// The check that this version may follow `previous`: devices take only a greater one.
    pub fn grows_from(&self, previous: &Self) -> Check {
        let (result, why) = match (self.number(), previous.number()) {
            (Some(new), Some(old)) if new > old => (
                CheckResult::Passed,
                format!("{self} is greater than {previous}."),
            ),
            (Some(_), Some(_)) => (
                CheckResult::Failed,
                format!("{self} is not greater than {previous}; devices refuse it."),
            ),
            _ => (
                CheckResult::NotMade,
                format!("{self} and {previous} cannot be compared."),
            ),
        };
        Check::new("Version", result, why)
    }

    /// As [`Self::grows_from`], for callers that stop when it does not.
    pub fn require_growth(&self, previous: &Self) -> Result<(), ManifestError> {
        if self.grows_from(previous).result == CheckResult::Failed {
            return Err(ManifestError::VersionNotGreater {
                version: self.to_string(),
                previous: previous.to_string(),
            });
        }
        Ok(())
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Semantic(version) => write!(f, "{version}"),
            Self::Number(number) => match SemanticVersion::from_migration_number(*number) {
                Some(version) => write!(f, "{number} ({version})"),
                None => write!(f, "{number}"),
            },
            Self::Other(text) => write!(f, "{text}"),
        }
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn semantic(text: &str) -> Version {
        Version::Semantic(SemanticVersion::read(text).unwrap())
    }

    #[test]
    fn the_migration_number_is_the_one_the_vendors_tool_writes() {
        let version = SemanticVersion::read("2.0.2").unwrap();
        assert_eq!(version.migration_number(), 36_030_996_042_219_522);
        assert_eq!(
            SemanticVersion::from_migration_number(36_030_996_042_219_522),
            Some(version)
        );
        assert_eq!(SemanticVersion::from_migration_number(1_700_000_000), None);
    }

    #[test]
    fn the_next_version_carries_and_ends() {
        let next = |text| SemanticVersion::read(text).unwrap().next();
        let stated = |text| next(text).map(|version| version.to_string());
        assert_eq!(stated("1.2.3").as_deref(), Some("1.2.4"));
        assert_eq!(stated("1.2.999").as_deref(), Some("1.3.0"));
        assert_eq!(stated("1.999.999").as_deref(), Some("2.0.0"));
        assert_eq!(stated("999.999.999"), None);
    }

    #[test]
    fn versions_are_compared_as_numbers_and_not_as_text() {
        let grows = |new: &Version, old: &Version| new.grows_from(old).result;
        assert_eq!(
            grows(&semantic("1.10.0"), &semantic("1.9.0")),
            CheckResult::Passed
        );
        assert_eq!(
            grows(&semantic("1.2.3"), &semantic("1.2.3")),
            CheckResult::Failed
        );
        let time = Version::Number(1_700_000_000);
        assert_eq!(grows(&semantic("0.0.1"), &time), CheckResult::Passed);
        assert!(time.require_growth(&semantic("0.0.1")).is_err());
        let other = Version::Other("x".to_owned());
        assert_eq!(grows(&other, &time), CheckResult::NotMade);
    }

    #[test]
    fn only_three_plain_numbers_up_to_999_are_a_version() {
        assert!(SemanticVersion::read("999.999.999").is_ok());
        for text in [
            "",
            "1.2",
            "1.2.3.4",
            "0.0.0",
            "1.2.1000",
            "01.2.3",
            "+1.2.3",
            "1.2.3-rc1",
            "1..3",
        ] {
            assert!(SemanticVersion::read(text).is_err(), "{text}");
        }
    }
}
