//! What happened, why, what state things are in, and what to do: the only form in which a failure
//! reaches a person.

use serde::{Deserialize, Serialize};

use crate::{Code, Remedy};

/// A failure as a person reads it. Nothing in it is secret: whoever builds one redacts first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code} {what_happened} {why}")]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Diagnosis {
    /// The stable code; its title is the heading.
    pub code: Code,
    /// The heading: a fact about the person's work.
    pub title: String,
    /// What happened, one or two sentences.
    pub what_happened: String,
    /// The lowest layer's cause. Says "probably" when it is inferred.
    pub why: String,
    /// What the device or the service was left with. Never a guess: says so when it is unknown.
    pub state_now: String,
    /// What helps, the best first.
    pub remedies: Vec<Remedy>,
    /// Facts for support: request ids, status lines, offsets.
    pub details: Vec<Detail>,
}

/// One labelled fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Detail {
    /// What it is: "Request id".
    pub label: String,
    /// What it says, as the other side wrote it.
    pub value: String,
}

impl Diagnosis {
    /// The state after a refusal before anything was sent. A job that was resumed puts what its earlier
    /// runs left in its place.
    pub const NOTHING_SENT: &str = "Nothing was sent.";

    /// A diagnosis whose heading is the code's own title. Both sentences begin with a capital letter,
    /// as the text of an error does not; a name at their beginning stays as it is.
    pub fn new(code: Code, what_happened: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            code,
            title: code.title().to_owned(),
            what_happened: capital(what_happened.into()),
            why: capital(why.into()),
            state_now: String::new(),
            remedies: Vec::new(),
            details: Vec::new(),
        }
    }

    /// With a heading of its own instead of the code's.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// With the state the other side was left in.
    #[must_use]
    pub fn state(mut self, state_now: impl Into<String>) -> Self {
        self.state_now = state_now.into();
        self
    }

    /// With one more remedy.
    #[must_use]
    pub fn remedy(mut self, remedy: Remedy) -> Self {
        self.remedies.push(remedy);
        self
    }

    /// With one more fact for support.
    #[must_use]
    pub fn detail(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.details.push(Detail {
            label: label.into(),
            value: value.into(),
        });
        self
    }
}

/// The text with a capital letter, when it begins with a plain word. A path, an address or a program's
/// name with digits, dots or dashes in it is none.
fn capital(text: String) -> String {
    let word = text.split(' ').next().unwrap_or_default();
    let word = word.trim_end_matches([',', ';', ':', '.']);
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return text;
    }
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// An error that knows how to explain itself. Each layer's error enum implements it beside its
/// variants, so whoever adds a variant has to think of the remedy.
pub trait Diagnose {
    /// The failure in a person's words.
    fn diagnose(&self) -> Diagnosis;
}

/// With it, `?` turns any error of ours into a diagnosis.
impl<E: Diagnose> From<E> for Diagnosis {
    fn from(error: E) -> Self {
        error.diagnose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_begin_with_a_capital_letter_and_names_stay_as_they_are() {
        let of = |what: &str| Diagnosis::new(Code::LinkLost, what, "").what_happened;
        assert_eq!(of("the reader is silent"), "The reader is silent");
        assert_eq!(of("timeout: nothing came"), "Timeout: nothing came");
        for name in [
            "puck.bin is empty",
            "/dev/ttyACM0 left",
            "sim:reader-1",
            "größe",
            "",
        ] {
            assert_eq!(of(name), name);
        }
    }
}
