//! Texts that users choose: names and descriptions, and how long they may be.

use serde::Deserialize;

use super::refusal::Refusal;

/// Longest name, characters: vendor's API reference.
const LONGEST_NAME: usize = 128;
/// Longest description, characters: vendor's API reference.
const LONGEST_DESCRIPTION: usize = 2000;

/// Name and description as a JSON body or form fields give them.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Texts {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
}

impl Texts {
    pub(crate) fn checked(self) -> Result<Self, Refusal> {
        check_length("name", self.name.as_deref(), LONGEST_NAME)?;
        let description = self.description.as_deref();
        check_length("description", description, LONGEST_DESCRIPTION)?;
        Ok(self)
    }
}

/// Refuses a text of more characters than are allowed.
pub(crate) fn check_length(
    field: &'static str,
    text: Option<&str>,
    most: usize,
) -> Result<(), Refusal> {
    match text {
        Some(text) if text.chars().count() > most => {
            let message = format!("Longer than {most} characters.");
            Err(Refusal::invalid(field, message))
        }
        _ => Ok(()),
    }
}
