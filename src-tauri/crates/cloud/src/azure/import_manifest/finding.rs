//! What a check found: which rule is broken, at which field, why it is a rule, what to do.

use serde::{Serialize, Serializer};

pub use super::rule_table::Rule;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Severity {
    /// The service refuses the import, or the device cannot install the update.
    Error,
    /// It is accepted, and probably not what is meant.
    Warning,
}

/// One broken rule at one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// The rule, by its stable id.
    #[cfg_attr(feature = "specta", specta(type = String))]
    pub rule: Rule,
    /// The field, as a JSON pointer (RFC 6901). Empty for the whole manifest. A field that is
    /// missing is named where it should be.
    pub pointer: String,
    /// What is so.
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// What helps.
    pub remedy: String,
}

impl Finding {
    /// A finding with the reason and the remedy of its rule.
    pub(super) fn new(rule: Rule, pointer: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            severity: rule.severity(),
            rule,
            pointer: pointer.into(),
            what: what.into(),
            why: rule.why().to_owned(),
            remedy: rule.remedy().to_owned(),
        }
    }

    /// With a reason of its own.
    #[must_use]
    pub(super) fn because(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// With a remedy of its own.
    #[must_use]
    pub(super) fn instead(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// A foreign text inside a sentence: in quotes and not longer than a line.
pub(super) fn shown(text: &str) -> String {
    const MOST_CHARACTERS: usize = 80;
    let short: String = text.chars().take(MOST_CHARACTERS).collect();
    if short.len() < text.len() {
        format!("\"{short}…\"")
    } else {
        format!("\"{short}\"")
    }
}

/// A number with its noun.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        0 => format!("no {one}"),
        1 => format!("1 {one}"),
        _ => format!("{number} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_rules_are_stable_words_and_each_is_used_once() {
        let mut ids: Vec<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        let is_word = |id: &&str| {
            id.bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit())
        };
        assert!(ids.iter().all(is_word), "{ids:?}");
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
        for rule in Rule::ALL {
            assert!(
                rule.why().ends_with('.') && rule.remedy().ends_with('.'),
                "{rule}"
            );
        }
    }

    #[test]
    fn foreign_text_is_cut_to_a_line() {
        assert_eq!(shown("a"), "\"a\"");
        assert!(shown(&"é".repeat(100_000)).len() < 200);
    }
}
