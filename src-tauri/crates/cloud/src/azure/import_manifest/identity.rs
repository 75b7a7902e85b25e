//! Who an update is: provider, name, version, and when two of them are one.

use serde::{Deserialize, Serialize};

/// Largest number in a part of a version. Source: import schema, `updateId.version`.
pub const MOST_PART: u32 = 2_147_483_647;

/// An update's identity, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct UpdateId {
    /// Who makes it.
    pub provider: String,
    /// What it is for.
    pub name: String,
    /// Two to four numbers with dots between.
    pub version: String,
}

impl UpdateId {
    /// An identity from its parts, as they are written.
    pub fn new(provider: &str, name: &str, version: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
        }
    }

    /// Whether the service takes both for one update: leading zeros of a version do not count.
    pub fn is_same(&self, other: &Self) -> bool {
        let plain = |id: &Self| UpdateVersion::read(&id.version).map(|one| one.to_string());
        self.provider == other.provider
            && self.name == other.name
            && plain(self).unwrap_or_else(|_| self.version.clone())
                == plain(other).unwrap_or_else(|_| other.version.clone())
    }
}

impl std::fmt::Display for UpdateId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.provider, self.name, self.version)
    }
}

/// A version whose leading zeros were dropped. Fewer parts come before more: 1.0 before 1.0.0.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UpdateVersion(Vec<u32>);

/// Why a text is no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// Something else than digits with single dots between.
    #[error("it is not made of numbers with dots between")]
    Format,
    /// Too few or too many parts.
    #[error("it has {0} parts, and a version has two to four")]
    Parts(usize),
    /// A number is too large.
    #[error("a part is greater than {MOST_PART}")]
    Range,
}

impl UpdateVersion {
    /// Reads a version. Source: import schema, `updateId.version`: two to four parts of 0 to
    /// 2147483647.
    pub fn read(text: &str) -> Result<Self, VersionError> {
        let parts: Vec<&str> = text.split('.').collect();
        let is_number =
            |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !parts.iter().all(is_number) {
            return Err(VersionError::Format);
        }
        if !(2..=4).contains(&parts.len()) {
            return Err(VersionError::Parts(parts.len()));
        }
        let number = |part: &str| part.parse::<u32>().ok().filter(|part| *part <= MOST_PART);
        let numbers: Option<Vec<u32>> = parts.into_iter().map(number).collect();
        numbers.map(Self).ok_or(VersionError::Range)
    }
}

impl std::fmt::Display for UpdateVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&parts.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_the_reference_read_as_they_should() {
        for good in ["1.0", "2021.11.8", "1.2.3.4", "0.0", "2147483647.0"] {
            assert_eq!(UpdateVersion::read(good).unwrap().to_string(), good);
        }
        for (bad, why) in [
            ("1", VersionError::Parts(1)),
            ("1.2.3.4.5", VersionError::Parts(5)),
            ("1.", VersionError::Format),
            (".1", VersionError::Format),
            ("", VersionError::Format),
            ("v1.0", VersionError::Format),
            ("1.0-rc1", VersionError::Format),
            ("1.-1", VersionError::Format),
            ("1. 0", VersionError::Format),
            ("1.٣", VersionError::Format),
            ("1.2147483648", VersionError::Range),
            ("1.99999999999999999999", VersionError::Range),
        ] {
            assert_eq!(UpdateVersion::read(bad), Err(why), "{bad}");
        }
    }

    #[test]
    fn leading_zeros_make_no_other_identity() {
        let id = |version| UpdateId::new("Contoso", "Toaster", version);
        assert!(id("01.0").is_same(&id("1.00")));
        assert!(!id("1.0").is_same(&id("1.0.0")));
        assert!(!id("1.0").is_same(&id("1.1")));
        assert!(!id("1.0").is_same(&UpdateId::new("contoso", "Toaster", "1.0")));
        let read = |text| UpdateVersion::read(text).unwrap();
        assert!(read("1.10") > read("1.9"));
        assert!(read("1.0") < read("1.0.0"));
    }
}
