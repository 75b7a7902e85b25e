//! Every failure there is, for a list that can be read without one having happened.

use firmdrop_core::{Code, Family};
use serde::{Deserialize, Serialize};

/// A failure as the list of failures shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ErrorCode {
    /// The stable code, `FD-412`.
    pub code: Code,
    /// Its heading.
    pub title: String,
    /// What it is about.
    pub family: Family,
    /// The family's heading.
    pub family_title: String,
    /// What a failure of the family means.
    pub meaning: String,
}

/// Every code there is, in order.
pub fn error_codes() -> Vec<ErrorCode> {
    let listed = |code: &Code| ErrorCode {
        code: *code,
        title: code.title().to_owned(),
        family: code.family(),
        family_title: code.family().title().to_owned(),
        meaning: code.family().meaning().to_owned(),
    };
    Code::ALL.iter().map(listed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_listed_once_with_its_family_and_families_stand_together() {
        let codes = error_codes();
        assert_eq!(codes.len(), Code::ALL.len());
        let mut families: Vec<Family> = codes.iter().map(|code| code.family).collect();
        families.dedup();
        let mut once = families.clone();
        once.sort_by_key(|family| family.title());
        once.dedup();
        assert_eq!(families.len(), once.len(), "{families:?}");
        assert!(codes.iter().all(|code| !code.meaning.is_empty()));
    }
}
